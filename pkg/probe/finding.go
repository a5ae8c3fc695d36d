package probe

import (
	"cmp"
	"slices"

	"github.com/mailctl/mailctl/pkg/finding"
)

// What is found out about servers is told in the words of package finding.
type (
	// A Severity says how much a finding matters.
	Severity = finding.Severity
	// A Standard is what a finding belongs to.
	Standard = finding.Standard
	// A Finding is one thing that was found out.
	Finding = finding.Finding
	// A Verdict is what findings come to.
	Verdict = finding.Verdict
)

// The severities, from grave to harmless.
const (
	SeverityError   = finding.SeverityError
	SeverityUnknown = finding.SeverityUnknown
	SeverityWarning = finding.SeverityWarning
	SeverityNotice  = finding.SeverityNotice
	SeverityOK      = finding.SeverityOK
)

// The standards, in the order of a report.
const (
	StandardNetwork     Standard = "network"     // whether a server is there at all
	StandardSMTP        Standard = "smtp"        // RFC 5321 and its extensions
	StandardTLS         Standard = "tls"         // RFC 3207, RFC 8314, RFC 8996, RFC 9325
	StandardCertificate Standard = "certificate" // RFC 5280, RFC 9525
	StandardDANE        Standard = "dane"        // RFC 7672
	StandardMTASTS      Standard = "mtasts"      // RFC 8461
	StandardAuth        Standard = "auth"        // RFC 4954
)

var standards = [...]Standard{
	StandardNetwork, StandardSMTP, StandardTLS, StandardCertificate, StandardDANE, StandardMTASTS, StandardAuth,
}

// The verdicts. An error makes a server fail whatever could not be found out.
const (
	VerdictPass    = finding.VerdictPass
	VerdictWarn    = finding.VerdictWarn
	VerdictFail    = finding.VerdictFail
	VerdictUnknown = finding.VerdictUnknown
)

// A note is a finding before its rule is added to it.
type note struct {
	id string
	// what says what is wrong in this case; empty takes the title of the rule. The
	// message goes on with what comes of it.
	what     string
	severity Severity // empty takes that of the rule
	fix      string   // empty takes that of the rule
	record   string
}

// add makes a finding about the endpoint.
func (r *Result) add(e Endpoint, n note) {
	rule, ok := RuleOf(n.id)
	if !ok {
		return // a test makes sure that all ids are known
	}
	f := Finding{
		ID: n.id, Severity: cmp.Or(n.severity, rule.Severity), Standard: rule.Standard, Subject: e.String(),
		Message: cmp.Or(n.what, rule.Title), Fix: cmp.Or(n.fix, rule.Fix), Record: n.record, Ref: rule.Ref,
	}
	if rule.Why != "" {
		f.Message += ": " + rule.Why
	}
	r.Findings = append(r.Findings, f)
}

// conclude sorts the findings, grave ones first, and sums them up.
func (r *Result) conclude() {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(
			finding.CompareSeverity(a.Severity, b.Severity),
			cmp.Compare(slices.Index(standards[:], a.Standard), slices.Index(standards[:], b.Standard)))
	})
	r.Verdict = finding.VerdictOf(r.Findings)
}
