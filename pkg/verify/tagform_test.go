package verify_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/verify"
)

// signTags signs a message with the given tags, good or bad, of which b is empty.
func signTags(private ed25519.PrivateKey, tags string) string {
	const body = "Hello.\r\n"
	bodyHash := sha256.Sum256([]byte(body))
	tags = strings.Replace(tags, "bh=", "bh="+base64.StdEncoding.EncodeToString(bodyHash[:]), 1)
	hashed := "From: news@acme.example\r\nDKIM-Signature: " + tags
	if strings.Contains(tags, "relaxed") {
		hashed = "from:news@acme.example\r\ndkim-signature:" + strings.Join(strings.Fields(tags), " ")
	}
	digest := sha256.Sum256([]byte(hashed))
	tags = strings.Replace(tags, " b=", " b="+base64.StdEncoding.EncodeToString(ed25519.Sign(private, digest[:])), 1)
	return "DKIM-Signature: " + tags + "\r\nFrom: news@acme.example\r\n\r\n" + body
}

// TestTagForms holds tags against RFC 6376 §3.2 and §3.5. All signatures would verify if
// it were not for their form.
func TestTagForms(t *testing.T) {
	t.Parallel()
	private := ed25519.NewKeyFromSeed([]byte(strings.Repeat("f", ed25519.SeedSize)))
	public, _ := private.Public().(ed25519.PublicKey)
	record := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	zone := zonetest.New(t, txt(keyName, record)+txt("my_key.s1._domainkey.acme.example", record))
	const tags = "v=1; a=ed25519-sha256; c=relaxed/relaxed; d=acme.example; s=s1; h=from:to; bh=; b="
	for _, tt := range []struct{ old, new, reason string }{
		{"v=1;", "\r\n\tv = 1\t;", ""},
		{"v=1;", "v=1; future=a =c;", ""},
		{" b=", " b=;", ""},
		{" b=", " b=;\r\n\t", ""},
		{" b=", " b=;\r\n\t;", "an empty tag"},
		{"v=1;", "v=1;;", "an empty tag"},
		{"v=1;", "v=1; \r\n ;", "an empty tag"},
		{"v=1;", "; v=1;", "an empty tag"},
		{"v=1;", "v=1; future;", `"future" in the signature is not a tag`},
		{"v=1;", "v=1; =future;", `"=future" in the signature is a tag without a name`},

		{"a=ed25519-sha256", "a=\r\n ed25519-sha256 ", ""},
		{"a=ed25519-sha256", "a=ed25519- sha256", "a is not the name of an algorithm"},

		{"c=relaxed/relaxed", "c= relaxed/relaxed ", ""},
		{"c=relaxed/relaxed", "c=relaxed", ""},
		{"c=relaxed/relaxed", "c=simple", ""},
		{"c=relaxed/relaxed; ", "", ""},
		{"c=relaxed/relaxed", "c=", "c is not a known canonicalization"},
		{"c=relaxed/relaxed", "c=/simple", `one of the body: "/simple"`},
		{"c=relaxed/relaxed", "c=relaxed/", "c is not"},
		{"c=relaxed/relaxed", "c=relaxed / relaxed", "c is not"},
		{"c=relaxed/relaxed", "c=relaxed/relaxed/relaxed", "c is not"},

		{"v=1;", "v=1; q= dns/txt ;", ""},
		{"v=1;", "v=1; q=dns/future :\r\n dns/txt;", ""},
		{"v=1;", "v=1; q=;", "q is not a list of ways"},
		{"v=1;", "v=1; q=dns/txt:;", "q is not"},
		{"v=1;", "v=1; q=dns/future::dns/txt;", "q is not"},
		{"v=1;", "v=1; q=dns /txt;", "q is not"},

		{"d=acme", "d=\r\n\tACME", ""},
		{"acme.example;", "acme.example ;", ""},
		{"acme.example", "acme.example.", `d is not a domain name: "acme.example."`},
		{"acme.example", ".acme.example", "d is not"},
		{"acme.example", "acme..example", "d is not"},
		{"acme.example", "acm e.example", "d is not"},
		{"acme.example", "acme.ex\r\n ample", "d is not"},
		{"acme.example", "acme-.example", "d is not"},
		{"s=s1", "s= S1 ", ""},
		{"s=s1", "s=my_key.s1", ""},
		{"s=s1", "s=s 1", `s is not a selector: "s 1"`},
		{"s=s1", "s=s1.", "s is not"},

		{"v=1;", "v=1; i=@acme.example;", ""},
		{"v=1;", "v=1; i=@sub.acme.example;", ""},
		{"v=1;", "v=1; i=bounce+bob=3Dx@acme.example;", ""},
		{"v=1;", "v=1; i=bounce+bob=40x@acme.example;", ""},
		{"v=1;", "v=1; i=bounce+\r\n bob@acme.example;", ""},
		{"v=1;", `v=1; i="a@b"@acme.example;`, ""},
		{"v=1;", "v=1; i=grüße@acme.example;", ""},
		{"v=1;", "v=1; i=;", "i is not an identity"},
		{"v=1;", "v=1; i=acme.example;", `[local part]@domain: "acme.example"`},
		{"v=1;", "v=1; i=a@b@acme.example;", "i is not"},
		{"v=1;", `v=1; i="@b@acme.example;`, "i is not"},
		{"v=1;", "v=1; i=@.acme.example;", "i is not"},
		{"v=1;", "v=1; i=a@acme.example.;", "i is not"},

		{"from:to", "From\r\n :\r\n\tTo ", ""},
		{"from:to", "from::to", `h is not a list of names of header fields: "from::to"`},
		{"from:to", "from:to:", "h is not"},
		{"from:to", ":from", "h is not"},
		{"from:to", "from:t o", "h is not"},
		{"from:to", "from:t\r\n\to", "h is not"},

		{"v=1;", "v=1; t= 1700000000 ; x=999999999999;", ""},
		{"v=1;", "v=1; t=+5;", `t is not a time in seconds, of at most 12 digits: "+5"`},
		{"v=1;", "v=1; t=;", "t is not"},
		{"v=1;", "v=1; t=170000 0000;", "t is not"},
		{"v=1;", "v=1; t=0x10;", "t is not"},
		{"v=1;", "v=1; x=-5;", "x is not a time"},
		{"v=1;", "v=1; x=1999999999999;", "x is not"},
		{"v=1;", "v=1; l=+5;", "l is not a number of octets"},
		{"v=1;", "v=1; l=" + strings.Repeat("0", 77) + ";", "l is not"},
	} {
		message := signTags(private, strings.Replace(tags, tt.old, tt.new, 1))
		want := verify.DKIMPass
		if tt.reason != "" {
			want = verify.DKIMNeutral
		}
		got := judge(t, zone, message).DKIM[0]
		if got.Result != want || !strings.Contains(got.Reason, tt.reason) || (tt.reason == "") != (got.Reason == "") {
			t.Errorf("%q: got %s (%s), want %s (%s)", tt.new, got.Result, got.Reason, want, tt.reason)
		}
	}
}
