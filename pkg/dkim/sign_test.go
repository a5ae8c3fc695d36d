package dkim

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"
	"sync"
	"testing"

	msgauth "github.com/emersion/go-msgauth/dkim"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// sample is a message with everything that is signed, long fields and a body with
// white space that relaxed canonicalization changes.
const sample = "From: Acme <news@acme.example>\r\n" +
	"To: =?UTF-8?Q?Zo=C3=AB?= <zoe@fjord.example>\r\n" +
	"Reply-To: support@acme.example\r\n" +
	"Subject: A subject that is long enough to be folded somewhere,\r\n and so it is\r\n" +
	"Date: Sun, 22 Nov 2026 08:00:00 +0000\r\n" +
	"Message-ID: <1@acme.example>\r\n" +
	"In-Reply-To: <0@acme.example>\r\n" +
	"References: <0@acme.example>\r\n" +
	"List-Unsubscribe: <https://acme.example/u?e=zoe%40fjord.example>,\r\n <mailto:u@acme.example>\r\n" +
	"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" +
	"Feedback-ID: a:b:c:acme\r\n" +
	"X-Other: not signed\r\n" +
	"MIME-Version: 1.0\r\n" +
	"Content-Transfer-Encoding: 8bit\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\n" +
	"\r\n" +
	"Grüße  \r\n\tfrom Acme\r\n.\r\n\r\n\r\n"

