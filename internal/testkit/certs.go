package testkit

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// A CA is a certification authority that lives as long as a test.
type CA struct {
	// Pool holds the CA's own certificate, for clients that trust it.
	Pool *x509.CertPool
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// A Cert says what a certificate is like. Names are domain names and IP
// addresses; zero times mean an hour ago and in an hour.
type Cert struct {
	Names     []string
	NotBefore time.Time
	NotAfter  time.Time
	RSA       int // bits of an RSA key; 0 is a P-256 key
}

// NewCA makes a CA.
func NewCA(t testing.TB) *CA {
	t.Helper()
	template := (&Cert{}).template(t)
	template.Subject.CommonName = "mailctl test CA"
	template.IsCA = true
	template.KeyUsage = x509.KeyUsageCertSign
	key := newKey(t)
	ca := &CA{Pool: x509.NewCertPool(), cert: sign(t, template, template, key, key), key: key}
	ca.Pool.AddCert(ca.cert)
	return ca
}

// Intermediate makes a CA that this one has signed. Its Pool holds this one, and
// what it issues comes with its own certificate.
func (ca *CA) Intermediate(t testing.TB) *CA {
	t.Helper()
	template := (&Cert{}).template(t)
	template.Subject.CommonName = "mailctl test intermediate"
	template.IsCA = true
	template.KeyUsage = x509.KeyUsageCertSign
	key := newKey(t)
	return &CA{Pool: ca.Pool, cert: sign(t, template, ca.cert, key, ca.key), key: key}
}

// Issue makes a certificate that the CA has signed.
func (ca *CA) Issue(t testing.TB, c Cert) tls.Certificate {
	t.Helper()
	var key crypto.Signer = newKey(t)
	if c.RSA > 0 {
		var err error
		key, err = rsa.GenerateKey(rand.Reader, c.RSA)
		check(t, err)
	}
	leaf := sign(t, c.template(t), ca.cert, key, ca.key)
	return tls.Certificate{Certificate: [][]byte{leaf.Raw, ca.cert.Raw}, PrivateKey: key, Leaf: leaf}
}

// Valid makes a certificate that is good for names.
func (ca *CA) Valid(t testing.TB, names ...string) tls.Certificate {
	t.Helper()
	return ca.Issue(t, Cert{Names: names})
}

// Expired makes a certificate for names that ended a minute ago.
func (ca *CA) Expired(t testing.TB, names ...string) tls.Certificate {
	t.Helper()
	return ca.Issue(t, Cert{Names: names, NotAfter: time.Now().Add(-time.Minute)})
}

// SelfSigned makes a certificate for names that nobody vouches for.
func SelfSigned(t testing.TB, names ...string) tls.Certificate {
	t.Helper()
	key := newKey(t)
	template := (&Cert{Names: names}).template(t)
	leaf := sign(t, template, template, key, key)
	return tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}
}

// PEM returns the CA's own certificate as a file holds it.
func (ca *CA) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw})
}

// chainPEM returns a certificate and those that vouch for it as a file holds them.
func chainPEM(t testing.TB, cert tls.Certificate) string {
	t.Helper()
	var chain strings.Builder
	for _, der := range cert.Certificate {
		check(t, pem.Encode(&chain, &pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	return chain.String()
}

// keyPEM returns a certificate's key as a file holds it.
func keyPEM(t testing.TB, cert tls.Certificate) string {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	check(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
}

// ClientTLS returns the configuration of a client that trusts the CA alone.
func (ca *CA) ClientTLS() *tls.Config {
	return &tls.Config{RootCAs: ca.Pool, MinVersion: tls.VersionTLS12}
}

// ServerTLS returns the configuration of a server with one certificate.
func ServerTLS(cert tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
}

func (c *Cert) template(t testing.TB) *x509.Certificate {
	t.Helper()
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{Organization: []string{"mailctl test"}},
		NotBefore:             c.NotBefore,
		NotAfter:              c.NotAfter,
		KeyUsage:              c.keyUsage(),
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	if c.NotBefore.IsZero() {
		template.NotBefore = time.Now().Add(-time.Hour)
	}
	if c.NotAfter.IsZero() {
		template.NotAfter = time.Now().Add(time.Hour)
	}
	for _, name := range c.Names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
			continue
		}
		template.DNSNames = append(template.DNSNames, name)
	}
	return template
}

// keyUsage lets an RSA key also decrypt, as the key exchange without forward
// secrecy wants it (RFC 5246 §7.4.2).
func (c *Cert) keyUsage() x509.KeyUsage {
	if c.RSA > 0 {
		return x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment
	}
	return x509.KeyUsageDigitalSignature
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func sign(t testing.TB, template, parent *x509.Certificate, key, signer crypto.Signer) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}
