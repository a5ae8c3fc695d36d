package bimi

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

// An authority issues mark certificates.
type authority struct {
	root, issuer *x509.Certificate
	key          *ecdsa.PrivateKey
}

var now = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func newAuthority(t testing.TB) *authority {
	t.Helper()
	key := newKey(t)
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Mark Root"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(10, 0, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	root = issue(t, root, root, key, key)
	issuer := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Mark Issuer"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(5, 0, 0), KeyUsage: x509.KeyUsageCertSign,
		UnknownExtKeyUsage: []asn1.ObjectIdentifier{oidMarkUsage},
	}
	issuerKey := newKey(t)
	return &authority{root: root, issuer: issue(t, issuer, root, issuerKey, key), key: issuerKey}
}

func (a *authority) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.root)
	return pool
}

// mark makes a good mark certificate after change had its say.
func (a *authority) mark(t testing.TB, change func(*x509.Certificate)) *x509.Certificate {
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
		NotBefore: now.AddDate(0, -1, 0), NotAfter: now.AddDate(1, 0, 0),
		DNSNames:              []string{"example.com", "news._bimi.example.net"},
		UnknownExtKeyUsage:    []asn1.ObjectIdentifier{oidMarkUsage},
		Policies:              []x509.OID{policy},
		CRLDistributionPoints: []string{"http://crl.example/marks.crl"},
		ExtraExtensions: []pkix.Extension{
			{Id: oidLogotype, Value: logotypeOf(t, zip(t, goodSVG), oidSHA256, nil)},
			{Id: oidSCTs, Value: []byte{4, 2, 0, 0}},
		},
	}
	if change != nil {
		change(c)
	}
	return issue(t, c, a.issuer, newKey(t), a.key)
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func issue(t testing.TB, c, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) *x509.Certificate {
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

// logotypeOf writes the extension of RFC 9399 §4.1; a nil hash is the right one.
func logotypeOf(t testing.TB, image []byte, algorithm asn1.ObjectIdentifier, hash []byte) []byte {
	t.Helper()
	return logotypeURI(t, "data:image/svg+xml;base64,"+base64.StdEncoding.EncodeToString(image), algorithm, image, hash)
}

func logotypeURI(t testing.TB, uri string, algorithm asn1.ObjectIdentifier, image, hash []byte) []byte {
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

func toPEM(certs ...*x509.Certificate) []byte {
	var out []byte
	for _, c := range certs {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return out
}
