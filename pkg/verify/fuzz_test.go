package verify_test

import (
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/emersion/go-msgauth/authres"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/dkim"
	"github.com/mailctl/mailctl/pkg/verify"
)

// checkResults reads the Authentication-Results field with another implementation.
func checkResults(t *testing.T, report *verify.Report) {
	t.Helper()
	value, ok := strings.CutPrefix(report.AuthenticationResults, "Authentication-Results: ")
	if !ok || !utf8.ValidString(value) {
		t.Fatalf("not a field: %q", report.AuthenticationResults)
	}
	for i, line := range strings.Split(value, "\r\n") {
		if strings.ContainsAny(line, "\r\n\x00") || (i > 0 && !strings.HasPrefix(line, "\t")) {
			t.Fatalf("line %q is not folded", line)
		}
	}
	_, results, err := authres.Parse(strings.NewReplacer("\r\n\t", " ").Replace(value))
	if err != nil {
		t.Fatalf("%v in %q", err, value)
	}
	want := len(report.DKIM) + 1
	if len(report.DKIM) == 0 {
		want++
	}
	if report.SPF != nil {
		want++
	}
	if len(results) != want {
		t.Fatalf("%d results, want %d in %q", len(results), want, value)
	}
}

func TestAuthenticationResults(t *testing.T) {
	t.Parallel()
	signer, record := newSigner(t, dkim.Ed25519)
	r := zonetest.New(t, txt(keyName, record)+txt("acme.example", "v=spf1 ip4:192.0.2.1 -all")+txt("_dmarc.acme.example", "v=DMARC1; p=reject"))
	for _, tt := range []struct {
		mailFrom, helo, want string
	}{
		{"news@acme.example", "", "spf=pass smtp.mailfrom=news@acme.example;"},
		{"<news@acme.example>", "", "spf=pass smtp.mailfrom=news@acme.example;"},
		{"", "acme.example", "spf=pass smtp.helo=acme.example;"},
		{"a\"; dkim=pass@acme.example", "", `spf=pass smtp.mailfrom="a\"; dkim=pass@acme.example";`},
		{"a\r\nX: y@acme.example", "", `spf=pass smtp.mailfrom="aX: y@acme.example";`},
	} {
		report, err := verify.Verify(t.Context(), r, verify.Query{
			Message: []byte(sign(t, signer, sample)), IP: netip.MustParseAddr("192.0.2.1"), MailFrom: tt.mailFrom, Helo: tt.helo,
			Receiver: "mx.receiver.example", Time: noon(),
		})
		if err != nil {
			t.Fatal(err)
		}
		got := strings.ReplaceAll(report.AuthenticationResults, "\r\n\t", " ")
		want := "Authentication-Results: mx.receiver.example; " + tt.want + " dkim=pass header.d=acme.example"
		if !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "; dmarc=pass (p=reject) header.from=acme.example") {
			t.Errorf("got %s\nwant %s", got, want)
		}
		if !strings.Contains(tt.mailFrom, `"`) {
			checkResults(t, report)
		}
	}
}

func FuzzVerify(f *testing.F) {
	signer, record := newSigner(f, dkim.Ed25519)
	signed := sign(f, signer, sample)
	for _, seed := range []string{
		"", "\r\n", "\n", "\r", ":", " a: b\r\n\r\n", "DKIM-Signature\r\n\r\n", "DKIM-Signature:\r\n\r\n", "\u00a0DKIM-Signature: v=1\r\n\r\n",
		sample, signed, signed + signed, "DKIM-Signature: v=1; a=rsa-sha256; d=a; s=b; h=from; b=; bh=;\r\nFrom: a@b\r\n",
		strings.ReplaceAll(signed, "\r\n", "\n"), readMessage(f, "signed-rfc6376.eml"), readMessage(f, "signed-rfc8463.eml"),
	} {
		f.Add([]byte(seed), "news@acme.example")
	}
	f.Fuzz(func(t *testing.T, message []byte, mailFrom string) {
		r := zonetest.New(t, txt(keyName, record)+txt("acme.example", "v=spf1 a -all")+txt("_dmarc.acme.example", "v=DMARC1; p=reject"))
		report, err := verify.Verify(t.Context(), r, verify.Query{Message: message, MailFrom: mailFrom, IP: netip.MustParseAddr("192.0.2.1"), Time: noon()})
		if err != nil {
			return
		}
		for _, s := range report.DKIM {
			if s.Result == "" || (s.Result != verify.DKIMPass) == (s.Reason == "") || s.Reason == "the signature could not be processed" {
				t.Errorf("signature with result %q, reason %q", s.Result, s.Reason)
			}
		}
		if !strings.HasPrefix(report.AuthenticationResults, "Authentication-Results: localhost;") || strings.Contains(strings.ReplaceAll(report.AuthenticationResults, "\r\n\t", ""), "\n") {
			t.Errorf("bad field %q", report.AuthenticationResults)
		}
		if n := len(r.Names()); n > 100 {
			t.Errorf("%d look-ups", n)
		}
	})
}
