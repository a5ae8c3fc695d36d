package probe

// tlsRules are about TLS itself. Where other servers deliver, weak TLS is better
// than none (RFC 7435); where people log in, it is not (RFC 8314): the findings
// there are graver.
var tlsRules = [...]Rule{
	{"tls-no-starttls", StandardTLS, SeverityWarning, "the server does not offer STARTTLS", "everybody between reads and changes the mail", "give the server a certificate and turn STARTTLS on", "RFC 3207 §4"},
	{"tls-starttls-refused", StandardTLS, SeverityError, "the server offers STARTTLS and then refuses it", "senders deliver without encryption, or not at all", "look into the server's log: often it cannot read its certificate or key", "RFC 3207 §4"},
	{"tls-handshake", StandardTLS, SeverityError, "the server offers TLS and the handshake fails", "senders deliver without encryption, or not at all", "look into the server's log, and at its TLS settings", "RFC 3207 §4.1"},
	{"tls-buffered", StandardTLS, SeverityError, "plaintext came behind the reply to STARTTLS", "an attacker between could have put it there, or the server takes such text for its own", "update the server, and look for a proxy between", "RFC 3207 §6"},
	{"tls-not-implicit", StandardTLS, SeverityError, "the server does not begin with TLS", "clients at this port wait for TLS from the first octet", "turn implicit TLS on at this port (smtps)", "RFC 8314 §3.3"},
	{"tls-old-version", StandardTLS, SeverityWarning, "the server has no version of TLS that is up to date", "TLS 1.0 and 1.1 are forbidden, and new clients do not speak them", "turn TLS 1.2 and 1.3 on", "RFC 8996 §4"},
	{"tls-old-accepted", StandardTLS, SeverityWarning, "the server still takes old versions of TLS", "TLS 1.0 and 1.1 are forbidden", "turn TLS 1.0 and 1.1 off", "RFC 8996 §4"},
	{"tls-no-13", StandardTLS, SeverityNotice, "the server does not speak TLS 1.3", "it should, besides TLS 1.2", "turn TLS 1.3 on", "RFC 9325 §3.1.1"},
	{"tls-only-13", StandardTLS, SeverityNotice, "the server speaks TLS 1.3 only", "senders that know TLS 1.2 only deliver without encryption, or not at all", "turn TLS 1.2 on too, where mail comes in from everywhere", "RFC 9325 §3.1.1"},
	{"tls-weak-cipher", StandardTLS, SeverityWarning, "the cipher is weak", "what is sent can be read, now or later", "turn on ECDHE with AES-GCM or ChaCha20-Poly1305, and the others off", "RFC 9325 §4.1"},
	{"tls-weak-accepted", StandardTLS, SeverityWarning, "the server takes weak ciphers", "what is sent under them can be read, now or later", "turn them off", "RFC 9325 §4.1"},
	{"tls-versions-unknown", StandardTLS, SeverityUnknown, "not all versions of TLS could be tried", "nothing is known of the others", "", ""},
}

// certificateRules are about certificates under the rules of the public
// authorities.
var certificateRules = [...]Rule{
	{"cert-expired", StandardCertificate, SeverityWarning, "the certificate has expired", "clients that verify do not go on", "renew it, and let the server load the new one", "RFC 5280 §4.1.2.5"},
	{"cert-not-yet-valid", StandardCertificate, SeverityWarning, "the certificate is not valid yet", "clients that verify do not go on", "look at the clocks, or use the earlier certificate until then", "RFC 5280 §4.1.2.5"},
	{"cert-expires-soon", StandardCertificate, SeverityWarning, "the certificate expires soon", "clients that verify stop then", "renew it, and let the server load the new one", "RFC 5280 §4.1.2.5"},
	{"cert-wrong-name", StandardCertificate, SeverityWarning, "the certificate is for other names", "clients that verify do not go on", "get one that has the host's name", "RFC 9525 §6"},
	{"cert-no-names", StandardCertificate, SeverityWarning, "the certificate names no host where clients look", "the common name has not counted for years", "get one with a subject alternative name", "RFC 9525 §6.1"},
	{"cert-self-signed", StandardCertificate, SeverityWarning, "the certificate is signed by itself", "clients that verify do not go on", "get one from a public authority, or publish TLSA records", "RFC 5280 §6.1"},
	{"cert-incomplete-chain", StandardCertificate, SeverityWarning, "the chain of certificates has a gap", "clients that verify do not find the way to an authority that they trust", "let the server send the intermediate certificates too (fullchain)", "RFC 5246 §7.4.2"},
	{"cert-untrusted", StandardCertificate, SeverityWarning, "the certificate's authority is not trusted", "clients that verify do not go on", "get one from a public authority, or name yours with --ca-file", "RFC 5280 §6.1"},
	{"cert-revoked", StandardCertificate, SeverityError, "the certificate was revoked", "the server itself staples the proof", "get another one", "RFC 6960 §2.2"},
	{"cert-invalid", StandardCertificate, SeverityWarning, "the chain of certificates is not valid", "clients that verify do not go on", "get another one", "RFC 5280 §6.1"},
	{"cert-weak-key", StandardCertificate, SeverityWarning, "the certificate's key is weak", "it can be broken; new clients refuse it", "make a key of RSA 2048 or ECDSA P-256", "RFC 9325 §4.5"},
	{"cert-weak-signature", StandardCertificate, SeverityWarning, "a certificate is signed with a broken hash", "such a signature can be forged; new clients refuse it", "get one that is signed with SHA-256", "RFC 9155 §2"},
}

