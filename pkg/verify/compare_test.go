package verify_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"runtime"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/verify"
)

// TestUnusualTags verifies signatures whose tags go-msgauth reads otherwise. What is
// hashed stands here as RFC 6376 §3.4 makes it.
func TestUnusualTags(t *testing.T) {
	t.Parallel()
	private := ed25519.NewKeyFromSeed([]byte(strings.Repeat("s", ed25519.SeedSize)))
	public, _ := private.Public().(ed25519.PublicKey)
	r := zonetest.New(t, txt(keyName, "v=DKIM1; k=ed25519; p="+base64.StdEncoding.EncodeToString(public)))
	const header = "Subject : one\r\nSubject: Two \r\n\t words\r\nFrom: Acme  <news@acme.example>\r\n"
	const body, hashedBody = "Hello  there \r\n\t x\r\n \r\n\r\n", "Hello there\r\n x\r\n"
	simple := sha256.Sum256([]byte("Hello  there \r\n\t x\r\n \r\n"))
	relaxed := sha256.Sum256([]byte(hashedBody))
	none := sha256.Sum256([]byte("\r\n"))
	bh := base64.StdEncoding.EncodeToString

	for _, tt := range []struct {
		name, before, after string // the field around the signature
		hashed              string // the header
		body                string
		want                verify.DKIMResult
	}{
		{
			"b= in i", "v=1; a=ed25519-sha256; c=relaxed/relaxed; d=acme.example; s=s1; i=to+bob=3Dx@acme.example; h=from:subject:subject:subject; bh=" + bh(relaxed[:]) + "; b=", "",
			"from:Acme <news@acme.example>\r\nsubject:Two words\r\nsubject:one\r\n" +
				"dkim-signature:v=1; a=ed25519-sha256; c=relaxed/relaxed; d=acme.example; s=s1; i=to+bob=3Dx@acme.example; h=from:subject:subject:subject; bh=" + bh(relaxed[:]) + "; b=",
			body, verify.DKIMPass,
		},
		{
			"another tag that ends in b, and folds", "v=1; a=ed25519-sha256; xb=1;\r\n\tc=relaxed; d=acme.example; s=s1; h=From :\r\n\tSubject; bh=" + bh(simple[:]) + "; b =\r\n ", "\r\n ; t=1700000000",
			"from:Acme <news@acme.example>\r\nsubject:Two words\r\n" +
				"dkim-signature:v=1; a=ed25519-sha256; xb=1; c=relaxed; d=acme.example; s=s1; h=From : Subject; bh=" + bh(simple[:]) + "; b =; t=1700000000",
			body, verify.DKIMPass,
		},
		{
			"copies in z, simple", "v=1; a=ed25519-sha256; d=acme.example; s=s1;\r\n z=Subject:a=20b=20c; h=from:subject; bh=" + bh(simple[:]) + "; b=", "",
			"From: Acme  <news@acme.example>\r\nSubject: Two \r\n\t words\r\n" +
				"DKIM-Signature: v=1; a=ed25519-sha256; d=acme.example; s=s1;\r\n z=Subject:a=20b=20c; h=from:subject; bh=" + bh(simple[:]) + "; b=",
			body, verify.DKIMPass,
		},
		{
			"letter case of i, no body", "v=1; a=ed25519-sha256; d=acme.example; s=s1; i=@News.ACME.example; h=from; bh=" + bh(none[:]) + "; b=", "",
			"From: Acme  <news@acme.example>\r\n" +
				"DKIM-Signature: v=1; a=ed25519-sha256; d=acme.example; s=s1; i=@News.ACME.example; h=from; bh=" + bh(none[:]) + "; b=",
			"", verify.DKIMPass,
		},
		{"another header", "v=1; a=ed25519-sha256; d=acme.example; s=s1; i=@ACME.example; h=from; bh=" + bh(none[:]) + "; b=", "", "From: someone else\r\n", "", verify.DKIMFail},
		{"another body", "v=1; a=ed25519-sha256; d=acme.example; s=s1; i=@ACME.example; h=from; bh=" + bh(none[:]) + "; b=", "", "", body, verify.DKIMFail},
	} {
		digest := sha256.Sum256([]byte(tt.hashed))
		field := "DKIM-Signature: " + tt.before + bh(ed25519.Sign(private, digest[:])) + tt.after + "\r\n"
		if got := judge(t, r, field+header+"\r\n"+tt.body).DKIM[0]; got.Result != tt.want {
			t.Errorf("%s: %s (%s)", tt.name, got.Result, got.Reason)
		}
	}
}

// TestLongLine hashes a body that is one line of many words, which must not be kept
// apart.
func TestLongLine(t *testing.T) {
	const octets = 4 << 20
	public, _ := ed25519.NewKeyFromSeed([]byte(strings.Repeat("s", ed25519.SeedSize))).Public().(ed25519.PublicKey)
	r := zonetest.New(t, txt(keyName, "v=DKIM1; k=ed25519; p="+base64.StdEncoding.EncodeToString(public)))
	message := "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=acme.example; s=s1; i=@ACME.example; h=from; bh=aaaa; b=aaaa\r\n" +
		"From: news@acme.example\r\n\r\n" + strings.Repeat("a ", octets/2)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := judge(t, r, message).DKIM[0]
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; got.Reason != "body hash did not verify" || used > 10*octets {
		t.Errorf("%s (%s) in %d octets of memory", got.Result, got.Reason, used)
	}
}
