package check

// mtastsRules are about MTA-STS.
var mtastsRules = [...]Rule{
	{"mtasts-unknown", StandardMTASTS, SeverityUnknown, "the MTA-STS record could not be looked up", "whether senders insist on TLS is not known until the look-up works", "RFC 8461 §3.1"},
	{"mtasts-policy-unknown", StandardMTASTS, SeverityUnknown, "the MTA-STS policy could not be fetched from here", "it may be otherwise from another place or at another time", "RFC 8461 §3.3"},
	{"mtasts-missing", StandardMTASTS, SeverityNotice, "there is no MTA-STS record", "somebody between the servers can make senders deliver without encryption", "RFC 8461 §3.1"},
	{"mtasts-several-records", StandardMTASTS, SeverityError, "there are several MTA-STS records", "senders act as if there were none", "RFC 8461 §3.1"},
	{"mtasts-not-a-record", StandardMTASTS, SeverityWarning, "a TXT record is in the place of the MTA-STS record and is none", "senders do not see it", "RFC 8461 §3.1"},
	{"mtasts-invalid-record", StandardMTASTS, SeverityError, "the MTA-STS record has a mistake", "senders act as if there were none", "RFC 8461 §3.1"},
	{"mtasts-policy-missing", StandardMTASTS, SeverityError, "the MTA-STS policy is not where the record says that it is", "senders act as if there were no policy", "RFC 8461 §3.3"},
	{"mtasts-policy-certificate", StandardMTASTS, SeverityError, "the server of the MTA-STS policy has no valid certificate for its name", "senders act as if there were no policy", "RFC 8461 §3.3"},
	{"mtasts-policy-redirect", StandardMTASTS, SeverityError, "the server of the MTA-STS policy redirects", "senders must not follow, and act as if there were no policy", "RFC 8461 §3.3"},
	{"mtasts-policy-too-large", StandardMTASTS, SeverityError, "the MTA-STS policy is too large", "senders stop reading, and act as if there were no policy", "RFC 8461 §3.3"},
	{"mtasts-policy-invalid", StandardMTASTS, SeverityError, "the MTA-STS policy has a mistake", "senders cannot use it", "RFC 8461 §3.2"},
	{"mtasts-mx-not-covered", StandardMTASTS, SeverityError, "the MTA-STS policy does not cover a mail server", "senders do not deliver to it", "RFC 8461 §4.1"},
	{"mtasts-mx-unused", StandardMTASTS, SeverityNotice, "the MTA-STS policy names a mail server that the domain does not have", "the line may be out of date", "RFC 8461 §4.1"},
	{"mtasts-mode", StandardMTASTS, SeverityNotice, "the MTA-STS policy is not enforced", "senders deliver without verified encryption", "RFC 8461 §5"},
	{"mtasts-max-age", StandardMTASTS, SeverityWarning, "the MTA-STS policy is kept for less than a day", "an attacker only has to wait until senders have forgotten it", "RFC 8461 §3.2"},
	{"mtasts-policy-syntax", StandardMTASTS, SeverityWarning, "a line of the MTA-STS policy is not as the standard writes it", "senders differ in how they read it", "RFC 8461 §3.2"},
	{"mtasts-media-type", StandardMTASTS, SeverityNotice, "the MTA-STS policy is not served as text/plain", "some senders may refuse it", "RFC 8461 §3.3"},
}

// tlsrptRules are about reports on TLS.
var tlsrptRules = [...]Rule{
	{"tlsrpt-unknown", StandardTLSRPT, SeverityUnknown, "the TLS reporting record could not be looked up", "whether reports are asked for is not known until the look-up works", "RFC 8460 §3"},
	{"tlsrpt-missing", StandardTLSRPT, SeverityNotice, "there is no TLS reporting record", "you do not learn of mail that could not be delivered over TLS", "RFC 8460 §3"},
	{"tlsrpt-several-records", StandardTLSRPT, SeverityWarning, "there are several TLS reporting records", "senders act as if there were none", "RFC 8460 §3"},
	{"tlsrpt-not-a-record", StandardTLSRPT, SeverityWarning, "a TXT record is in the place of the TLS reporting record and is none", "senders do not see it", "RFC 8460 §3"},
	{"tlsrpt-unusable", StandardTLSRPT, SeverityWarning, "the TLS reporting record names no place that reports can be sent to", "nobody sends reports", "RFC 8460 §3"},
	{"tlsrpt-syntax", StandardTLSRPT, SeverityWarning, "a part of the TLS reporting record is not as the standard writes it", "senders ignore that part, or differ in how they read it", "RFC 8460 §3"},
}

// dnssecRules are about signed zones.
var dnssecRules = [...]Rule{
	{"dnssec-unknown", StandardDNSSEC, SeverityUnknown, "it could not be looked up whether the domain is signed", "nothing is known until the look-up works", "RFC 4035 §4.3"},
	{"dnssec-bogus", StandardDNSSEC, SeverityError, "the signatures of the domain are broken", "for everybody who validates, the domain and its mail do not exist", "RFC 4035 §5.5"},
	{"dnssec-no-ds", StandardDNSSEC, SeverityWarning, "the domain is signed, and the zone above does not say so", "the signatures do nothing until the DS record is published there", "RFC 4035 §2.4"},
	{"dnssec-unsigned", StandardDNSSEC, SeverityNotice, "the domain is not signed", "answers can be forged on the way, and DANE does not work", "RFC 4035 §2"},
	{"dnssec-not-validated", StandardDNSSEC, SeverityNotice, "the resolver does not validate DNSSEC", "nothing can be said about signatures", "RFC 4035 §3.2.3"},
	{"dnssec-untrusted-resolver", StandardDNSSEC, SeverityNotice, "the resolver says that the domain is validated, and the way to it is open", "somebody on the way could say so too", "RFC 4035 §4.9.3"},
}