func testSigner(t testing.TB, kind Kind) *Signer {
	t.Helper()
	s, err := NewSigner("acme.example", "s-"+string(kind), testKey(t, kind))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// signAll puts the signatures of all signers before a message.
func signAll(t testing.TB, message string, signers ...*Signer) string {
	t.Helper()
	var signed strings.Builder
	for _, s := range signers {
		field, err := s.Sign([]byte(message))
		if err != nil {
			t.Fatal(err)
		}
		signed.Write(field)
	}
	return signed.String() + message
}

// lookupTXT answers from the signers' records.
func lookupTXT(t testing.TB, signers ...*Signer) func(string) ([]string, error) {
	t.Helper()
	zone := map[string][]string{}
	for _, s := range signers {
		r, err := s.Record()
		if err != nil {
			t.Fatal(err)
		}
		zone[r.Name] = []string{r.Value}
	}
	return func(name string) ([]string, error) {
		if txt, ok := zone[strings.TrimSuffix(name, ".")]; ok {
			return txt, nil
		}
		return nil, errors.New("no such name")
	}
}

func verify(t testing.TB, message string, signers ...*Signer) []*msgauth.Verification {
	t.Helper()
	verifications, err := msgauth.VerifyWithOptions(strings.NewReader(message), &msgauth.VerifyOptions{LookupTXT: lookupTXT(t, signers...)})
	if err != nil {
		t.Fatal(err)
	}
	return verifications
}

func TestSignVerifies(t *testing.T) {
	signers := []*Signer{testSigner(t, RSA2048), testSigner(t, Ed25519)}
	signed := signAll(t, sample, signers...)
	verifications := verify(t, signed, signers...)
	if len(verifications) != 2 {
		t.Fatalf("%d signatures, want 2", len(verifications))
	}
	for _, v := range verifications {
		if v.Err != nil || v.Domain != "acme.example" {
			t.Errorf("signature of %s: %v", v.Domain, v.Err)
		}
	}
	if first, second := strings.Index(signed, "a=rsa-sha256"), strings.Index(signed, "a=ed25519-sha256"); first < 0 || second < first {
		t.Error("want RSA first, then Ed25519")
	}
	for line := range strings.SplitSeq(signed, "\r\n") {
		if len(line) > 998 {
			t.Errorf("a line has %d octets", len(line))
		}
	}
}

func TestSignatureCovers(t *testing.T) {
	s := testSigner(t, Ed25519)
	signed := signAll(t, sample, s)
	tests := []struct {
		name     string
		change   func(string) string
		survives bool
	}{
		{"nothing", func(m string) string { return m }, true},
		{"an unsigned field", replaceAll("not signed", "changed"), true},
		{"white space at a line's end", replaceAll("Grüße  \r\n", "Grüße\r\n"), true},
		{"another fold", replaceAll("folded somewhere,\r\n and", "folded\r\n somewhere, and"), true},
		{"subject", replaceAll("long enough", "short enough"), false},
		{"one-click", replaceAll("=One-Click", "=Two-Clicks"), false},
		{"unsubscribe address", replaceAll("acme.example/u?", "evil.example/u?"), false},
		{"body", replaceAll("from Acme", "from Evil"), false},
		{"a second From", replaceAll("Feedback-ID:", "From: evil@evil.example\r\nFeedback-ID:"), false},
		{"a second Subject", func(m string) string { return "Subject: other\r\n" + m }, false},
		{"a second Reply-To", func(m string) string { return "Reply-To: evil@evil.example\r\n" + m }, false},
	}
	for _, test := range tests {
		err := verify(t, test.change(signed), s)[0].Err
		if survives := err == nil; survives != test.survives {
			t.Errorf("%s changed: survives %v (%v), want %v", test.name, survives, err, test.survives)
		}
	}
}

func replaceAll(old, with string) func(string) string {
	return func(m string) string { return strings.ReplaceAll(m, old, with) }
}

func TestReplyToSealedWhenAbsent(t *testing.T) {
	s := testSigner(t, Ed25519)
	signed := signAll(t, "From: a@acme.example\r\n\r\nhello\r\n", s)
	if err := verify(t, signed, s)[0].Err; err != nil {
		t.Fatal(err)
	}
	if err := verify(t, "Reply-To: evil@evil.example\r\n"+signed, s)[0].Err; err == nil {
		t.Error("a Reply-To can be added")
	}
}

func TestSignRefuses(t *testing.T) {
	s := testSigner(t, Ed25519)
	for _, message := range []string{
		"", "\r\n", "hello", "To: a@b.example\r\n\r\nhello", "From: a@b.example\r\n",
		"From: a@b.example\nTo: b@b.example\r\n\r\n", "From: a@b.example\r\nno colon\r\n\r\n",
	} {
		if field, err := s.Sign([]byte(message)); !errors.Is(err, ErrMessage) {
			t.Errorf("Sign(%q) = %q, %v; want ErrMessage", message, field, err)
		}
	}
}

func TestNewSigner(t *testing.T) {
	key := testKey(t, Ed25519)
	tests := []struct {
		domain, selector         string
		wantDomain, wantSelector string
		want                     error
	}{
		{"acme.example", "s1", "acme.example", "s1", nil},
		{" Acme.Example. ", "2026.S1", "acme.example", "2026.s1", nil},
		{"bücher.example", "schlüssel", "xn--bcher-kva.example", "xn--schlssel-95a", nil},
		{"acme.example", "under_score", "acme.example", "under_score", nil},
		{"", "s1", "", "", ErrDomain},
		{"localhost", "s1", "", "", ErrDomain},
		{"a..example", "s1", "", "", ErrDomain},
		{"acme.example; d=evil.example", "s1", "", "", ErrDomain},
		{"acme.example\r\nX: y", "s1", "", "", ErrDomain},
		{"acme.example", "", "", "", ErrSelector},
		{"acme.example", "a b", "", "", ErrSelector},
		{"acme.example", "s1;", "", "", ErrSelector},
		{"acme.example", ".s1", "", "", ErrSelector},
		{"acme.example", "-s1", "", "", ErrSelector},
		{"acme.example", strings.Repeat("a", 64), "", "", ErrSelector},
		{"acme.example", strings.Repeat("a.", 120) + "a", "", "", ErrSelector},
	}
	for _, test := range tests {
		s, err := NewSigner(test.domain, test.selector, key)
		if !errors.Is(err, test.want) {
			t.Errorf("NewSigner(%q, %q): %v, want %v", test.domain, test.selector, err, test.want)
		}
		switch {
		case err != nil:
			if len(delivery.Hints(err)) == 0 {
				t.Errorf("NewSigner(%q, %q): %v has no hint", test.domain, test.selector, err)
			}
		case s.domain != test.wantDomain || s.selector != test.wantSelector || s.key != key:
			t.Errorf("NewSigner(%q, %q) signs for %q, %q", test.domain, test.selector, s.domain, s.selector)
		}
	}
	if _, err := NewSigner("acme.example", "s1", nil); !errors.Is(err, ErrKey) {
		t.Errorf("without a key: %v, want ErrKey", err)
	}
}

func TestSignConcurrently(t *testing.T) {
	s := testSigner(t, Ed25519)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			signed := signAll(t, sample, s)
			if err := verify(t, signed, s)[0].Err; err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// BenchmarkBareRSA is what of BenchmarkSign/rsa2048 no signer could save.
func BenchmarkBareRSA(b *testing.B) {
	private := testSigner(b, RSA2048).key.signer
	digest := sha256.Sum256([]byte(sample))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := private.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	for _, kind := range []Kind{RSA2048, Ed25519} {
		b.Run(string(kind), func(b *testing.B) {
			s := testSigner(b, kind)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Sign([]byte(sample)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
