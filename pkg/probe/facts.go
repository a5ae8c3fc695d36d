package probe

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// result returns the facts of a visit.
func (v *visit) result(now time.Time) Result {
	e := v.endpoint
	r := Result{
		Host: e.Host, Port: e.Port, Service: e.Service, Domain: e.Domain, Milliseconds: v.timing,
		Greeting: v.greeting.String(), Chain: []Certificate{}, Findings: []Finding{},
		Capabilities: Capabilities{BeforeTLS: []string{}, AfterTLS: []string{}},
		Auth:         Mechanisms{BeforeTLS: []string{}, AfterTLS: []string{}},
	}
	if e.Addr.IsValid() {
		r.Address = e.Addr.String()
	}
	if failed := v.failedAt(); failed != "" {
		r.Stage, r.Error = failed, causeText(v.err)
	}
	r.Reason = v.reason()
	r.Reachable = r.Reason == ""
	r.takeHello(v)
	r.takeTLS(v, now)
	return r
}

// takeHello takes in what was offered.
func (r *Result) takeHello(v *visit) {
	if s, ok := offered(v.hellos); ok {
		r.Capabilities.BeforeTLS = keywords(s.Reply)
		r.Auth.BeforeTLS = append(r.Auth.BeforeTLS, s.Capabilities.Auth...)
		r.Auth.WithoutTLS = len(s.Capabilities.Auth) > 0
		r.StartTLS = s.Capabilities.StartTLS
		r.takeCapabilities(s.Capabilities)
	}
	if s, ok := offered(v.hellosTLS); ok {
		r.Capabilities.AfterTLS = keywords(s.Reply)
		r.Auth.AfterTLS = append(r.Auth.AfterTLS, s.Capabilities.Auth...)
		r.takeCapabilities(s.Capabilities)
	}
}

func (r *Result) takeCapabilities(c delivery.Capabilities) {
	r.Name, r.Size, r.Limits, r.Hello = c.Name, c.Size, Limits(c.Limits), "HELO"
	if c.Extended {
		r.Hello = "EHLO"
	}
}

// keywords returns the lines behind the first.
func keywords(reply delivery.Reply) []string {
	if len(reply.Lines) < 2 {
		return []string{}
	}
	return reply.Lines[1:]
}

// takeTLS takes in the connection and the chain.
func (r *Result) takeTLS(v *visit, now time.Time) {
	if v.tls == nil {
		r.PKIX.Status = PKIXNone
		return
	}
	state := v.tls
	r.TLS = &TLS{
		Version: versionName(state.Version), Cipher: tls.CipherSuiteName(state.CipherSuite),
		OCSP: staple(state), version: state.Version, suite: state.CipherSuite,
	}
	if state.CurveID != 0 {
		r.TLS.Group = state.CurveID.String()
	}
	for _, cert := range state.PeerCertificates {
		r.Chain = append(r.Chain, describe(cert, now))
	}
}

// versionName returns "TLSv1.3".
func versionName(version uint16) string {
	return strings.Replace(tls.VersionName(version), "TLS ", "TLSv", 1)
}

// describe returns the facts of a certificate.
func describe(cert *x509.Certificate, now time.Time) Certificate {
	whole, key := sha256.Sum256(cert.Raw), sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	c := Certificate{
		Subject: cert.Subject.String(), Issuer: cert.Issuer.String(), Names: namesOf(cert),
		NotBefore: cert.NotBefore.UTC(), NotAfter: cert.NotAfter.UTC(), DaysLeft: daysLeft(cert, now),
		Key: keyName(cert), Signature: cert.SignatureAlgorithm.String(), Serial: cert.SerialNumber.Text(16),
		SHA256: hex.EncodeToString(whole[:]), SPKISHA256: hex.EncodeToString(key[:]),
	}
	return c
}

// mostNames is how many names of a certificate are kept.
const mostNames = 200

func namesOf(cert *x509.Certificate) []string {
	names := append([]string{}, cert.DNSNames...)
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	return names[:min(len(names), mostNames)]
}

// daysLeft returns the whole days until the certificate ends, negative ones since.
func daysLeft(cert *x509.Certificate, now time.Time) int {
	return int(math.Floor(cert.NotAfter.Sub(now).Hours() / 24))
}

// keyName returns kind and size of the key.
func keyName(cert *x509.Certificate) string {
	switch key := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", key.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + key.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return cert.PublicKeyAlgorithm.String()
}

// staple reads the status that came with the handshake.
func staple(state *tls.ConnectionState) *OCSP {
	if len(state.OCSPResponse) == 0 {
		return nil
	}
	var issuer *x509.Certificate
	if len(state.PeerCertificates) > 1 {
		issuer = state.PeerCertificates[1]
	}
	response, err := ocsp.ParseResponseForCert(state.OCSPResponse, state.PeerCertificates[0], issuer)
	if err != nil {
		return &OCSP{Status: "unreadable"}
	}
	status := map[int]string{ocsp.Good: "good", ocsp.Revoked: "revoked"}[response.Status]
	if status == "" {
		status = "unknown"
	}
	o := &OCSP{Status: status, ThisUpdate: &response.ThisUpdate}
	if !response.NextUpdate.IsZero() {
		o.NextUpdate = &response.NextUpdate
	}
	return o
}
