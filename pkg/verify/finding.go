package verify

import "slices"

// A Severity says how much a finding matters.
type Severity string

// The severities, from grave to harmless.
const (
	SeverityError   Severity = "error"   // receivers refuse or distrust the message because of it
	SeverityUnknown Severity = "unknown" // it could not be found out; worth trying again
	SeverityWarning Severity = "warning" // some receivers will mind
	SeverityNotice  Severity = "notice"  // worth knowing
)

// A Standard is what a finding belongs to.
type Standard string

// The standards, in the order of a report.
const (
	StandardSPF         Standard = "spf"
	StandardDKIM        Standard = "dkim"
	StandardDMARC       Standard = "dmarc"
	StandardMessage     Standard = "message"     // its form: RFC 5322, RFC 2045
	StandardUnsubscribe Standard = "unsubscribe" // RFC 2369, RFC 8058
)

// A Finding is one thing that was found out about a message. Its fields are those
// of a finding about a domain.
type Finding struct {
	ID       string   `json:"id"` // stable, such as "message-no-date"
	Severity Severity `json:"severity"`
	Standard Standard `json:"standard"`
	Subject  string   `json:"subject"`          // the domain or the header field it is about
	Message  string   `json:"message"`          // one sentence: what is wrong, and why it matters
	Fix      string   `json:"fix,omitempty"`    // what to do
	Record   string   `json:"record,omitempty"` // the raw record or field, also when it is invalid
	Ref      string   `json:"ref,omitempty"`    // such as "RFC 5322 §3.6"
}

// A Verdict is what the findings of a message come to.
type Verdict string

// The verdicts. An error makes a message fail whatever could not be found out.
const (
	VerdictPass    Verdict = "pass"
	VerdictFail    Verdict = "fail"
	VerdictUnknown Verdict = "unknown"
)

func verdictOf(findings []Finding) Verdict {
	has := func(s Severity) bool {
		return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == s })
	}
	switch {
	case has(SeverityError):
		return VerdictFail
	case has(SeverityUnknown):
		return VerdictUnknown
	default:
		return VerdictPass
	}
}

// sortFindings puts grave findings first and keeps the order otherwise.
func sortFindings(findings []Finding) {
	order := []Severity{SeverityError, SeverityUnknown, SeverityWarning, SeverityNotice}
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return slices.Index(order, a.Severity) - slices.Index(order, b.Severity)
	})
}
