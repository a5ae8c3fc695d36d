package check

// mxRules are about who takes the mail of a domain.
var mxRules = [...]Rule{
	{"mx-unknown", StandardMX, SeverityUnknown, "the mail servers could not be looked up", "whether mail can be delivered is not known until the look-up works", "RFC 5321 §5.1"},
	{"mx-invalid-domain", StandardMX, SeverityError, "this is not a domain name", "nothing can be looked up for it", "RFC 1035 §2.3.4"},
	{"mx-no-such-domain", StandardMX, SeverityError, "the domain does not exist", "no mail can be sent to it, and receivers refuse mail from it", "RFC 5321 §5.1"},
	{"mx-none", StandardMX, SeverityWarning, "the domain has neither MX records nor addresses", "replies and bounces cannot be delivered, and some receivers refuse mail from such a domain", "RFC 5321 §5.1"},
	{"mx-implicit", StandardMX, SeverityNotice, "the domain has no MX record", "mail goes to the addresses of its name, which are often those of a web server", "RFC 5321 §5.1"},
	{"mx-null-with-others", StandardMX, SeverityError, "the null MX stands beside other MX records", "senders may take either at its word, so that mail is lost or refused", "RFC 7505 §3"},
	{"mx-null-preference", StandardMX, SeverityNotice, "the null MX has another preference than 0", "the standard wants 0, and some programs look for exactly that", "RFC 7505 §3"},
	{"mx-address-literal", StandardMX, SeverityError, "an MX record holds an IP address in place of a name", "senders look for a host of that name and find none", "RFC 1035 §3.3.9"},
	{"mx-invalid-host", StandardMX, SeverityError, "an MX record names what cannot be a mail server", "senders cannot connect to it", "RFC 5321 §2.3.5"},
	{"mx-no-such-host", StandardMX, SeverityError, "a mail server has no address", "senders cannot connect to it, and mail waits or comes back", "RFC 5321 §5.1"},
	{"mx-alias", StandardMX, SeverityWarning, "an MX record names an alias", "the standard forbids it, and some senders refuse or loop", "RFC 2181 §10.3"},
	{"mx-private-address", StandardMX, SeverityError, "a mail server has an address that is not reachable from outside", "senders that try it wait in vain or deliver to somebody else", "RFC 6890 §2.2"},
	{"mx-only-ipv6", StandardMX, SeverityWarning, "no mail server has an IPv4 address", "many senders have no IPv6 and cannot deliver", "RFC 3974 §2"},
	{"mx-duplicate", StandardMX, SeverityNotice, "a mail server is named more than once", "it only costs senders time", "RFC 5321 §5.1"},
	{"mx-same-address", StandardMX, SeverityNotice, "mail servers of different names have the same address", "the second one is no help when the first one fails", "RFC 5321 §5.1"},
}

// addressRules are about the addresses from which mail is sent.
var addressRules = [...]Rule{
	{"mx-ip-unknown", StandardMX, SeverityUnknown, "the name of a sending address could not be looked up", "whether receivers accept it is not known until the look-up works", "RFC 1912 §2.1"},
	{"mx-ip-no-name", StandardMX, SeverityError, "a sending address has no name in the reverse DNS", "Gmail, Yahoo, Apple and others refuse mail from it", "RFC 1912 §2.1"},
	{"mx-ip-mismatch", StandardMX, SeverityError, "the name of a sending address does not lead back to it", "Gmail, Yahoo, Apple and others refuse mail from it", "RFC 1912 §2.1"},
	{"mx-ip-generic", StandardMX, SeverityWarning, "the name of a sending address looks like that of a dial-up or rented line", "some receivers refuse such names", "RFC 5321 §4.1.4"},
	{"mx-ip-private", StandardMX, SeverityError, "a sending address is not one of the public internet", "receivers never see it, so that nothing can be said about it", "RFC 6890 §2.2"},
}

// dnsblRules are about blocklists.
var dnsblRules = [...]Rule{
	{"dnsbl-unknown", StandardDNSBL, SeverityUnknown, "a blocklist could not be asked", "whether it lists the sender is not known until the look-up works", "RFC 5782 §5"},
	{"dnsbl-refused", StandardDNSBL, SeverityUnknown, "a blocklist does not answer this resolver", "many lists refuse large public resolvers: ask through a resolver of your own", "RFC 5782 §2.1"},
	{"dnsbl-broken", StandardDNSBL, SeverityNotice, "a blocklist does not work as one", "its answers are not believed", "RFC 5782 §5"},
	{"dnsbl-listed", StandardDNSBL, SeverityError, "a blocklist lists the sender", "receivers that use it refuse the mail", "RFC 5782 §2.1"},
}

// parkedRules are about domains that send no mail and take none.
var parkedRules = [...]Rule{
	{"parked-no-null-mx", StandardMX, SeverityWarning, "the domain sends no mail and does not say that it takes none", "senders try its addresses for days before they give up", "RFC 7505 §3"},
	{"parked-spf", StandardSPF, SeverityWarning, "the domain takes no mail and does not say that it sends none", "anybody can send in its name", "RFC 7208 §10.1.2"},
	{"parked-dmarc", StandardDMARC, SeverityWarning, "the domain sends no mail and does not ask receivers to reject what claims to be from it", "forged mail in its name is delivered", "RFC 9989 §4.7"},
	{"parked-dkim", StandardDKIM, SeverityNotice, "the domain sends no mail and does not say that all DKIM keys are revoked", "an empty key at every selector says so", "RFC 6376 §3.6.1"},
	{"parked-null-mx-with-senders", StandardSPF, SeverityError, "the domain takes no mail, and SPF names servers that send for it", "receivers refuse mail from a domain to which they cannot answer", "RFC 7505 §4.2"},
	{"parked-null-mx-with-keys", StandardDKIM, SeverityNotice, "the domain takes no mail, and has DKIM keys that can sign for it", "keys that nobody needs are keys that can be stolen", "RFC 7505 §4.2"},
}
