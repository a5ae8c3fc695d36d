// Package marktest issues mark certificates (VMC) to tests.
package marktest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// What a mark certificate is made of.
var (
	oidMarkUsage = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 31}       // id-kp-BrandIndicatorforMessageIdentification
	oidLogotype  = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 12}       // RFC 9399
	oidSCTs      = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2} // RFC 6962 §3.3
	oidMarkType  = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 53087, 1, 13}   // subject:markType
	oidSHA256    = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
)

// An Authority issues mark certificates.
type Authority struct {
	Root, Issuer *x509.Certificate
	Key          *ecdsa.PrivateKey // of the issuer

	now  time.Time
	logo []byte
}

// New makes an authority. Its certificates are valid at a time, and show a logo,
// an SVG document that may be compressed.
func New(t testing.TB, now time.Time, logo []byte) *Authority {
	t.Helper()
	key := newKey(t)
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Mark Root"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(10, 0, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	root = Issue(t, root, root, key, key)
	issuer := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Mark Issuer"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(5, 0, 0), KeyUsage: x509.KeyUsageCertSign,
		UnknownExtKeyUsage: []asn1.ObjectIdentifier{oidMarkUsage},
	}
	issuerKey := newKey(t)
	return &Authority{Root: root, Issuer: Issue(t, issuer, root, issuerKey, key), Key: issuerKey, now: now, logo: logo}
}

// Roots are what a receiver trusts who trusts the authority.
func (a *Authority) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.Root)
	return pool
}

// Mark makes a good mark certificate for example.com after change had its say.
func (a *Authority) Mark(t testing.TB, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	policy, err := x509.OIDFromInts([]uint64{1, 3, 6, 1, 4, 1, 53087, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(3),
		Subject: pkix.Name{Organization: []string{"Example, Inc."}, ExtraNames: []pkix.AttributeTypeAndValue{
			{Type: oidMarkType, Value: "Registered Mark"},
		}},
		NotBefore: a.now.AddDate(0, -1, 0), NotAfter: a.now.AddDate(1, 0, 0),
		DNSNames:              []string{"example.com", "news._bimi.example.net"},
		UnknownExtKeyUsage:    []asn1.ObjectIdentifier{oidMarkUsage},
		Policies:              []x509.OID{policy},
		CRLDistributionPoints: []string{"http://crl.example/marks.crl"},
		ExtraExtensions: []pkix.Extension{
			{Id: oidLogotype, Value: Logotype(t, a.logo, oidSHA256, nil)},
			{Id: oidSCTs, Value: []byte{4, 2, 0, 0}},
		},
	}
	if change != nil {
		change(c)
	}
	return Issue(t, c, a.Issuer, newKey(t), a.Key)
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Issue signs a certificate for a key.
func Issue(t testing.TB, c, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// Logotype writes the extension of RFC 9399 §4.1; a nil hash is the right one.
func Logotype(t testing.TB, image []byte, algorithm asn1.ObjectIdentifier, hash []byte) []byte {
	t.Helper()
	return LogotypeURI(t, "data:image/svg+xml;base64,"+base64.StdEncoding.EncodeToString(image), algorithm, image, hash)
}

// LogotypeURI writes the extension with any URI.
func LogotypeURI(t testing.TB, uri string, algorithm asn1.ObjectIdentifier, image, hash []byte) []byte {
	t.Helper()
	if hash == nil {
		sum := sha256.Sum256(image)
		hash = sum[:]
	}
	type builder = *cryptobyte.Builder
	in := func(b builder, tag tags.Tag, write func(builder)) { b.AddASN1(tag, write) }
	text := func(b builder, s string) { in(b, tags.IA5String, func(b builder) { b.AddBytes([]byte(s)) }) }
	context := func(n uint8) tags.Tag { return tags.Tag(n).ContextSpecific().Constructed() }
	b := cryptobyte.NewBuilder(nil)
	in(b, tags.SEQUENCE, func(b builder) {
		in(b, context(2), func(b builder) { // subjectLogo
			in(b, context(0), func(b builder) { // direct
				in(b, tags.SEQUENCE, func(b builder) { // images
					in(b, tags.SEQUENCE, func(b builder) { // image
						in(b, tags.SEQUENCE, func(b builder) { // details
							text(b, "image/svg+xml")
							in(b, tags.SEQUENCE, func(b builder) {
								in(b, tags.SEQUENCE, func(b builder) {
									in(b, tags.SEQUENCE, func(b builder) { b.AddASN1ObjectIdentifier(algorithm) })
									b.AddASN1OctetString(hash)
								})
							})
							in(b, tags.SEQUENCE, func(b builder) { text(b, uri) })
						})
					})
				})
			})
		})
	})
	der, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// PEM writes certificates as they are published.
func PEM(certs ...*x509.Certificate) []byte {
	var out []byte
	for _, c := range certs {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return out
}
