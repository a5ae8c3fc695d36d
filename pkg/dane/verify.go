package dane

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A Verdict is what senders say about the certificates of a host.
type Verdict string

// The verdicts.
const (
	Verified     Verdict = "verified"      // a usable record matches, and whatever it asks for is right
	NoMatch      Verdict = "no-match"      // no usable record matches
	ChainInvalid Verdict = "chain-invalid" // only DANE-TA records match, and the chain to the CA is broken or out of date
	NameMismatch Verdict = "name-mismatch" // the same, and the chain is right, but the certificate is for other names
	NotVerified  Verdict = "not-verified"  // there is no usable record, so that any certificate will do
	NoChain      Verdict = "no-chain"      // the server presented no certificate
)

// A Verification is a chain of certificates held against TLSA records.
type Verification struct {
	Verdict Verdict
	Err     error // what is wrong; nil under Verified and NotVerified

	// Matching are the usable records that are about one of the certificates, and
	// Others the usable ones that are not. Next to a record that matches, such a
	// one is either for the next certificate or forgotten.
	Matching []Record
	Others   []Record
}

// Verify holds the certificates that a server presented, its own first, against
// the records of the host at a moment. References are the names of which the
// certificate must have one under a DANE-TA record; see [Host.References].
func Verify(records []Record, chain []*x509.Certificate, references []string, now time.Time) Verification {
	var v Verification
	usable := slices.DeleteFunc(slices.Clone(records), func(r Record) bool { return !r.Usable() })
	switch {
	case len(usable) == 0:
		v.Verdict = NotVerified
		return v
	case len(chain) == 0:
		v.Verdict, v.Others, v.Err = NoChain, usable, errors.New("the server presented no certificate")
		return v
	}
	v.Verdict, v.Err = NoMatch, errors.New("no TLSA record matches the certificate")
	for _, r := range usable {
		verdict, err := judge(r, chain, references, now)
		if verdict == NoMatch {
			v.Others = append(v.Others, r)
			continue
		}
		v.Matching = append(v.Matching, r)
		if better(verdict, v.Verdict) {
			v.Verdict, v.Err = verdict, err
		}
	}
	return v
}

// better orders the verdicts about single records: the best one is that of all.
func better(a, b Verdict) bool {
	order := []Verdict{NoMatch, ChainInvalid, NameMismatch, Verified}
	return slices.Index(order, a) > slices.Index(order, b)
}

// judge holds the chain against one record.
func judge(r Record, chain []*x509.Certificate, references []string, now time.Time) (Verdict, error) {
	if r.Usage == DANEEE {
		// The record is all that counts: neither names nor dates (RFC 7672 §3.1.1).
		if r.Matches(chain[0]) {
			return Verified, nil
		}
		return NoMatch, nil
	}
	anchor := anchorFor(r, chain)
	if anchor == nil {
		return NoMatch, nil
	}
	if err := verifyChain(chain, anchor, now); err != nil {
		return ChainInvalid, err
	}
	if err := verifyName(chain[0], references); err != nil {
		return NameMismatch, err
	}
	return Verified, nil
}

// anchorFor returns what a chain has to lead to under a DANE-TA record: the CA's
// certificate that the server presented (RFC 7672 §3.1.2 wants it there), or that in
// the record itself, or the certificate that the key in the record signed. The
// server's own certificate is no CA's, though it be self-signed: senders do not take
// it for one.
func anchorFor(r Record, chain []*x509.Certificate) *x509.Certificate {
	isAnchor := func(c *x509.Certificate) bool { return !c.Equal(chain[0]) && r.Matches(c) }
	if i := slices.IndexFunc(chain, isAnchor); i >= 0 {
		return chain[i]
	}
	if r.Matching != Exact {
		return nil
	}
	if r.Selector == PublicKey {
		return signedBy(r.Data, chain)
	}
	anchor, err := x509.ParseCertificate(r.Data)
	if err != nil || anchor.Equal(chain[0]) || !issued(anchor, chain) {
		return nil
	}
	return anchor
}

// signedBy returns the first certificate that a key signed, or nil.
func signedBy(key []byte, chain []*x509.Certificate) *x509.Certificate {
	public, err := x509.ParsePKIXPublicKey(key)
	if err != nil {
		return nil
	}
	ca := &x509.Certificate{PublicKey: public}
	for _, c := range chain {
		if ca.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil {
			return c
		}
	}
	return nil
}

// issued reports whether a certificate signed one of the chain.
func issued(ca *x509.Certificate, chain []*x509.Certificate) bool {
	return slices.ContainsFunc(chain, func(c *x509.Certificate) bool { return c.CheckSignatureFrom(ca) == nil })
}

// verifyChain checks that the server's certificate comes from the anchor.
func verifyChain(chain []*x509.Certificate, anchor *x509.Certificate, now time.Time) error {
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(anchor)
	for _, cert := range chain[1:] {
		between.AddCert(cert)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: now})
	return err
}

// verifyName checks that the certificate is for one of the names.
func verifyName(cert *x509.Certificate, references []string) error {
	for _, name := range references {
		if cert.VerifyHostname(name) == nil {
			return nil
		}
	}
	return fmt.Errorf("the certificate is for none of %q", references)
}

// A Rollover says what of a host's records will still be right after its
// certificate changes (RFC 7671 §8).
type Rollover struct {
	// SameKey: a record goes on matching when the certificate is renewed and the key
	// is kept, because it is about the key or about the CA.
	SameKey bool
	// NewKey: a record goes on matching when the key changes and the CA does not,
	// because it is about the CA.
	NewKey bool
	// Prepared: there is a usable record for another key than the present one. It is
	// for the next key, or forgotten from the last one.
	Prepared bool
}

// Rollover tells what the records are prepared for. It is all false unless the
// certificates are verified now.
func (v Verification) Rollover() Rollover {
	if v.Verdict != Verified {
		return Rollover{}
	}
	roll := Rollover{Prepared: len(v.Others) > 0}
	for _, r := range v.Matching {
		roll.NewKey = roll.NewKey || r.Usage == DANETA
		roll.SameKey = roll.SameKey || r.Usage == DANETA || r.Selector == PublicKey
	}
	return roll
}
