package tlsscan

import "strings"

// A Flaw is one thing that speaks against a cipher suite.
type Flaw string

// The flaws, the worst first.
const (
	FlawNull        Flaw = "null"               // nothing is encrypted
	FlawExport      Flaw = "export"             // the key was made short on purpose
	FlawAnonymous   Flaw = "anonymous"          // nobody proves who the server is
	FlawRC4         Flaw = "rc4"                // the key stream is biased
	FlawDES         Flaw = "des"                // keys of 56 bits
	FlawRC2         Flaw = "rc2"                // blocks of 64 bits, keys of at most 56 here
	Flaw3DES        Flaw = "3des"               // blocks of 64 bits, strength of 112
	FlawIDEA        Flaw = "idea"               // blocks of 64 bits
	FlawMD5         Flaw = "md5"                // records are authenticated with MD5
	FlawShortPrime  Flaw = "short-prime"        // the server's finite field has less than 2048 bits
	FlawStatic      Flaw = "no-forward-secrecy" // who gets the key later reads what was said before
	FlawFiniteField Flaw = "finite-field-dhe"   // the group cannot be agreed upon
	FlawCBC         Flaw = "cbc"                // authenticated first and encrypted then
)

// A Strength says how much the flaws of a suite matter.
type Strength string

// The strengths of a suite.
const (
	Strong     Strength = "strong"     // nothing speaks against it
	Acceptable Strength = "acceptable" // another one should be preferred
	Weak       Strength = "weak"       // it should not be accepted
)

// Strength says how much the flaw matters.
func (f Flaw) Strength() Strength {
	switch f {
	case FlawStatic, FlawFiniteField, FlawCBC:
		return Acceptable
	}
	return Weak
}

// judge returns the flaws of the suite with an IANA name, the worst first.
func judge(name string) []Flaw {
	exchange, protection, older := strings.Cut(strings.TrimPrefix(name, "TLS_"), "_WITH_")
	if !older { // a suite of TLS 1.3 has no key exchange of its own
		exchange, protection = "", exchange
	}
	var flaws []Flaw
	note := func(f Flaw, found bool) {
		if found {
			flaws = append(flaws, f)
		}
	}
	words := "_" + protection + "_"
	has := func(word string) bool { return strings.Contains(words, "_"+word+"_") }
	// TLS_SHA256_SHA256 and its like authenticate and do not encrypt (RFC 9150).
	note(FlawNull, has("NULL") || (!older && strings.HasPrefix(protection, "SHA")))
	note(FlawExport, strings.Contains(exchange, "EXPORT"))
	note(FlawAnonymous, strings.HasSuffix(strings.Split(exchange, "_EXPORT")[0], "_anon"))
	note(FlawRC4, has("RC4"))
	note(FlawDES, has("DES") || has("DES40"))
	note(FlawRC2, has("RC2"))
	note(Flaw3DES, has("3DES"))
	note(FlawIDEA, has("IDEA"))
	note(FlawMD5, has("MD5"))
	note(FlawStatic, older && !ephemeral(exchange))
	note(FlawFiniteField, strings.HasPrefix(exchange, "DHE_") || exchange == "PSK_DHE")
	note(FlawCBC, has("CBC"))
	return flaws
}

// ephemeral tells whether the keys of a key exchange are made for one connection.
func ephemeral(exchange string) bool {
	for _, kind := range []string{"ECDHE_", "DHE_", "SRP_", "ECCPWD"} {
		if strings.HasPrefix(exchange, kind) {
			return true
		}
	}
	return exchange == "PSK_DHE" || strings.Contains(exchange, "_anon")
}

// strength is that of the worst flaw.
func strength(flaws []Flaw) Strength {
	worst := Strong
	for _, f := range flaws {
		if s := f.Strength(); s == Weak || worst == Strong {
			worst = s
		}
	}
	return worst
}
