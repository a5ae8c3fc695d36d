package check

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/finding"
)

// A note is a finding before the rule is added to it.
type note struct {
	id      string
	subject string // the name it is about
	// what says what is wrong in this case; empty takes the title of the rule. The
	// message goes on with what comes of it.
	what     string
	severity Severity // empty takes that of the rule
	record   string
	fix      string
}

// A collector gathers the findings of one domain.
type collector struct {
	domain   string
	findings []Finding
}

// add makes a finding. What is unknown never has a fix.
func (c *collector) add(n note) {
	rule, ok := RuleOf(n.id)
	if !ok {
		return // a test makes sure that all ids are known
	}
	f := Finding{
		ID: n.id, Severity: cmp.Or(n.severity, rule.Severity), Standard: rule.Standard, Subject: cmp.Or(n.subject, c.domain),
		Message: cmp.Or(n.what, rule.Title), Record: n.record, Fix: n.fix, Ref: rule.Ref,
	}
	if rule.Why != "" {
		f.Message += ": " + rule.Why
	}
	if f.Severity == SeverityUnknown {
		f.Fix = ""
	}
	c.findings = append(c.findings, f)
}

// result sorts the findings and sums them up.
func (c *collector) result(records map[Standard]any) Domain {
	Sort(c.findings)
	if c.findings == nil {
		c.findings = []Finding{} // a list in JSON, not null
	}
	return Domain{Domain: c.domain, Verdict: finding.VerdictOf(c.findings), Findings: c.findings, Records: records}
}

// Sort puts findings into the order of a report: grave ones first, then in the
// order of the standards.
func Sort(findings []Finding) { slices.SortStableFunc(findings, reportOrder()) }

// reportOrder compares findings as [Sort] does.
func reportOrder() func(a, b Finding) int {
	standards := append(Standards(), StandardPolicy)
	return func(a, b Finding) int {
		return cmp.Or(
			finding.CompareSeverity(a.Severity, b.Severity),
			cmp.Compare(slices.Index(standards, a.Standard), slices.Index(standards, b.Standard)),
			strings.Compare(a.ID, b.ID))
	}
}

// has reports whether there is a finding of that id.
func (c *collector) has(id string) bool {
	return slices.ContainsFunc(c.findings, func(f Finding) bool { return f.ID == id })
}

// mostOfOne is how many findings of one standard are worth reading. Records can
// have thousands of mistakes.
const mostOfOne = 40

// full reports whether there are enough findings of a standard.
func (c *collector) full(s Standard) bool {
	n := 0
	for _, f := range c.findings {
		if f.Standard == s {
			n++
		}
	}
	return n >= mostOfOne
}
