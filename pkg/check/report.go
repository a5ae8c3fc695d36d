package check

import "github.com/mailctl/mailctl/pkg/finding"

// What is found out about domains is told in the words of package finding.
type (
	// A Severity says how much a finding matters.
	Severity = finding.Severity
	// A Standard is what a finding belongs to, as --only and --skip name it.
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
	StandardMX     Standard = "mx"
	StandardSPF    Standard = "spf"
	StandardDKIM   Standard = "dkim"
	StandardDMARC  Standard = "dmarc"
	StandardMTASTS Standard = "mtasts"
	StandardTLSRPT Standard = "tlsrpt"
	StandardDNSSEC Standard = "dnssec"
	StandardDANE   Standard = "dane"
	StandardBIMI   Standard = "bimi"
	StandardDNSBL  Standard = "dnsbl"
	StandardPolicy Standard = "policy" // differences from a policy file
)

// The verdicts. An error makes a domain fail whatever could not be found out.
const (
	VerdictPass    = finding.VerdictPass
	VerdictWarn    = finding.VerdictWarn
	VerdictFail    = finding.VerdictFail
	VerdictUnknown = finding.VerdictUnknown
)

// A Domain is what was found out about one domain.
type Domain struct {
	Domain   string    `json:"domain"`
	Verdict  Verdict   `json:"verdict"`
	Findings []Finding `json:"findings"` // grave ones first, then in the order of the standards
	// Records holds what each standard's package found: the raw records and what
	// they say.
	Records map[Standard]any `json:"records"`
	// Profiles holds each receiver's rules, when they were asked for.
	Profiles []Profile `json:"profiles,omitempty"`
	// Waves is how many rounds of look-ups had to wait for one another.
	Waves int `json:"-"`
}

// A Profile is a receiver's published rules, applied to a domain.
type Profile struct {
	Receiver string       `json:"receiver"` // such as "gmail"
	Date     string       `json:"date"`     // when the rules were read, such as "2026-11-01"
	Rules    []RuleResult `json:"rules"`
}

// A RuleResult is what came of one rule of a receiver.
type RuleResult struct {
	Rule   string     `json:"rule"` // stable, such as "gmail-spf-or-dkim"
	Status RuleStatus `json:"status"`
	Text   string     `json:"text"`   // what the rule asks for
	Why    string     `json:"why"`    // what was found
	Source string     `json:"source"` // where the receiver says so
}

// A RuleStatus is whether a rule is met.
type RuleStatus string

// The statuses. What the DNS cannot show is not-checkable, never pass.
const (
	RulePass         RuleStatus = "pass"
	RuleFail         RuleStatus = "fail"
	RuleUnknown      RuleStatus = "unknown"
	RuleNotCheckable RuleStatus = "not-checkable"
)

// A Report is what was found out about all domains (schema mailctl.check/1).
type Report struct {
	Schema  string   `json:"schema"` // [Schema]
	Domains []Domain `json:"domains"`
}

// Schema names the form of a [Report] in JSON.
const Schema = "mailctl.check/1"
