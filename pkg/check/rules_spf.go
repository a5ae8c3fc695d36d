package check

// spfRules are about what makes SPF fail or say nothing.
var spfRules = [...]Rule{
	{"spf-unknown", StandardSPF, SeverityUnknown, "the SPF record could not be looked up", "who may send for the domain is not known until the look-up works", "RFC 7208 §4.4"},
	{"spf-missing", StandardSPF, SeverityError, "there is no SPF record", "receivers cannot tell the domain's servers from anybody else's, and large ones refuse such mail", "RFC 7208 §3"},
	{"spf-several-records", StandardSPF, SeverityError, "there are several SPF records", "receivers take that for an error, and no mail passes", "RFC 7208 §4.5"},
	{"spf-not-a-record", StandardSPF, SeverityError, "a TXT record is meant to be SPF and is not", "receivers do not see it", "RFC 7208 §4.5"},
	{"spf-syntax", StandardSPF, SeverityError, "a term of the SPF record is not valid", "receivers take the whole record for an error, and no mail passes", "RFC 7208 §4.6"},
	{"spf-too-many-lookups", StandardSPF, SeverityError, "the SPF record needs more than 10 look-ups", "receivers stop there and take it for an error, so that mail does not pass", "RFC 7208 §4.6.4"},
	{"spf-too-many-void", StandardSPF, SeverityError, "more than 2 look-ups of the SPF record bring nothing", "receivers stop there and take it for an error, so that mail does not pass", "RFC 7208 §4.6.4"},
	{"spf-too-many-mx", StandardSPF, SeverityError, "an mx term of the SPF record leads to more than 10 mail servers", "receivers take that for an error, so that mail does not pass", "RFC 7208 §4.6.4"},
	{"spf-loop", StandardSPF, SeverityError, "the SPF record leads back to itself", "receivers take that for an error, and no mail passes", "RFC 7208 §4.6.4"},
	{"spf-include-missing", StandardSPF, SeverityError, "the SPF record refers to a domain without an SPF record", "receivers take that for an error, and no mail passes", "RFC 7208 §5.2"},
	{"spf-include-broken", StandardSPF, SeverityError, "the SPF record refers to an SPF record with a mistake", "receivers take that for an error in yours, and no mail passes", "RFC 7208 §5.2"},
	{"spf-bad-target", StandardSPF, SeverityError, "a term of the SPF record names what cannot be a domain", "the term never matches, or makes the whole record an error", "RFC 7208 §4.8"},
	{"spf-too-large", StandardSPF, SeverityError, "the SPF record leads to more records than can be looked at", "receivers stop long before and take it for an error", "RFC 7208 §4.6.4"},
	{"spf-pass-all", StandardSPF, SeverityError, "the SPF record lets everybody pass", "anybody can send in the name of the domain, and receivers trust it less than one without a record", "RFC 7208 §5.1"},
	{"spf-ip-not-allowed", StandardSPF, SeverityError, "a sending address does not pass SPF", "receivers refuse its mail or take it for spam", "RFC 7208 §2.6"},
	{"spf-ip-unknown", StandardSPF, SeverityUnknown, "it could not be found out whether a sending address passes SPF", "nothing is known until the look-up works", "RFC 7208 §2.6"},
}

// spfAdvice are about what works and could be better.
var spfAdvice = [...]Rule{
	{"spf-neutral-all", StandardSPF, SeverityWarning, "the SPF record says nothing about servers that it does not name", "forged mail is treated as if there were no record", "RFC 7208 §8.2"},
	{"spf-no-all", StandardSPF, SeverityWarning, "the SPF record ends without all or redirect", "it says nothing about servers that it does not name", "RFC 7208 §4.7"},
	{"spf-ptr", StandardSPF, SeverityWarning, "the SPF record uses ptr", "it is slow and not reliable, and some receivers skip it", "RFC 7208 §5.5"},
	{"spf-behind-all", StandardSPF, SeverityWarning, "terms of the SPF record stand behind all", "receivers never come to what stands there", "RFC 7208 §5.1"},
	{"spf-redirect-ignored", StandardSPF, SeverityWarning, "the SPF record has both all and redirect", "the redirect is ignored", "RFC 7208 §6.1"},
	{"spf-void-lookup", StandardSPF, SeverityWarning, "a term of the SPF record finds nothing", "it lets nobody pass and counts to the limit of 2 such look-ups", "RFC 7208 §4.6.4"},
	{"spf-long-record", StandardSPF, SeverityNotice, "the TXT records at the domain are long", "an answer that does not fit into one UDP packet is slower and at times lost", "RFC 7208 §3.4"},
	{"spf-wide-network", StandardSPF, SeverityWarning, "a term of the SPF record lets a very large network pass", "strangers in it can send in the name of the domain", "RFC 7208 §11.4"},
	{"spf-redundant", StandardSPF, SeverityNotice, "a term of the SPF record decides nothing that others do not decide", "it can be left out", "RFC 7208 §10.1.1"},
	{"spf-unknown-modifier", StandardSPF, SeverityNotice, "the SPF record has a modifier that nobody knows", "receivers ignore it", "RFC 7208 §6"},
	{"spf-retired-type", StandardSPF, SeverityNotice, "there is a record of the type SPF (99)", "receivers only ask for TXT records, and the two can differ", "RFC 7208 §3.1"},
}
