package dkim

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	// RFC 6376 Appendix C, of 1024 bits.
	rsaExample = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQ KBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt " +
		"IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v /RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhi " +
		"tdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
	// RFC 8463 Appendix A.2.
	ed25519Example = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
)

// rsaOf returns an RSA key of a size that nobody has to compute: its modulus need
// not have factors that anybody knows.
func rsaOf(bits int) *rsa.PublicKey {
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
	return &rsa.PublicKey{N: n.SetBit(n, 0, 1), E: 65537}
}

func spki(t testing.TB, public any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func TestParseKeyRecord(t *testing.T) {
	good := spki(t, rsaOf(2048))
	edKey, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := asn1.Marshal(struct{ N, E *big.Int }{rsaOf(2048).N, big.NewInt(65537)})
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := base64.StdEncoding.EncodeToString(bare)
	raw := base64.StdEncoding.EncodeToString(edKey)
	tests := []struct {
		name, text string
		usable     bool
		bits       int
		want       []KeyProblemKind
	}{
		{"RFC 6376 Appendix C", "v=DKIM1; p=" + rsaExample, true, 1024, []KeyProblemKind{KeyShort}},
		{"RFC 8463 Appendix A.2", "v=DKIM1; k=ed25519; p=" + ed25519Example, true, 256, nil},
		{"2048 bits", "v=DKIM1; k=rsa; p=" + good, true, 2048, nil},
		{"white space in p (§3.6.1)", "v=DKIM1; p=" + good[:20] + " \t\r\n " + good[20:], true, 2048, nil},
		{"every tag", "v=DKIM1; k=rsa; h=sha256; s=email; t=y:s; n=note; p=" + good, true, 2048, nil},
		{"service *, several hashes", "v=DKIM1; s=* : tlsrpt; h=sha256:sha512; p=" + good, true, 2048, nil},
		{"4096 bits", "v=DKIM1; p=" + spki(t, rsaOf(4096)), true, 4096, nil},
		{"revoked", "v=DKIM1; p=", false, 0, nil},
		{"revoked, with white space", "v=DKIM1; k=rsa; p= ;", false, 0, nil},

		{"no version", "k=rsa; p=" + good, true, 2048, []KeyProblemKind{KeyNoVersion}},
		{"version later", "k=rsa; v=DKIM1; p=" + good, false, 2048, []KeyProblemKind{KeyVersion}},
		{"version in lower case", "v=dkim1; p=" + good, false, 2048, []KeyProblemKind{KeyVersion}},
		{"another version", "v=DKIM2; p=" + good, false, 2048, []KeyProblemKind{KeyVersion}},
		{"no key", "v=DKIM1; k=rsa", false, 0, []KeyProblemKind{KeyNoKey}},
		{"a tag twice (§3.2)", "v=DKIM1; k=rsa; k=rsa; p=" + good, false, 2048, []KeyProblemKind{KeyRepeatedTag}},
		{"an unknown type", "v=DKIM1; k=ecdsa; p=" + good, false, 0, []KeyProblemKind{KeyUnknownType}},
		{"a type in upper case", "v=DKIM1; k=RSA; p=" + good, false, 0, []KeyProblemKind{KeyUnknownType}},
		{"not base64", "v=DKIM1; p=MIG!", false, 0, []KeyProblemKind{KeyBase64}},
		{"no padding", "v=DKIM1; k=ed25519; p=" + strings.TrimRight(raw, "="), false, 256, []KeyProblemKind{KeyPadding}},
		{"PEM", "v=DKIM1; p=-----BEGIN PUBLIC KEY-----" + good + "-----END PUBLIC KEY-----", false, 0, []KeyProblemKind{KeyPEM}},
		{"quotes around", `"v=DKIM1; p=` + good + `"`, false, 0, []KeyProblemKind{KeyNoVersion, KeyQuotes, KeyUnknownTag, KeyBase64}},
		{"quotes inside", "v=DKIM1; p=" + good[:20] + `" "` + good[20:], false, 0, []KeyProblemKind{KeyBase64, KeyQuotes}},
		{"escaped semicolons", `v=DKIM1\; p=` + good, false, 2048, []KeyProblemKind{KeyVersion, KeyQuotes}},
		{"a quote in the comment", `v=DKIM1; n="a"; p=` + good, true, 2048, nil},
		{"cut off", "v=DKIM1; p=" + good[:100], false, 0, []KeyProblemKind{KeyMalformed}},
		{"512 bits (RFC 8301 §3.2)", "v=DKIM1; p=" + spki(t, rsaOf(512)), false, 512, []KeyProblemKind{KeyTooShort}},
		{"1023 bits", "v=DKIM1; p=" + spki(t, rsaOf(1023)), false, 1023, []KeyProblemKind{KeyTooShort}},
		{"2047 bits", "v=DKIM1; p=" + spki(t, rsaOf(2047)), true, 2047, []KeyProblemKind{KeyShort}},
		{"8192 bits", "v=DKIM1; p=" + spki(t, rsaOf(8192)), true, 8192, []KeyProblemKind{KeyLarge}},
		{"a bare RSA key", "v=DKIM1; p=" + pkcs1, true, 2048, []KeyProblemKind{KeyPKCS1}},
		{"Ed25519 in ASN.1 (RFC 8463 §4.2)", "v=DKIM1; k=ed25519; p=" + spki(t, edKey), false, 0, []KeyProblemKind{KeyEd25519ASN1}},
		{"Ed25519 of 31 octets", "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(edKey[1:]), false, 0, []KeyProblemKind{KeyMalformed}},
		{"Ed25519 without k", "v=DKIM1; p=" + raw, false, 0, []KeyProblemKind{KeyTypeMismatch}},
		{"Ed25519 in ASN.1 without k", "v=DKIM1; p=" + spki(t, edKey), false, 0, []KeyProblemKind{KeyTypeMismatch}},
		{"RSA as Ed25519", "v=DKIM1; k=ed25519; p=" + good, false, 0, []KeyProblemKind{KeyTypeMismatch}},
		{"ECDSA as RSA", "v=DKIM1; p=" + spki(t, ecKey.Public()), false, 0, []KeyProblemKind{KeyTypeMismatch}},
		{"sha1 only (RFC 8301 §3.1)", "v=DKIM1; h=sha1; p=" + good, false, 2048, []KeyProblemKind{KeyHash}},
		{"sha1 too", "v=DKIM1; h=sha1:sha256; p=" + good, true, 2048, []KeyProblemKind{KeyOldHash}},
		{"not for email", "v=DKIM1; s=tlsrpt; p=" + good, false, 2048, []KeyProblemKind{KeyService}},
		{"unknown flag", "v=DKIM1; t=s:x; p=" + good, true, 2048, []KeyProblemKind{KeyUnknownFlag}},
		{"historic tag", "v=DKIM1; g=*; p=" + good, true, 2048, []KeyProblemKind{KeyHistoricTag}},
		{"unknown tag", "v=DKIM1; z=1; p=" + good, true, 2048, []KeyProblemKind{KeyUnknownTag}},
		{"tag in upper case", "v=DKIM1; K=rsa; p=" + good, true, 2048, []KeyProblemKind{KeyTagCase}},
		{"an empty tag (§3.2)", "v=DKIM1;; p=" + good, false, 2048, []KeyProblemKind{KeyNoValue}},
		{"an empty tag with white space", "v=DKIM1; p=" + good + "; ;", false, 2048, []KeyProblemKind{KeyNoValue}},
		{"a semicolon and white space at the end", " v=DKIM1 ; p=" + good + " ; \t", true, 2048, nil},
		{"no value, no name", "v=DKIM1; x;; =y; p=" + good, false, 2048, []KeyProblemKind{KeyNoValue, KeyNoValue, KeyNoValue}},
	}
	for _, test := range tests {
		r, err := ParseKeyRecord(test.text)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var kinds []KeyProblemKind
		for _, p := range r.Problems {
			kinds = append(kinds, p.Kind)
		}
		if diff := cmp.Diff(test.want, kinds); diff != "" || r.Usable() != test.usable || r.Bits != test.bits {
			t.Errorf("%s: usable %v, %d bits (-want +got)\n%s", test.name, r.Usable(), r.Bits, diff)
		}
		if revoked := strings.HasPrefix(test.name, "revoked"); r.Revoked != revoked || r.Raw != test.text {
			t.Errorf("%s: revoked %v", test.name, r.Revoked)
		}
	}
	for _, text := range []string{"", ";", "v=spf1 -all", "v=DMARC1; p=none", "google-site-verification=x", "hello", "v=TLSRPTv1; p=x"} {
		if r, err := ParseKeyRecord(text); !errors.Is(err, ErrNotKeyRecord) || r.Raw != text || r.Usable() {
			t.Errorf("%q: %+v, %v", text, r, err)
		}
	}
}

func TestKeyRecordValues(t *testing.T) {
	r, err := ParseKeyRecord("v=DKIM1; h=sha1 : sha256; k=ed25519; s=email:*; t=y:s; n=a note; p=" + ed25519Example)
	if err != nil {
		t.Fatal(err)
	}
	got := []any{r.Algorithm, r.Hashes, r.Services, r.Testing, r.Strict, r.Comment}
	want := []any{AlgorithmEd25519, []string{"sha1", "sha256"}, []string{"email", "*"}, true, true, "a note"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if pos := r.Problems[0].Pos; r.Problems[0].Kind != KeyOldHash || pos != 9 {
		t.Errorf("%+v", r.Problems)
	}
}

// What this package publishes, it finds good.
func TestKeyRecordOfKey(t *testing.T) {
	for _, kind := range []Kind{RSA2048, Ed25519} {
		key, err := Generate(kind)
		if err != nil {
			t.Fatal(err)
		}
		value, err := key.Record()
		if err != nil {
			t.Fatal(err)
		}
		r, err := ParseKeyRecord(value)
		if err != nil || !r.Usable() || len(r.Problems) > 0 || r.Algorithm != key.Algorithm() || r.Bits != key.Bits() {
			t.Errorf("%s: %v, %+v", kind, err, r)
		}
	}
}

func FuzzParseKeyRecord(f *testing.F) {
	for _, seed := range []string{
		"", "v=DKIM1; p=" + rsaExample, "v=DKIM1; k=ed25519; p=" + ed25519Example, "p=", `"v=DKIM1\; p=x" "y"`,
		"v=DKIM1; h=:; s=; t=::y; K=; =;p=AAAA;p=BBBB", "v=DKIM1; p=\xff", "v=DKIM1;; p=" + rsaExample + "; ;",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseKeyRecord(text)
		for _, p := range r.Problems {
			if p.Pos < 0 || p.Pos > len(text) {
				t.Fatalf("%q: %+v is outside", text, p)
			}
		}
		if err != nil {
			return
		}
		again, err := ParseKeyRecord(r.String())
		// Empty tags are not printed.
		if err != nil || again.Usable() != r.Usable() && !r.Has(KeyNoValue) || again.Revoked != r.Revoked || again.Bits != r.Bits {
			t.Fatalf("%q: %+v, printed %q: %+v, %v", text, r, r, again, err)
		}
	})
}
