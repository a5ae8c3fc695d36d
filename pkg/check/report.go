package check

// A Severity says how much a finding matters.
type Severity string

// The severities, from grave to harmless.
const (
	SeverityError   Severity = "error"   // mail is lost, forged or refused because of it
	SeverityUnknown Severity = "unknown" // it could not be found out; never a reason to change a record
	SeverityWarning Severity = "warning" // it works, and some receivers will mind
	SeverityNotice  Severity = "notice"  // worth knowing
	SeverityOK      Severity = "ok"      // as it should be
)

// A Standard is what a finding belongs to, as --only and --skip name it.
type Standard string

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

// A Finding is one thing that was found out about a domain.
type Finding struct {
	ID       string   `json:"id"` // stable, such as "spf-too-many-lookups"
	Severity Severity `json:"severity"`
	Standard Standard `json:"standard"`
	Subject  string   `json:"subject"`          // the name it is about
	Message  string   `json:"message"`          // one sentence: what is wrong, and why it matters
	Fix      string   `json:"fix,omitempty"`    // records that mend it, as a zone file holds them; or what to do
	Record   string   `json:"record,omitempty"` // the raw record, also when it is invalid
	Ref      string   `json:"ref,omitempty"`    // such as "RFC 7208 §4.6.4"
}

// A Verdict is what the findings of a domain come to.
type Verdict string

// The verdicts. An error makes a domain fail whatever could not be found out.
const (
	VerdictPass    Verdict = "pass"
	VerdictWarn    Verdict = "warn"
	VerdictFail    Verdict = "fail"
	VerdictUnknown Verdict = "unknown"
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
