package ui

import (
	"encoding/csv"
	"io"
	"strconv"

	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/probe"
)

// A ProbedGroup is what was found out about a request, and where the user wrote
// it.
type ProbedGroup struct {
	probe.Group
	Place Place
}

// A ProbePrinter prints what was found out about servers, request by request.
type ProbePrinter interface {
	Print(g ProbedGroup) error
	// End completes what was printed. Nothing can be printed after it.
	End() error
}

// NewProbePrinter returns the printer for one of [CheckFormats].
func NewProbePrinter(w io.Writer, style Style, format string, opt CheckOptions) ProbePrinter {
	opt.Command, opt.Rules = "probe", ProbeRules()
	switch format {
	case "json":
		return probeJSON{NewJSONList(w, probe.Schema, "targets")}
	case "jsonl":
		return probeLines{w}
	case "csv":
		return &probeCSV{table: csv.NewWriter(w)}
	case "text":
		return newProbeText(w, style, opt)
	}
	return probeFindings{NewCheckPrinter(w, style, format, opt)}
}

// ProbeRules returns what can be found out about servers, as rules of findings
// about domains: their fields are the same.
func ProbeRules() []check.Rule {
	var rules []check.Rule
	for _, r := range probe.Rules() {
		rules = append(rules, check.Rule{
			ID: r.ID, Standard: r.Standard, Severity: r.Severity, Title: r.Title, Why: r.Why, Ref: r.Ref,
		})
	}
	return rules
}

// probeJSON prints the results of all requests as one list.
type probeJSON struct{ list *JSONList }

func (p probeJSON) Print(g ProbedGroup) error {
	for _, r := range g.Results {
		if err := p.list.Add(r); err != nil {
			return err
		}
	}
	return nil
}

func (p probeJSON) End() error { return p.list.End() }

// probeLines prints one result a line.
type probeLines struct{ w io.Writer }

func (p probeLines) Print(g ProbedGroup) error {
	for _, r := range g.Results {
		err := WriteJSON(p.w, struct {
			Schema string `json:"schema"`
			probe.Result
		}{probe.Schema, r})
		if err != nil {
			return err
		}
	}
	return nil
}

func (probeLines) End() error { return nil }

// probeFindings prints findings as those about domains are printed: a server in
// the place of a domain.
type probeFindings struct{ printer CheckPrinter }

func (p probeFindings) Print(g ProbedGroup) error {
	for _, r := range g.Results {
		if err := p.printer.Print(checkedServer(r, g.Place)); err != nil {
			return err
		}
	}
	return nil
}

func (p probeFindings) End() error { return p.printer.End() }

// checkedServer returns a result in the form of a domain.
func checkedServer(r probe.Result, place Place) CheckedDomain {
	return CheckedDomain{Domain: check.Domain{Domain: printable(r.Endpoint()), Verdict: r.Verdict, Findings: r.Findings}, Place: place}
}

// probeCSV prints one finding a row, and a row for a server without any.
type probeCSV struct {
	table *csv.Writer
	begun bool
}

func (p *probeCSV) begin() {
	if !p.begun {
		p.begun = true
		_ = p.table.Write([]string{
			"host", "address", "port", "domain", "verdict", "reachable", "reason", "tls", "expires",
			"severity", "standard", "id", "message", "fix", "record", "ref",
		})
	}
}

func (p *probeCSV) Print(g ProbedGroup) error {
	p.begin()
	for _, r := range g.Results {
		findings := r.Findings
		if len(findings) == 0 {
			findings = []probe.Finding{{}}
		}
		for _, f := range findings {
			_ = p.table.Write(append(csvServer(r), string(f.Severity), string(f.Standard), f.ID, f.Message, f.Fix, f.Record, f.Ref))
		}
	}
	p.table.Flush()
	return p.table.Error()
}

func csvServer(r probe.Result) []string {
	version, expires := "", ""
	if r.TLS != nil {
		version = r.TLS.Version
	}
	if len(r.Chain) > 0 {
		expires = r.Chain[0].NotAfter.Format("2006-01-02")
	}
	return []string{
		r.Host, r.Address, strconv.Itoa(r.Port), r.Domain, string(r.Verdict), strconv.FormatBool(r.Reachable), string(r.Reason), version, expires,
	}
}

func (p *probeCSV) End() error {
	p.begin()
	p.table.Flush()
	return p.table.Error()
}
