package verify

import (
	"slices"

	"github.com/mailctl/mailctl/pkg/finding"
)

// What is found out about messages is told in the words of package finding.
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
)

// The standards, in the order of a report.
const (
	StandardSPF         Standard = "spf"
	StandardDKIM        Standard = "dkim"
	StandardDMARC       Standard = "dmarc"
	StandardMessage     Standard = "message"     // its form: RFC 5322, RFC 2045
	StandardUnsubscribe Standard = "unsubscribe" // RFC 2369, RFC 8058
)

// The verdicts. An error makes a message fail whatever could not be found out; it
// passes with warnings.
const (
	VerdictPass    = finding.VerdictPass
	VerdictFail    = finding.VerdictFail
	VerdictUnknown = finding.VerdictUnknown
)

func verdictOf(findings []Finding) Verdict {
	v := finding.VerdictOf(findings)
	if v == finding.VerdictWarn {
		return VerdictPass
	}
	return v
}

// sortFindings puts grave findings first and keeps the order otherwise.
func sortFindings(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int { return finding.CompareSeverity(a.Severity, b.Severity) })
}
