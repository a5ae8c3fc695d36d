package check

// dmarcRules are about what keeps DMARC from working.
var dmarcRules = [...]Rule{
	{"dmarc-unknown", StandardDMARC, SeverityUnknown, "the DMARC record could not be looked up", "what receivers do with forged mail is not known until the look-up works", "RFC 9989 §4.10"},
	{"dmarc-missing", StandardDMARC, SeverityError, "there is no DMARC record", "anybody can put the domain into the From line, and large receivers want a record from those who send in bulk", "RFC 9989 §4.7"},
	{"dmarc-several-records", StandardDMARC, SeverityError, "there are several DMARC records at one name", "receivers discard all of them", "RFC 9989 §4.10"},
	{"dmarc-not-a-record", StandardDMARC, SeverityError, "a TXT record is meant to be DMARC and is not", "receivers do not see it", "RFC 9989 §4.7"},
	{"dmarc-unusable", StandardDMARC, SeverityError, "the DMARC record has neither a valid policy nor anybody to report to", "receivers do nothing about it", "RFC 9989 §4.10.1"},
	{"dmarc-invalid-policy", StandardDMARC, SeverityError, "a policy of the DMARC record is not none, quarantine or reject", "receivers apply none, or ignore the record", "RFC 9989 §4.10.1"},
	{"dmarc-no-policy", StandardDMARC, SeverityWarning, "the DMARC record has no p tag", "it counts as p=none, and older receivers ignore the record", "RFC 9989 §4.7"},
	{"dmarc-report-address", StandardDMARC, SeverityWarning, "a report address of the DMARC record cannot be used", "no reports go there", "RFC 9989 §4.8"},
	{"dmarc-report-not-authorized", StandardDMARC, SeverityWarning, "a report address is in another domain, which did not agree to get the reports", "receivers send nothing there", "RFC 9990 §4"},
	{"dmarc-report-override", StandardDMARC, SeverityWarning, "the domain that gets the reports sends them on to another one", "receivers send nothing then", "RFC 9990 §4"},
	{"dmarc-report-unknown", StandardDMARC, SeverityUnknown, "it could not be looked up whether a report address agreed to get the reports", "nothing is known until the look-up works", "RFC 9990 §4"},
}

// dmarcAdvice are about what works and could be better.
var dmarcAdvice = [...]Rule{
	{"dmarc-policy-none", StandardDMARC, SeverityWarning, "the DMARC policy is none", "forged mail is delivered as if it were real", "RFC 9989 §4.7"},
	{"dmarc-weak-subdomains", StandardDMARC, SeverityWarning, "the DMARC policy of subdomains is weaker than that of the domain", "whoever forges mail uses a subdomain", "RFC 9989 §4.7"},
	{"dmarc-test-mode", StandardDMARC, SeverityWarning, "the DMARC record is in test mode", "receivers apply the next weaker policy", "RFC 9989 §4.7"},
	{"dmarc-no-reports", StandardDMARC, SeverityWarning, "the DMARC record names nobody to report to", "you do not learn who sends in your name, or which of your own mail fails", "RFC 9989 §4.7"},
	{"dmarc-invalid-value", StandardDMARC, SeverityWarning, "a tag of the DMARC record has a value that it cannot have", "receivers use the default in its place", "RFC 9989 §4.8"},
	{"dmarc-syntax", StandardDMARC, SeverityWarning, "a part of the DMARC record is not as the standard writes it", "receivers ignore that part, or differ in how they read it", "RFC 9989 §4.8"},
	{"dmarc-reject-without-dkim", StandardDMARC, SeverityWarning, "the DMARC policy is reject, and the domain has no DKIM keys", "forwarded mail fails SPF, so that your own mail is rejected", "RFC 9989 §7.4"},
	{"dmarc-public-suffix", StandardDMARC, SeverityWarning, "the DMARC record says that the domain is a public suffix", "receivers take every domain below it for somebody else's", "RFC 9989 §4.7"},
	{"dmarc-historic-tag", StandardDMARC, SeverityNotice, "the DMARC record has a tag that the standard no longer has", "receivers ignore it", "RFC 9989 §C.5"},
	{"dmarc-unknown-tag", StandardDMARC, SeverityNotice, "the DMARC record has a tag that nobody knows", "receivers ignore it", "RFC 9989 §4.7"},
	{"dmarc-uri-size", StandardDMARC, SeverityNotice, "a report address has a size limit", "the standard no longer has it, and receivers ignore it", "RFC 9989 §4.8"},
	{"dmarc-fo-without-ruf", StandardDMARC, SeverityNotice, "the DMARC record has fo and no ruf", "it does nothing", "RFC 9989 §4.7"},
	{"dmarc-policy-order", StandardDMARC, SeverityNotice, "p is not the second tag of the DMARC record", "receivers that go by the old standard ignore the record", "RFC 7489 §6.3"},
	{"dmarc-psl-differs", StandardDMARC, SeverityNotice, "receivers that go by the public suffix list find another DMARC record, or another organizational domain", "they come to other results than those that go by the present standard", "RFC 9989 §4.10"},
}
