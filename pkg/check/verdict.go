package check

import "slices"

// VerdictOf sums findings up. An error wins over what could not be found out, and
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
	default:
		return VerdictPass
	}
}

// An Outcome is what a report comes to for whoever asked for it.
type Outcome string

// The outcomes.
const (
	OutcomeGood    Outcome = "good"    // nothing is as grave as what was asked about
	OutcomeBad     Outcome = "bad"     // something is, for certain
	OutcomeUnknown Outcome = "unknown" // nothing is for certain, and something could not be found out
)

// FailOn decides about domains: bad when a finding is at least as grave as the
// threshold, which is [SeverityError], [SeverityWarning] or [SeverityNotice]. What
// is unknown never makes it bad.
func FailOn(threshold Severity, domains ...Domain) Outcome {
	outcome := OutcomeGood
	for _, d := range domains {
		for _, f := range d.Findings {
			switch {
			case f.Severity == SeverityUnknown:
				outcome = OutcomeUnknown
			case f.Severity.rank() <= threshold.rank():
				return OutcomeBad
			}
		}
	}
	return outcome
}
