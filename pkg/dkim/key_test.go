package dkim

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// generated returns one key of each kind that is cheap to make, made once.
var generated = sync.OnceValues(func() (map[Kind]*Key, error) {
	keys := map[Kind]*Key{}
	for _, kind := range []Kind{RSA2048, Ed25519} {
		key, err := Generate(kind)
		if err != nil {
			return nil, err
		}
		keys[kind] = key
	}
	return keys, nil
})

func testKey(t testing.TB, kind Kind) *Key {
	t.Helper()
	keys, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	return keys[kind]
}

func TestGenerate(t *testing.T) {
	tests := []struct {
		kind      Kind
		algorithm Algorithm
		bits      int
	}{
		{RSA2048, AlgorithmRSA, 2048},
		{Ed25519, AlgorithmEd25519, 256},
	}
	for _, test := range tests {
		key := testKey(t, test.kind)
		if key.Algorithm() != test.algorithm || key.Bits() != test.bits || key.String() != string(test.kind) {
			t.Errorf("Generate(%s) = %s, %d bits, %s", test.kind, key.Algorithm(), key.Bits(), key)
		}
	}
}

func TestGenerateUnknown(t *testing.T) {
	_, err := Generate("dsa")
	if !errors.Is(err, ErrKind) || len(delivery.Hints(err)) == 0 {
		t.Errorf("Generate(dsa) = %v, hints %q; want ErrKind with a hint", err, delivery.Hints(err))
	}
}

func TestPEM(t *testing.T) {
	for _, kind := range []Kind{RSA2048, Ed25519} {
		key := testKey(t, kind)
		encoded, err := key.PEM()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseKey(append([]byte("a comment before\n"), encoded...))
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if got, want := record(t, again), record(t, key); got != want {
			t.Errorf("%s: after a round trip the record is\n%s\nwant\n%s", kind, got, want)
		}
	}
}

func TestParsePKCS1(t *testing.T) {
	key := testKey(t, RSA2048)
	private, _ := key.signer.(*rsa.PrivateKey)
	encoded := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)})
	again, err := ParseKey(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if record(t, again) != record(t, key) {
		t.Error("the PKCS #1 form is another key")
	}
}

func TestParseKeyRefuses(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := x509.MarshalPKCS8PrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	tests := []struct {
		name string
		pem  string
		want error
		hint string
	}{
		{"empty", "", ErrKey, "keygen"},
		{"no PEM", "hello", ErrKey, "keygen"},
		{"far too long", strings.Repeat("a", maxPEM+1), ErrKey, ""},
		{"public key", block("PUBLIC KEY", []byte("x")), ErrKey, "public"},
		{"encrypted", block("ENCRYPTED PRIVATE KEY", []byte("x")), ErrKey, "openssl"},
		{"rubbish in PKCS #8", block("PRIVATE KEY", []byte("x")), ErrKey, ""},
		{"rubbish in PKCS #1", block("RSA PRIVATE KEY", []byte("x")), ErrKey, ""},
		{"elliptic curve", block("PRIVATE KEY", ec), ErrKey, "RSA and Ed25519"},
	}
	for _, test := range tests {
		_, err := ParseKey([]byte(test.pem))
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
		if hints := fmt.Sprint(delivery.Hints(err)); !strings.Contains(hints, test.hint) {
			t.Errorf("%s: hints %s, want one about %q", test.name, hints, test.hint)
		}
	}
}

func TestKeySize(t *testing.T) {
	tests := []struct {
		bits int
		want error
	}{
		{512, ErrShortKey},
		{1023, ErrShortKey},
		{1024, nil},
		{2048, nil},
		{8193, ErrKey},
	}
	for _, test := range tests {
		modulus := new(big.Int).SetBit(new(big.Int), test.bits-1, 1)
		_, err := newKey(&rsa.PrivateKey{PublicKey: rsa.PublicKey{N: modulus, E: 65537}})
		if !errors.Is(err, test.want) {
			t.Errorf("%d bits: %v, want %v", test.bits, err, test.want)
		}
	}
}

func TestRecord(t *testing.T) {
	for _, kind := range []Kind{RSA2048, Ed25519} {
		key := testKey(t, kind)
		signer, err := NewSigner("Bücher.example.", "S1", key)
		if err != nil {
			t.Fatal(err)
		}
		r, err := signer.Record()
		if err != nil {
			t.Fatal(err)
		}
		if want := "s1._domainkey.xn--bcher-kva.example"; r.Name != want {
			t.Errorf("%s: name %q, want %q", kind, r.Name, want)
		}
		if joined := strings.Join(r.Strings(), ""); joined != r.Value {
			t.Errorf("%s: the strings do not make the value", kind)
		}
		for _, s := range r.Strings() {
			if len(s) > maxString {
				t.Errorf("%s: a string has %d octets", kind, len(s))
			}
		}
		if !strings.HasPrefix(r.Zone(), r.Name+". IN TXT ") {
			t.Errorf("%s: zone %q", kind, r.Zone())
		}
	}
}

func TestRecordZone(t *testing.T) {
	tests := []struct {
		length int
		lines  int
	}{{10, 1}, {255, 1}, {256, 6}, {320, 7}, {321, 8}}
	for _, test := range tests {
		r := Record{Name: "s._domainkey.example.com", Value: strings.Repeat("a", test.length)}
		for line := range strings.Lines(strings.ReplaceAll(r.Zone(), "\t", "        ")) {
			if test.length > 255 && len(line) > 80 {
				t.Errorf("%d octets: the line %q is wider than a terminal", test.length, line)
			}
		}
		if lines := strings.Count(r.Zone(), "\n"); lines != test.lines {
			t.Errorf("%d octets: %d lines, want %d:\n%s", test.length, lines, test.lines, r.Zone())
		}
	}
}

func TestEd25519RecordIsBareKey(t *testing.T) {
	_, p, _ := strings.Cut(record(t, testKey(t, Ed25519)), "p=")
	public, err := base64.StdEncoding.DecodeString(p)
	if err != nil || len(public) != 32 {
		t.Errorf("p= holds %d octets (%v), want the 32 of RFC 8463 §4", len(public), err)
	}
}

func record(t testing.TB, key *Key) string {
	t.Helper()
	value, err := key.Record()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func FuzzParseKey(f *testing.F) {
	for _, kind := range []Kind{RSA2048, Ed25519} {
		encoded, err := testKey(f, kind).PEM()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(encoded)
	}
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"))
	f.Add([]byte("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		key, err := ParseKey(data)
		if err != nil {
			return
		}
		encoded, err := key.PEM()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseKey(encoded)
		if err != nil {
			t.Fatalf("a key that was read is not read again: %v", err)
		}
		twice, err := again.PEM()
		if err != nil || !bytes.Equal(encoded, twice) {
			t.Errorf("a key changed on its way through PEM: %v", err)
		}
	})
}
