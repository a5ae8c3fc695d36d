package ui

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/finding"
	"github.com/mailctl/mailctl/pkg/probe"
)

// probeText prints, for each request, a table of its servers and what is wrong
// with them.
type probeText struct {
	text     *checkText
	several  bool
	verdicts map[probe.Verdict]int
	closed   int // ports that nobody said were open
	printed  bool
}

func newProbeText(w io.Writer, style Style, opt CheckOptions) *probeText {
	return &probeText{text: &checkText{w: w, style: style, verbose: opt.Verbose}, several: opt.Several, verdicts: map[probe.Verdict]int{}}
}

func (p *probeText) Print(g ProbedGroup) error {
	t := p.text
	if p.printed {
		t.line("")
	}
	p.printed = true
	worst := probe.VerdictPass
	for _, r := range g.Results {
		if r.Verdict == probe.VerdictPass && !r.Reachable {
			p.closed++
		} else {
			p.verdicts[r.Verdict]++
		}
		if worse(r.Verdict, worst) {
			worst = r.Verdict
		}
	}
	what := Plural(len(g.Results), "port") + " probed"
	if g.Domain {
		what = "its mail exchangers"
	}
	t.line(fmt.Sprintf("%s  %s  %s", t.style.Bold(nameOf(g.Name)), verdictText(t.style, worst), t.style.Faint(what)))
	if err := p.table(g); err != nil {
		return err
	}
	if t.verbose {
		p.facts(g)
	}
	p.versions(g)
	p.findings(g)
	return t.err
}

// worse orders verdicts as a report does.
func worse(a, b probe.Verdict) bool {
	order := []probe.Verdict{probe.VerdictPass, probe.VerdictWarn, probe.VerdictUnknown, probe.VerdictFail}
	return slices.Index(order, a) > slices.Index(order, b)
}

// findings writes what is wrong, each thing once with all servers that it is true
// of, and below it what was found to be right.
func (p *probeText) findings(g ProbedGroup) {
	var all []check.Finding
	for _, r := range g.Results {
		for _, f := range r.Findings {
			if f.Standard != probe.StandardNetwork || f.Severity != probe.SeverityNotice || r.Reason == probe.ReasonDNS { // else the table says it
				all = append(all, f)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b check.Finding) int { return finding.CompareSeverity(a.Severity, b.Severity) })
	var fine []string
	var wrong []check.Finding
	subjects := map[check.Finding][]string{} // of what is the same but for them
	for _, f := range all {
		same := f
		same.Subject = ""
		switch {
		case f.Severity != check.SeverityOK:
			if subjects[same] == nil {
				wrong = append(wrong, same)
			}
			subjects[same] = append(subjects[same], f.Subject)
		case !slices.Contains(fine, f.ID):
			fine = append(fine, f.ID)
		}
	}
	for _, f := range wrong {
		of := subjects[f]
		f.Subject = of[0]
		p.text.finding(CheckedDomain{}, f, of[1:]...)
	}
	if len(fine) > 0 {
		p.text.line("")
		p.text.hanging("  "+p.text.style.Good("ok")+"       ", 11, strings.Join(fine, ", "))
	}
}

func (p *probeText) End() error {
	if !p.several || !p.printed {
		return p.text.err
	}
	total, parts := 0, []string{}
	for _, v := range []probe.Verdict{probe.VerdictFail, probe.VerdictUnknown, probe.VerdictWarn, probe.VerdictPass} {
		if n := p.verdicts[v]; n > 0 {
			total += n
			parts = append(parts, Count(n)+" "+string(v))
		}
	}
	if p.closed > 0 {
		total += p.closed
		parts = append(parts, Count(p.closed)+" closed")
	}
	p.text.line("")
	p.text.line(p.text.style.Bold(Plural(total, "port")) + ": " + strings.Join(parts, ", "))
	return p.text.err
}
