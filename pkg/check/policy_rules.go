package check

// policyRules are about what a policy file and receivers' rules ask for.
var policyRules = [...]Rule{
	{"policy-mx", StandardPolicy, SeverityError, "the mail exchangers are not those that the policy file names", "somebody changed the records, or the file is out of date", ""},
	{"policy-selector", StandardPolicy, SeverityError, "a DKIM selector that the policy file names has no usable key", "mail signed with it does not verify", ""},
	{"policy-dmarc", StandardPolicy, SeverityError, "the DMARC policy is weaker than the policy file asks for", "mail that others forge is treated better than was decided", ""},
	{"policy-spf-include", StandardPolicy, SeverityError, "the SPF record includes a domain that the policy file does not allow", "somebody else may send in the domain's name", ""},
	{"policy-spf-lookups", StandardPolicy, SeverityError, "the SPF record needs more look-ups than the policy file allows", "what was kept free for later is used up", ""},
	{"policy-unknown", StandardPolicy, SeverityUnknown, "it could not be found out whether the policy file is met", "nothing is known until the look-up works", ""},
	{"policy-ignored", StandardPolicy, SeverityOK, "the policy file ignores a finding until a day to come", "the finding does not count until then", ""},
	{"policy-ignore-expired", StandardPolicy, SeverityWarning, "the policy file ignores a finding until a day that has passed", "the finding counts again", ""},
	{"policy-ignore-unused", StandardPolicy, SeverityNotice, "the policy file ignores a finding that there is not", "the line can go", ""},
	{"policy-met", StandardPolicy, SeverityOK, "the domain is what the policy file asks for", "", ""},
	{"profile-unmet", StandardPolicy, SeverityError, "a receiver's rule is not met", "the receiver refuses mail or takes it for spam", ""},
	{"profile-unknown", StandardPolicy, SeverityUnknown, "it could not be found out whether a receiver's rule is met", "nothing is known until the look-up works", ""},
}