// daneRules are about TLSA records held against live certificates.
var daneRules = [...]Rule{
	{"dane-live-verified", StandardDANE, SeverityOK, "a TLSA record matches the certificate", "senders who use DANE deliver", "", "RFC 7672 §3"},
	{"dane-live-mismatch", StandardDANE, SeverityError, "no TLSA record matches the certificate", "senders who use DANE do not deliver", "publish the record of the key that the server has now", "RFC 7672 §2.2"},
	{"dane-live-chain", StandardDANE, SeverityError, "a TLSA record matches an authority, and the chain to it is not valid", "senders who use DANE do not deliver", "mend the chain that the server sends, or publish 3 1 1 of its key", "RFC 7672 §3.1.2"},
	{"dane-live-name", StandardDANE, SeverityError, "a TLSA record matches an authority, and the certificate is for other names", "senders who use DANE do not deliver", "get a certificate that has the host's name, or publish 3 1 1 of its key", "RFC 7672 §3.2.2"},
	{"dane-live-no-tls", StandardDANE, SeverityError, "there are TLSA records, and the server has no TLS that works", "senders who use DANE do not deliver", "mend TLS, or take the records away", "RFC 7672 §2.2"},
	{"dane-live-bogus", StandardDANE, SeverityError, "the signatures at the host's records are broken", "senders who use DANE do not deliver", "sign the zone again", "RFC 7672 §2.1.3"},
	{"dane-live-unknown", StandardDANE, SeverityUnknown, "TLSA records could not be looked up", "senders who use DANE do not deliver as long as that is so", "", "RFC 7672 §2.1.3"},
	{"dane-rollover", StandardDANE, SeverityNotice, "the TLSA records know the present certificate only", "with the next one, senders who use DANE stop delivering", "publish the record of the next key at least two TTLs before it is used, or 2 1 1 of the authority", "RFC 7671 §8.1"},
}

// mtastsRules are about the policy of MTA-STS held against live certificates.
var mtastsRules = [...]Rule{
	{"mtasts-live-verified", StandardMTASTS, SeverityOK, "the server is as the MTA-STS policy asks", "senders who use it deliver", "", "RFC 8461 §4"},
	{"mtasts-live-certificate", StandardMTASTS, SeverityError, "the certificate is not as the MTA-STS policy asks", "senders who use it do not deliver", "get a certificate of a public authority that has the host's name", "RFC 8461 §4.2"},
	{"mtasts-live-no-tls", StandardMTASTS, SeverityError, "there is an MTA-STS policy, and the server has no TLS that works", "senders who use it do not deliver", "mend TLS", "RFC 8461 §4"},
	{"mtasts-live-host", StandardMTASTS, SeverityError, "the MTA-STS policy does not cover the server", "senders who use it do not deliver to it", "name the host in the policy, and change its id", "RFC 8461 §4.1"},
	{"mtasts-live-unknown", StandardMTASTS, SeverityUnknown, "the MTA-STS policy could not be had", "what it asks of the server is not known", "", "RFC 8461 §3.3"},
}