// daneRules are about TLSA records of mail servers.
var daneRules = [...]Rule{
	{"dane-unknown", StandardDANE, SeverityUnknown, "TLSA records could not be looked up", "senders who use DANE do not deliver as long as that is so", "RFC 7672 §2.1.3"},
	{"dane-bogus", StandardDANE, SeverityError, "the signatures at a mail server's records are broken", "senders who use DANE do not deliver to it", "RFC 7672 §2.1.3"},
	{"dane-missing", StandardDANE, SeverityNotice, "the mail servers are under DNSSEC and have no TLSA records", "senders cannot verify their certificates by DANE", "RFC 7672 §2.2"},
	{"dane-partial", StandardDANE, SeverityWarning, "some of the mail servers have TLSA records and others have none", "an attacker sends mail to the ones without", "RFC 7672 §2.2"},
	{"dane-insecure", StandardDANE, SeverityWarning, "there are TLSA records, and they are not under DNSSEC", "senders ignore them", "RFC 7672 §2.2"},
	{"dane-mx-insecure", StandardDANE, SeverityWarning, "the mail servers have TLSA records, and the domain's own MX records are not under DNSSEC", "an attacker can name other mail servers, so that DANE protects nothing", "RFC 7672 §2.2.1"},
	{"dane-unusable", StandardDANE, SeverityError, "none of a mail server's TLSA records can be used", "senders take any certificate", "RFC 7672 §2.2"},
	{"dane-record", StandardDANE, SeverityWarning, "a TLSA record cannot be used", "senders ignore it", "RFC 7672 §3.1"},
	{"dane-exact-match", StandardDANE, SeverityNotice, "a TLSA record holds a whole certificate or key", "answers become so large that some get lost", "RFC 7671 §10.1.2"},
	{"dane-single-record", StandardDANE, SeverityNotice, "a mail server has one TLSA record only", "when its key changes, mail stops until caches have forgotten the old record: publish the next key's in advance", "RFC 7671 §8.1"},
}

// bimiRules are about brand indicators.
var bimiRules = [...]Rule{
	{"bimi-unknown", StandardBIMI, SeverityUnknown, "the BIMI record could not be looked up", "nothing is known until the look-up works", "BIMI draft-14 §8.2"},
	{"bimi-fetch-unknown", StandardBIMI, SeverityUnknown, "a document of BIMI could not be fetched from here", "it may be otherwise from another place or at another time", "BIMI draft-14 §8.3"},
	{"bimi-several-records", StandardBIMI, SeverityWarning, "there are several BIMI records", "receivers show no indicator", "BIMI draft-14 §8.2"},
	{"bimi-not-a-record", StandardBIMI, SeverityWarning, "a TXT record is in the place of the BIMI record and is none", "receivers do not see it", "BIMI draft-14 §5.3"},
	{"bimi-invalid-record", StandardBIMI, SeverityWarning, "the BIMI record has a mistake", "receivers show no indicator", "BIMI draft-14 §5.3"},
	{"bimi-dmarc-policy", StandardBIMI, SeverityWarning, "the DMARC policy is too weak for BIMI", "receivers only show an indicator under quarantine or reject, for subdomains too", "BIMI draft-14 §8.1"},
	{"bimi-no-certificate", StandardBIMI, SeverityNotice, "the BIMI record names no mark certificate", "Gmail and Apple show no indicator without one", "BIMI draft-14 §5.3"},
	{"bimi-logo-fetch", StandardBIMI, SeverityWarning, "the indicator cannot be fetched", "receivers show none", "BIMI draft-14 §8.3"},
	{"bimi-logo-invalid", StandardBIMI, SeverityWarning, "the indicator is not SVG Tiny PS", "receivers show none", "SVG Tiny PS draft-11 §2"},
	{"bimi-certificate-fetch", StandardBIMI, SeverityWarning, "the mark certificate cannot be fetched", "receivers that want one show no indicator", "BIMI draft-14 §8.3"},
	{"bimi-certificate-invalid", StandardBIMI, SeverityWarning, "the mark certificate has a mistake", "receivers that want one show no indicator", "VMC draft-10 §5"},
	{"bimi-certificate-expired", StandardBIMI, SeverityWarning, "the mark certificate has expired or is not valid yet", "receivers that want one show no indicator", "VMC draft-10 §5.1"},
	{"bimi-certificate-expires", StandardBIMI, SeverityWarning, "the mark certificate expires soon", "receivers that want one will show no indicator from then on", "VMC draft-10 §5.1"},
	{"bimi-certificate-domain", StandardBIMI, SeverityWarning, "the mark certificate is for another domain", "receivers that want one show no indicator", "VMC draft-10 §5.2"},
}
