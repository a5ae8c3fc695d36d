package probe

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A pkixProblem is one thing that a client that verifies would mind.
type pkixProblem struct {
	status PKIXStatus
	id     string
	what   string
}

// verifyPKIX holds a chain against the authorities that are trusted; nil means
// the system's. It returns everything that is wrong: a certificate may be too old
// and for other names at once.
func verifyPKIX(chain []*x509.Certificate, host string, roots *x509.CertPool, now time.Time) []pkixProblem {
	var problems []pkixProblem
	leaf := chain[0]
	at := now
	switch {
	case now.After(leaf.NotAfter):
		problems = append(problems, pkixProblem{PKIXExpired, "cert-expired", fmt.Sprintf("the certificate expired on %s", day(leaf.NotAfter))})
		at = leaf.NotAfter
	case now.Before(leaf.NotBefore):
		problems = append(problems, pkixProblem{PKIXNotYetValid, "cert-not-yet-valid", fmt.Sprintf("the certificate is valid from %s on", day(leaf.NotBefore))})
		at = leaf.NotBefore
	}
	if p := verifyTrust(chain, roots, at); p.status != "" {
		problems = append(problems, p)
	}
	if err := leaf.VerifyHostname(strings.TrimSuffix(host, ".")); err != nil {
		problems = append(problems, nameProblem(leaf, host))
	}
	return problems
}

// verifyTrust looks for a way from the chain to an authority.
func verifyTrust(chain []*x509.Certificate, roots *x509.CertPool, at time.Time) pkixProblem {
	between := x509.NewCertPool()
	for _, cert := range chain[1:] {
		between.AddCert(cert)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: at})
	if err == nil {
		return pkixProblem{}
	}
	if !errors.As(err, new(x509.UnknownAuthorityError)) {
		invalid := x509.CertificateInvalidError{}
		if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
			return pkixProblem{PKIXExpired, "cert-expired", fmt.Sprintf("the certificate of %q in the chain has expired", invalid.Cert.Subject)}
		}
		return pkixProblem{PKIXInvalid, "cert-invalid", "the chain of certificates is not valid (" + err.Error() + ")"}
	}
	return untrusted(chain)
}

// untrusted says why there is no way to an authority.
func untrusted(chain []*x509.Certificate) pkixProblem {
	if isSelfSigned(chain[0]) {
		return pkixProblem{PKIXSelfSigned, "cert-self-signed", ""}
	}
	for _, cert := range chain {
		if isWeakSignature(cert) && !isSelfSigned(cert) {
			return pkixProblem{status: PKIXWeak} // which has a finding of its own
		}
	}
	top := topOf(chain)
	if isSelfSigned(top) {
		return pkixProblem{PKIXUntrusted, "cert-untrusted", fmt.Sprintf("the certificate's authority %q is not trusted", top.Subject)}
	}
	return pkixProblem{
		PKIXIncomplete, "cert-incomplete-chain",
		fmt.Sprintf("the chain of certificates has a gap, for the server does not send that of %q and it is not known here", top.Issuer),
	}
}

// topOf follows the chain upwards as far as certificates were sent.
func topOf(chain []*x509.Certificate) *x509.Certificate {
	top := chain[0]
	for range chain {
		next := top
		for _, cert := range chain {
			if cert != top && bytes.Equal(cert.RawSubject, top.RawIssuer) && top.CheckSignatureFrom(cert) == nil {
				next = cert
			}
		}
		if next == top || isSelfSigned(top) {
			return top
		}
		top = next
	}
	return top
}

func isSelfSigned(cert *x509.Certificate) bool {
	return bytes.Equal(cert.RawSubject, cert.RawIssuer) &&
		cert.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature) == nil
}

func nameProblem(leaf *x509.Certificate, host string) pkixProblem {
	names := namesOf(leaf)
	if len(names) == 0 {
		return pkixProblem{PKIXWrongName, "cert-no-names", ""}
	}
	const enough = 5
	shown := strings.Join(names[:min(len(names), enough)], ", ")
	if more := len(names) - enough; more > 0 {
		shown += fmt.Sprintf(" and %d more", more)
	}
	return pkixProblem{PKIXWrongName, "cert-wrong-name", fmt.Sprintf("the certificate is for %s and not for %s", shown, host)}
}

// The least sizes of keys (RFC 9325 §4.5).
const (
	minRSABits   = 2048
	minECDSABits = 224
)

// isWeakKey reports whether a key can be broken.
func isWeakKey(cert *x509.Certificate) bool {
	switch key := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() < minRSABits
	case *ecdsa.PublicKey:
		return key.Params().BitSize < minECDSABits
	}
	return cert.PublicKeyAlgorithm == x509.DSA
}

// isWeakSignature reports whether a signature is made with a broken hash. That of
// an authority's own certificate does not count.
func isWeakSignature(cert *x509.Certificate) bool {
	switch cert.SignatureAlgorithm {
	case x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1:
		return true
	}
	return false
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02") }
