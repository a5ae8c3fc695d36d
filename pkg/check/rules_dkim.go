package check

// dkimRules are about keys that cannot be used.
var dkimRules = [...]Rule{
	{"dkim-unknown", StandardDKIM, SeverityUnknown, "a DKIM key could not be looked up", "whether signatures verify is not known until the look-up works", "RFC 6376 §3.6.2"},
	{"dkim-missing", StandardDKIM, SeverityError, "the domain has no DKIM keys at all", "mail cannot be signed, and large receivers want it signed", "RFC 6376 §3.6"},
	{"dkim-not-found", StandardDKIM, SeverityNotice, "no DKIM key is at the selectors that were tried", "selectors cannot be listed: there may be keys at others", "RFC 6376 §3.1"},
	{"dkim-selector-missing", StandardDKIM, SeverityError, "there is no DKIM key at a selector", "signatures that name it do not verify", "RFC 6376 §3.6.2"},
	{"dkim-dangling-alias", StandardDKIM, SeverityError, "the selector is an alias for a name without a DKIM key", "signatures that name it do not verify: whoever signs for the domain has to publish the key", "RFC 6376 §3.6.2"},
	{"dkim-several-records", StandardDKIM, SeverityError, "there are several DKIM keys at one selector", "what receivers do then is not defined, so that signatures verify at some and not at others", "RFC 6376 §3.6.2.2"},
	{"dkim-revoked", StandardDKIM, SeverityNotice, "the DKIM key is revoked", "signatures that name the selector do not verify", "RFC 6376 §3.6.1"},
	{"dkim-version", StandardDKIM, SeverityError, "the version of the DKIM key record is not its first tag, or not DKIM1", "verifiers ignore the record", "RFC 6376 §3.6.1"},
	{"dkim-no-key", StandardDKIM, SeverityError, "the DKIM key record has no p tag", "there is no key in it, and signatures do not verify", "RFC 6376 §3.6.1"},
	{"dkim-repeated-tag", StandardDKIM, SeverityError, "the DKIM key record has a tag twice", "verifiers take the whole record for invalid", "RFC 6376 §3.2"},
	{"dkim-not-a-tag", StandardDKIM, SeverityError, "a part of the DKIM key record is empty, or not a name, an equals sign and a value", "verifiers take the whole record for invalid", "RFC 6376 §3.2"},
	{"dkim-key-type", StandardDKIM, SeverityError, "the DKIM key is of a type that verifiers do not know", "signatures do not verify", "RFC 8463 §3"},
	{"dkim-base64", StandardDKIM, SeverityError, "the DKIM key is not correct base64", "signatures do not verify", "RFC 6376 §3.6.1"},
	{"dkim-pem", StandardDKIM, SeverityError, "the DKIM key record holds the first and last line of a PEM file", "only what is between them is the key, and signatures do not verify", "RFC 6376 §3.6.1"},
	{"dkim-quotes", StandardDKIM, SeverityError, "quotes or backslashes of a zone file became part of the DKIM key record", "verifiers cannot read the key", "RFC 6376 §3.6.2.2"},
	{"dkim-malformed-key", StandardDKIM, SeverityError, "the DKIM key is damaged or cut off", "signatures do not verify", "RFC 6376 §3.6.1"},
	{"dkim-key-too-short", StandardDKIM, SeverityError, "the DKIM key has fewer than 1024 bits", "verifiers must not accept it", "RFC 8301 §3.2"},
	{"dkim-ed25519-asn1", StandardDKIM, SeverityError, "the Ed25519 key is wrapped in ASN.1", "verifiers want its 32 octets alone, and signatures do not verify", "RFC 8463 §4.2"},
	{"dkim-type-mismatch", StandardDKIM, SeverityError, "the DKIM key is of another type than its record says", "signatures do not verify", "RFC 8463 §3"},
	{"dkim-hash", StandardDKIM, SeverityError, "the DKIM key does not allow SHA-256", "verifiers take no other hash, and signatures do not verify", "RFC 8301 §3.1"},
	{"dkim-service", StandardDKIM, SeverityError, "the DKIM key is not meant for mail", "verifiers ignore it", "RFC 6376 §3.6.1"},
}

// dkimAdvice are about keys that work and could be better.
var dkimAdvice = [...]Rule{
	{"dkim-short-key", StandardDKIM, SeverityWarning, "the DKIM key has fewer than 2048 bits", "signers should use at least 2048, and receivers ask for them more and more", "RFC 8301 §3.2"},
	{"dkim-testing", StandardDKIM, SeverityWarning, "the DKIM key is marked as a test", "receivers treat the mail as if it were not signed", "RFC 6376 §3.6.1"},
	{"dkim-wildcard", StandardDKIM, SeverityWarning, "a wildcard puts the same record at every selector", "mistyped selectors and real ones cannot be told apart", "RFC 6376 §6.1.2"},
	{"dkim-old-hash", StandardDKIM, SeverityWarning, "the DKIM key still allows SHA-1", "nobody may use it any more", "RFC 8301 §3.1"},
	{"dkim-pkcs1", StandardDKIM, SeverityWarning, "the DKIM key is a bare RSA key", "some verifiers only take it in its usual wrapping", "RFC 6376 §3.6.1"},
	{"dkim-large-key", StandardDKIM, SeverityWarning, "the DKIM key has more than 4096 bits", "verifiers need not take it", "RFC 8301 §3.2"},
	{"dkim-syntax", StandardDKIM, SeverityNotice, "a tag of the DKIM key record is not one that verifiers know", "they ignore it", "RFC 6376 §3.6.1"},
}
