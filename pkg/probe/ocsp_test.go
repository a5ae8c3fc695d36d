package probe_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/probe"
)

// authorized is a certificate whose authority's key the test knows.
func authorized(t *testing.T, status int) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	make1 := func(template, parent *x509.Certificate, signer *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		must(err)
		if signer == nil {
			signer = key
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
		must(err)
		cert, err := x509.ParseCertificate(der)
		must(err)
		return cert, key
	}
	end := time.Now().AddDate(0, 3, 0)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotAfter: end, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	ca, caKey := make1(template, template, nil)
	leaf, key := make1(&x509.Certificate{SerialNumber: big.NewInt(2), NotAfter: end, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}, ca, caKey)
	staple, err := ocsp.CreateResponse(ca, ca, ocsp.Response{Status: status, SerialNumber: leaf.SerialNumber, ThisUpdate: time.Now(), NextUpdate: end, RevokedAt: time.Now()}, caKey)
	must(err)
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	return tls.Certificate{Certificate: [][]byte{leaf.Raw, ca.Raw}, PrivateKey: key, Leaf: leaf, OCSPStaple: staple}, roots
}

// RFC 6066 §8: a status that comes with the handshake.
func TestStaple(t *testing.T) {
	for status, want := range map[int]string{ocsp.Good: "good", ocsp.Revoked: "revoked", ocsp.Unknown: "unknown"} {
		cert, roots := authorized(t, status)
		server := testkit.SMTP(t, testkit.ServerTLS(cert), underTLS)
		opt := impatient()
		opt.Roots = roots
		r := probe.New(opt).Probe(t.Context(), at(server.Port, probe.ServiceRelay))
		if status == ocsp.Revoked {
			seen(t, r, "cert-revoked error")
		} else {
			seen(t, r)
		}
		if r.TLS == nil || r.TLS.OCSP == nil || r.TLS.OCSP.Status != want || r.TLS.OCSP.NextUpdate == nil {
			t.Errorf("%s: %+v", want, r.TLS)
		}
	}
}
