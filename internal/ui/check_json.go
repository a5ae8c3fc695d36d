package ui

import (
	"encoding/csv"
	"io"

	"github.com/mailctl/mailctl/pkg/check"
)

// checkJSON prints a [check.Report], domain by domain.
type checkJSON struct{ list *JSONList }

func (p *checkJSON) Print(d CheckedDomain) error { return p.list.Add(d.complete()) }
func (p *checkJSON) End() error                  { return p.list.End() }

// checkLines prints one domain a line.
type checkLines struct{ w io.Writer }

func (p checkLines) Print(d CheckedDomain) error {
	return WriteJSON(p.w, struct {
		Schema string `json:"schema"`
		check.Domain
	}{check.Schema, d.complete()})
}

func (checkLines) End() error { return nil }

// checkCSV prints one finding a row.
type checkCSV struct {
	table *csv.Writer
	begun bool
}

func newCheckCSV(w io.Writer) *checkCSV { return &checkCSV{table: csv.NewWriter(w)} }

func (p *checkCSV) begin() {
	if !p.begun {
		p.begun = true
		_ = p.table.Write([]string{"domain", "verdict", "severity", "standard", "id", "subject", "message", "fix", "record", "ref"})
	}
}

func (p *checkCSV) Print(d CheckedDomain) error {
	p.begin()
	for _, f := range d.Findings {
		_ = p.table.Write([]string{
			d.Domain.Domain, string(d.Verdict), string(f.Severity), string(f.Standard), f.ID, f.Subject,
			f.Message, f.Fix, recordOf(d.Domain, f), f.Ref,
		})
	}
	p.table.Flush()
	return p.table.Error()
}

func (p *checkCSV) End() error {
	p.begin()
	p.table.Flush()
	return p.table.Error()
}
