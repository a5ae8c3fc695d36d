package verify_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/dkim"
	"github.com/mailctl/mailctl/pkg/verify"
)

// TestSignedByOpenDKIM verifies messages of many forms that OpenDKIM signed, in
// every canonicalization that it masters, and the same messages changed.
func TestSignedByOpenDKIM(t *testing.T) {
	t.Parallel()
	header, _, _ := strings.Cut(sample, "\r\n\r\n")
	header += "\r\nX-Folded: one\r\n\ttwo  three \r\n  four\r\nReceived: a\r\nReceived: b\r\n\r\n"
	bodies := []string{"Hello.\r\n", "\r\n\r\n", "Hello  there \r\n\t\r\nbye\t \r\n\r\n\r\n", strings.Repeat("0123456789abcde\r\n", 5000)}
	for _, tt := range []struct {
		kind              dkim.Kind
		algorithm         string
		canonicalizations []string
	}{
		{dkim.RSA2048, "rsa-sha256", []string{"simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"}},
		{dkim.Ed25519, "ed25519-sha256", []string{"relaxed/simple", "relaxed/relaxed"}},
	} {
		file, record := keyFile(t, tt.kind)
		r := zonetest.New(t, txt(keyName, record))
		for _, canonicalization := range tt.canonicalizations {
			key := testkit.DKIMKey{Domain: "acme.example", Selector: "s1", File: file, Algorithm: tt.algorithm, Canonicalization: canonicalization}
			for _, body := range bodies {
				signed := testkit.SignByOpenDKIM(t, key, header+body)
				got := judge(t, r, signed).DKIM[0]
				if got.Result != verify.DKIMPass || got.Algorithm != tt.algorithm || !strings.Contains(signed, "c="+canonicalization+";") {
					t.Errorf("%s, %s: %s (%s): %.600q", tt.algorithm, canonicalization, got.Result, got.Reason, signed)
				}
				if got := judge(t, r, signed+"more\r\n").DKIM[0]; got.Result != verify.DKIMFail {
					t.Errorf("%s, %s: %s with a longer body", tt.algorithm, canonicalization, got.Result)
				}
			}
		}
	}
}

// keyFile makes a key, and returns the file that it is in and its record.
func keyFile(t *testing.T, kind dkim.Kind) (path, record string) {
	t.Helper()
	key, err := dkim.Generate(kind)
	if err != nil {
		t.Fatal(err)
	}
	pem, err := key.PEM()
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(path, pem, 0o600); err != nil {
		t.Fatal(err)
	}
	record, err = key.Record()
	if err != nil {
		t.Fatal(err)
	}
	return path, record
}
