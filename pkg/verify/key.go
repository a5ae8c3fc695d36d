package verify

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dkim"
)

// checkKey sets the result when the key does not let the signature pass.
func (s *Signature) checkKey() {
	key := s.Key
	switch key.Status {
	case dkim.KeyUnknown:
		if key.Answer.Cause == delivery.CauseInvalidName {
			s.rule(DKIMPermError, "%q is not a name that can have a key", shorten(key.Name))
			return
		}
		s.rule(DKIMTempError, "the key at %s could not be looked up: %s", key.Name, key.Answer.Cause)
	case dkim.KeyAbsent:
		s.rule(DKIMPermError, "there is no key at %s", key.Name)
	case dkim.KeySeveral:
		s.rule(DKIMPermError, "there are several keys at %s", key.Name)
	case dkim.KeyRevoked:
		s.rule(DKIMPermError, "the key at %s is revoked: p is empty", key.Name)
	case dkim.KeyUnusable:
		s.checkUnusable()
	case dkim.KeyFound:
		s.checkFit()
	}
	if key.Record != nil {
		s.Testing, s.KeyBits = key.Record.Testing, key.Record.Bits
	}
}

// checkUnusable names what is wrong with a key.
func (s *Signature) checkUnusable() {
	record := s.Key.Record
	if record.Has(dkim.KeyTooShort) {
		s.rule(DKIMPolicy, "the key has only %d bits, and under 1024 nobody may accept it (RFC 8301)", record.Bits)
		return
	}
	var wrong []string
	for _, p := range record.Problems {
		if text := keyFault(p); text != "" {
			wrong = append(wrong, text)
		}
	}
	s.rule(DKIMPermError, "the key at %s cannot be used: %s", s.Key.Name, strings.Join(wrong, "; "))
}

// keyFault says what is wrong with a key that cannot be used; empty for what does
// not matter to verifiers.
func keyFault(p dkim.KeyProblem) string {
	switch p.Kind {
	case dkim.KeyVersion:
		return "v is not DKIM1, or not the first tag"
	case dkim.KeyNoKey:
		return "it has no p"
	case dkim.KeyRepeatedTag:
		return fmt.Sprintf("the tag %s is there twice", p.Tag)
	case dkim.KeyNoValue:
		return notTag(p)
	case dkim.KeyUnknownType:
		return fmt.Sprintf("k=%s is neither rsa nor ed25519", shorten(p.Value))
	case dkim.KeyBase64:
		return "p is not base64"
	case dkim.KeyPadding:
		return "p lacks the = at its end"
	case dkim.KeyPEM:
		return "p has the BEGIN and END lines of a PEM file"
	case dkim.KeyQuotes:
		return "quotes or backslashes of a zone file are part of the record"
	case dkim.KeyMalformed:
		return "p is not a public key"
	case dkim.KeyEd25519ASN1:
		return "p is an Ed25519 key wrapped in ASN.1, not its 32 octets"
	case dkim.KeyTypeMismatch:
		return "p is a key of another type than k says"
	case dkim.KeyHash:
		return "h does not allow sha256"
	case dkim.KeyService:
		return "s does not allow email"
	default:
		return ""
	}
}

// notTag says why a piece of a key record is not a tag.
func notTag(p dkim.KeyProblem) string {
	switch {
	case p.Tag != "":
		return fmt.Sprintf("%q is not a tag: it has no =", shorten(p.Tag))
	case p.Value != "":
		return fmt.Sprintf("%q is a tag without a name", shorten("="+p.Value))
	default:
		return "it has an empty tag: a semicolon with nothing before it"
	}
}

// checkFit compares the key with what the signature says of it.
func (s *Signature) checkFit() {
	record := s.Key.Record
	algorithm, _, _ := strings.Cut(s.Algorithm, "-")
	switch {
	case string(record.Algorithm) != algorithm:
		s.rule(DKIMPermError, "the signature is made with %s, the key is for %s", algorithm, record.Algorithm)
	case record.Strict && s.Identity != "" && s.identityDomain() != s.Domain: // RFC 6376 §3.6.1
		s.rule(DKIMPermError, "the key says t=s, and the identity %q is below %s", shorten(s.Identity), s.Domain)
	}
}

// canonicalRecord writes a key in the one form that every verifier reads.
func canonicalRecord(record *dkim.KeyRecord) (string, error) {
	var p []byte
	switch public := record.Public.(type) {
	case ed25519.PublicKey:
		p = public
	case *rsa.PublicKey:
		der, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			return "", err
		}
		p = der
	}
	return "v=DKIM1; k=" + string(record.Algorithm) + "; p=" + base64.StdEncoding.EncodeToString(p), nil
}
