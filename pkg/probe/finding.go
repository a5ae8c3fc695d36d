package probe

import (
	"cmp"
	"slices"
)

// A Severity says how much a finding matters.
type Severity string

// The severities, from grave to harmless.
const (
	SeverityError   Severity = "error"   // mail or passwords are lost or open because of it
	SeverityUnknown Severity = "unknown" // it could not be found out; worth trying again
	SeverityWarning Severity = "warning" // it works, and some clients will mind
	SeverityNotice  Severity = "notice"  // worth knowing
	SeverityOK      Severity = "ok"      // as it should be
)

// severities are in the order of a report.
var severities = [...]Severity{SeverityError, SeverityUnknown, SeverityWarning, SeverityNotice, SeverityOK}

// A Standard is what a finding belongs to.
type Standard string

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

// A Finding is one thing that was found out about a server. Its fields are those
// of a finding about a domain.
type Finding struct {
	ID       string   `json:"id"` // stable, such as "cert-expired"
	Severity Severity `json:"severity"`
	Standard Standard `json:"standard"`
	Subject  string   `json:"subject"`          // such as "mx.example.com [192.0.2.1]:25"
	Message  string   `json:"message"`          // one sentence: what is wrong, and why it matters
	Fix      string   `json:"fix,omitempty"`    // what to do
	Record   string   `json:"record,omitempty"` // what the server said, or the records
	Ref      string   `json:"ref,omitempty"`    // such as "RFC 8314 §4.1"
}

// A Verdict is what the findings about a server come to.
type Verdict string

// The verdicts. An error makes a server fail whatever could not be found out.
const (
	VerdictPass    Verdict = "pass"
	VerdictWarn    Verdict = "warn"
	VerdictFail    Verdict = "fail"
	VerdictUnknown Verdict = "unknown"
)

// VerdictOf sums findings up: an error wins over what could not be found out, and
// that over a warning.
func VerdictOf(findings []Finding) Verdict {
	has := func(s Severity) bool {
		return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == s })
	}
	switch {
	case has(SeverityError):
		return VerdictFail
	case has(SeverityUnknown):
		return VerdictUnknown
	case has(SeverityWarning):
		return VerdictWarn
	}
	return VerdictPass
}

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
			cmp.Compare(slices.Index(severities[:], a.Severity), slices.Index(severities[:], b.Severity)),
			cmp.Compare(slices.Index(standards[:], a.Standard), slices.Index(standards[:], b.Standard)))
	})
	r.Verdict = VerdictOf(r.Findings)
}

// An Outcome is what results come to for whoever asked for them.
type Outcome string

// The outcomes.
const (
	OutcomeGood    Outcome = "good"    // nothing is as grave as what was asked about
	OutcomeBad     Outcome = "bad"     // something is, for certain
	OutcomeUnknown Outcome = "unknown" // nothing is for certain, and something could not be found out
)

// FailOn decides about a result: bad when a finding is at least as grave as the
// threshold, which is [SeverityError], [SeverityWarning] or [SeverityNotice]. What
// is unknown never makes it bad.
func FailOn(threshold Severity, r Result) Outcome {
	outcome := OutcomeGood
	for _, f := range r.Findings {
		switch {
		case f.Severity == SeverityUnknown:
			outcome = OutcomeUnknown
		case slices.Index(severities[:], f.Severity) <= slices.Index(severities[:], threshold):
			return OutcomeBad
		}
	}
	return outcome
}
