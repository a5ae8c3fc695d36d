package ui

import (
	"fmt"
	"strings"

	"github.com/mailctl/mailctl/pkg/check"
)

// maxFineLines bounds the lines on the screen of a record that nothing is wrong with.
const maxFineLines = 3

// published returns the records of a standard as they were found, each behind the
// name below the domain at which it is, where there are several such names.
func published(records any) []string {
	switch r := records.(type) {
	case check.MXRecords:
		return r.Records
	case check.SPFRecords:
		return r.Records
	case check.DMARCRecords:
		return nonEmpty(r.Record)
	case check.MTASTSRecords:
		return r.Records
	case check.TLSRPTRecords:
		return r.Records
	case check.BIMIRecords:
		return r.Records
	case check.DKIMRecords:
		var all []string
		for _, key := range r.Keys {
			all = append(all, behindName(key.Selector, key.Records)...)
		}
		return all
	case check.DANERecords:
		var all []string
		for _, host := range r.Hosts {
			all = append(all, behindName(host.Name, host.Records)...)
		}
		return all
	}
	return nil
}

func nonEmpty(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

func behindName(name string, records []string) []string {
	named := make([]string, len(records))
	for i, record := range records {
		named[i] = name + ": " + record
	}
	return named
}

// recordOf returns the record that a finding shows: its own, else, where all is
// well, those that are published.
func recordOf(d check.Domain, f check.Finding) string {
	if f.Record != "" || f.Severity != check.SeverityOK || f.ID != check.OKRule(f.Standard) {
		return f.Record
	}
	return strings.Join(published(d.Records[f.Standard]), "\n")
}

// fineRecords writes what is published where all is well: the beginning of each
// record, or all of it.
func (p *checkText) fineRecords(d check.Domain, fine []string) {
	const margin = "           "
	width := 0
	for _, standard := range fine {
		width = max(width, len(standard))
	}
	for _, standard := range fine {
		label := fmt.Sprintf("%-*s  ", width, standard)
		for _, record := range published(d.Records[check.Standard(standard)]) {
			p.fineRecord(margin, label, shortMX(d.Domain, record))
			label = strings.Repeat(" ", len(label))
		}
	}
}

func (p *checkText) fineRecord(margin, label, record string) {
	below := strings.Repeat(" ", len(margin)+len(label))
	lines := wrapRecord(record, max(p.style.Width-len(below), 20))
	if len(lines) > maxFineLines && !p.verbose {
		lines = append(lines[:maxFineLines-1], fmt.Sprintf("… (%s octets; --verbose has all)", Count(len(record))))
	}
	for i, line := range lines {
		if i == 0 {
			p.line(margin + p.style.Faint(label+line))
			continue
		}
		p.line(below + p.style.Faint(strings.TrimLeft(line, " ")))
	}
}

// shortMX leaves the domain and the type out of its MX record.
func shortMX(domain, record string) string {
	return strings.TrimPrefix(record, domain+". MX ")
}
