package ui

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// checkText prints a report for people.
type checkText struct {
	w        io.Writer
	style    Style
	several  bool
	verbose  bool
	printed  bool
	verdicts map[check.Verdict]int
	err      error
}

// maxRecordLines bounds the lines that one record takes on the screen.
const maxRecordLines = 8

func (p *checkText) line(text string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, strings.TrimRight(text, " ")+"\n")
	}
}

// wrapped writes a text below a margin, broken at its spaces.
func (p *checkText) wrapped(margin, text string) { p.hanging(margin, len(margin), text) }

func (p *checkText) Print(d CheckedDomain) error {
	if p.printed {
		p.line("")
	}
	p.printed = true
	p.verdicts[d.Verdict]++
	p.line(fmt.Sprintf("%s  %s  %s", p.style.Bold(nameOf(d.Domain.Domain)), verdictText(p.style, d.Verdict), p.style.Faint(countFindings(d.Findings))))
	for i := 0; i < len(d.Findings); {
		same := alike(d.Findings[i:])
		if d.Findings[i].Severity != check.SeverityOK {
			p.finding(d, d.Findings[i], same...)
		}
		i += 1 + len(same)
	}
	p.sameRecord(d.Findings)
	p.profiles(d.Profiles)
	fine, unused := allRight(d.Domain)
	if len(fine)+len(unused) > 0 {
		p.line("")
	}
	if len(fine) > 0 {
		p.hanging("  "+p.style.Good("ok")+"       ", 11, strings.Join(fine, ", "))
	}
	if !p.several || p.verbose {
		p.fineRecords(d.Domain, fine)
	}
	if len(unused) > 0 {
		p.hanging("  "+p.style.Faint("unused")+"   ", 11, strings.Join(unused, ", "))
	}
	return p.err
}

// alike returns the subjects of the findings behind the first one that say the
// same of other names: that they could not be looked up.
func alike(findings []check.Finding) []string {
	var subjects []string
	for _, f := range findings[1:] {
		if f.Severity != check.SeverityUnknown || f.ID != findings[0].ID || f.Standard == check.StandardPolicy {
			break
		}
		subjects = append(subjects, f.Subject)
	}
	return subjects
}

// allRight names the standards with which nothing is wrong, and the findings that say
// so of something else; and apart from them those that the domain makes no use of.
func allRight(d check.Domain) (fine, unused []string) {
	var said []string
	for _, f := range d.Findings {
		switch {
		case f.Severity != check.SeverityOK:
		case f.ID == check.OKRule(f.Standard):
			if check.Publishes(d.Records[f.Standard]) {
				fine = append(fine, string(f.Standard))
			} else {
				unused = append(unused, string(f.Standard))
			}
		case !slices.Contains(said, f.ID):
			said = append(said, f.ID)
		}
	}
	return append(fine, said...), unused
}

// nameOf shows a domain in its own script, and as the DNS has it.
func nameOf(domain string) string {
	a := delivery.Address{Local: "x", Domain: domain}
	if shown := strings.TrimPrefix(a.Unicode(), "x@"); shown != domain {
		return printable(shown) + " (" + printable(domain) + ")"
	}
	return printable(domain)
}

// finding writes one finding: what is wrong, of which other names the same is
// true, what there is, and what to publish.
func (p *checkText) finding(d CheckedDomain, f check.Finding, others ...string) {
	const margin = "           "
	p.line("")
	title := p.style.Bold(f.ID)
	if f.Subject != "" && f.Subject != d.Domain.Domain {
		title += p.style.Faint("  " + printable(f.Subject))
	}
	p.line(fmt.Sprintf("  %s%s%s", severityText(p.style, f.Severity), strings.Repeat(" ", len(margin)-2-len(f.Severity)), title))
	message := f.Message
	if f.Ref != "" {
		message += " (" + f.Ref + ")"
	}
	p.wrapped(margin, message)
	if len(others) > 0 {
		p.wrapped(margin, "the same at "+strings.Join(others, ", "))
	}
	if f.Record != "" {
		p.record(margin, f.Record)
	}
	if f.Fix == "" {
		return
	}
	// What is to be pasted begins in the first column: in a zone file, a line that
	// begins with a space belongs to the name before it.
	todo, paste, _ := strings.Cut(f.Fix, "\n")
	if isZone(f.Fix) {
		paste = f.Fix
		p.line(margin + p.style.Faint("publish:"))
	} else {
		p.hanging(margin+p.style.Faint("to do: "), len(margin)+7, todo)
	}
	if paste != "" {
		p.line(FoldRecords(printable(strings.TrimRight(paste, "\n")), p.style))
	}
}

