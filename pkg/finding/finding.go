// Package finding is what looking at domains, servers and messages has to say: one
// thing after the other, how grave it is, and what all of it comes to.
package finding

import "slices"

// A Severity says how much a finding matters.
type Severity string

// The severities, from grave to harmless.
const (
	SeverityError   Severity = "error"   // mail or passwords are lost, forged, refused or open because of it
	SeverityUnknown Severity = "unknown" // it could not be found out: worth trying again, never a reason to change anything
	SeverityWarning Severity = "warning" // it works, and some of the others will mind
	SeverityNotice  Severity = "notice"  // worth knowing
	SeverityOK      Severity = "ok"      // as it should be
)

var severities = [...]Severity{SeverityError, SeverityUnknown, SeverityWarning, SeverityNotice, SeverityOK}

// Severities returns all of them in the order of a report: grave ones first.
func Severities() []Severity { return slices.Clone(severities[:]) }

// CompareSeverity is negative when a comes before b in a report, and zero when they
// are the same.
func CompareSeverity(a, b Severity) int {
	return slices.Index(severities[:], a) - slices.Index(severities[:], b)
}

// AtLeast reports whether a severity is as grave as another one: error, warning or
// notice. What is unknown or as it should be never is.
func (s Severity) AtLeast(least Severity) bool {
	return s != SeverityUnknown && s != SeverityOK && CompareSeverity(s, least) <= 0
}

// A Standard is what a finding belongs to. Each package that finds something has
// its own.
type Standard string

// A Finding is one thing that was found out.
type Finding struct {
	ID       string   `json:"id"` // stable, such as "spf-too-many-lookups"
	Severity Severity `json:"severity"`
	Standard Standard `json:"standard"`
	Subject  string   `json:"subject"`          // what it is about: a name, a server, a header field
	Message  string   `json:"message"`          // one sentence: what is wrong, and why it matters
	Fix      string   `json:"fix,omitempty"`    // records that mend it, as a zone file holds them; or what to do
	Record   string   `json:"record,omitempty"` // what was found, as it is, also when it is invalid
	Ref      string   `json:"ref,omitempty"`    // such as "RFC 7208 §4.6.4"
}

// A Verdict is what findings come to.
type Verdict string

// The verdicts.
const (
	VerdictPass    Verdict = "pass"
	VerdictWarn    Verdict = "warn"
	VerdictFail    Verdict = "fail"
	VerdictUnknown Verdict = "unknown"
)

// VerdictOf sums findings up: an error wins over what could not be found out, and
// that over a warning.
func VerdictOf(findings []Finding) Verdict {
	switch {
	case has(findings, SeverityError):
		return VerdictFail
	case has(findings, SeverityUnknown):
		return VerdictUnknown
	case has(findings, SeverityWarning):
		return VerdictWarn
	}
	return VerdictPass
}

func has(findings []Finding, s Severity) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == s })
}

// An Outcome is what findings come to for whoever asked about some severity.
type Outcome string

// The outcomes.
const (
	OutcomeGood    Outcome = "good"    // nothing is as grave as what was asked about
	OutcomeBad     Outcome = "bad"     // something is, for certain
	OutcomeUnknown Outcome = "unknown" // nothing is for certain, and something could not be found out
)

// FailOn decides about findings: bad when one is at least as grave as the threshold.
// What is unknown never makes it bad.
func FailOn(threshold Severity, findings []Finding) Outcome {
	switch {
	case slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity.AtLeast(threshold) }):
		return OutcomeBad
	case has(findings, SeverityUnknown):
		return OutcomeUnknown
	}
	return OutcomeGood
}
