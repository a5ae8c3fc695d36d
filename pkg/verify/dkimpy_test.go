package verify_test

import (
	"bufio"
	"crypto/ed25519"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/dkim"
	"github.com/mailctl/mailctl/pkg/verify"
)

// signScript signs each message of its standard input, one in base64 a line, in
// every canonicalization with both kinds of key, and prints what it signed in the
// same way.
const signScript = `
import sys, base64, dkim
rsa = open(sys.argv[1], "rb").read()
seed = open(sys.argv[2], "rb").read()
for line in sys.stdin:
    message = base64.b64decode(line)
    for header in (b"simple", b"relaxed"):
        for body in (b"simple", b"relaxed"):
            for key, selector, algorithm in ((rsa, b"rsa", b"rsa-sha256"), (seed, b"ed", b"ed25519-sha256")):
                field = dkim.sign(message, selector, b"acme.example", key, signature_algorithm=algorithm, canonicalize=(header, body))
                print(base64.b64encode(field + message).decode())
`

// TestSignedByAnother verifies messages of many forms that dkimpy signed.
func TestSignedByAnother(t *testing.T) {
	t.Parallel()
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import dkim, nacl").Run(); err != nil {
		t.Skipf("%s has no dkimpy (Debian: python3-dkim, python3-nacl): %v", python, err)
	}
	key, err := dkim.Generate(dkim.RSA2048)
	if err != nil {
		t.Fatal(err)
	}
	pem, err := key.PEM()
	if err != nil {
		t.Fatal(err)
	}
	record, err := key.Record()
	if err != nil {
		t.Fatal(err)
	}
	seed := []byte(strings.Repeat("s", ed25519.SeedSize))
	public, _ := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	files := []string{filepath.Join(t.TempDir(), "rsa"), filepath.Join(t.TempDir(), "seed")}
	for i, content := range [][]byte{pem, []byte(base64.StdEncoding.EncodeToString(seed))} {
		if err := os.WriteFile(files[i], content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	header, _, _ := strings.Cut(sample, "\r\n\r\n")
	header += "\r\nX-Folded: one\r\n\ttwo  three \r\n  four\r\nReceived: a\r\nReceived: b\r\n\r\n"
	var lines strings.Builder
	for _, body := range []string{"", "\r\n\r\n", "Hello  there \r\n\t\r\nbye\t \r\n\r\n\r\n", " \r\n", strings.Repeat("0123456789abcde\r\n", 5000)} {
		lines.WriteString(base64.StdEncoding.EncodeToString([]byte(header+body)) + "\n")
	}
	command := exec.Command(python, "-c", signScript, files[0], files[1])
	command.Stdin = strings.NewReader(lines.String())
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	r := zonetest.New(t, txt("rsa._domainkey.acme.example", record)+
		txt("ed._domainkey.acme.example", "v=DKIM1; k=ed25519; p="+base64.StdEncoding.EncodeToString(public)))
	count := 0
	scanner := bufio.NewScanner(strings.NewReader(string(out)))
	scanner.Buffer(nil, 1<<20)
	for ; scanner.Scan(); count++ {
		message, err := base64.StdEncoding.DecodeString(scanner.Text())
		if err != nil {
			t.Fatal(err)
		}
		if got := judge(t, r, string(message)).DKIM[0]; got.Result != verify.DKIMPass {
			t.Errorf("%s (%s): %.400q", got.Result, got.Reason, message)
		}
	}
	if count != 40 {
		t.Errorf("%d messages were signed, want 40", count)
	}
}