// record writes a record as it is, or its beginning.
func (p *checkText) record(margin, record string) {
	const label = "found: "
	rest := strings.Repeat(" ", len(margin)+len(label))
	lines := wrapRecord(record, max(p.style.Width-len(rest), 20))
	if len(lines) > maxRecordLines {
		lines = append(lines[:maxRecordLines-1], fmt.Sprintf("… (%s octets; --format json has all)", Count(len(record))))
	}
	for i, line := range lines {
		if i == 0 {
			p.line(margin + p.style.Faint(label) + line)
			continue
		}
		p.line(rest + strings.TrimLeft(line, " "))
	}
}

// hanging writes a text behind a label, its other lines below its first.
func (p *checkText) hanging(label string, width int, text string) {
	for i, line := range wrapWords(printable(text), p.style.Width-width) {
		if i > 0 {
			label = strings.Repeat(" ", width)
		}
		p.line(label + line)
	}
}

// wrapRecord breaks a record at its spaces, and where a word is wider than the line,
// but not at hyphens, where [ansi.Wrap] always does: "-all" is one word.
func wrapRecord(record string, width int) []string {
	const hyphen = "\ue000" // for private use: nobody publishes it
	text := strings.ReplaceAll(printable(record), "-", hyphen)
	return strings.Split(strings.ReplaceAll(ansi.Wrap(text, width, ""), hyphen, "-"), "\n")
}

// wrapWords breaks a text at its spaces and nowhere else, so that an address or a
// command that is too long can still be copied.
func wrapWords(text string, width int) []string {
	lines := []string{""}
	for i, paragraph := range strings.Split(text, "\n") {
		if i > 0 {
			lines = append(lines, "")
		}
		for word := range strings.FieldsSeq(paragraph) {
			last := &lines[len(lines)-1]
			switch {
			case *last == "":
				*last = word
			case ansi.StringWidth(*last)+1+ansi.StringWidth(word) <= width:
				*last += " " + word
			default:
				lines = append(lines, word)
			}
		}
	}
	return lines
}

func (p *checkText) End() error {
	if !p.several || !p.printed {
		return p.err
	}
	total, parts := 0, []string{}
	for _, v := range []check.Verdict{check.VerdictFail, check.VerdictUnknown, check.VerdictWarn, check.VerdictPass} {
		if n := p.verdicts[v]; n > 0 {
			total += n
			parts = append(parts, Count(n)+" "+string(v))
		}
	}
	p.line("")
	p.line(p.style.Bold(Plural(total, "domain")) + ": " + strings.Join(parts, ", "))
	return p.err
}

func verdictText(style Style, v check.Verdict) string {
	switch v {
	case check.VerdictPass:
		return style.Good(string(v))
	case check.VerdictFail:
		return style.Bad(string(v))
	case check.VerdictWarn, check.VerdictUnknown:
		return style.Warn(string(v))
	}
	return string(v)
}

func severityText(style Style, s check.Severity) string {
	switch s {
	case check.SeverityError:
		return style.Bad(string(s))
	case check.SeverityWarning, check.SeverityUnknown:
		return style.Warn(string(s))
	case check.SeverityOK:
		return style.Good(string(s))
	case check.SeverityNotice:
	}
	return string(s)
}
