package dkim

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// dkimpyScript verifies each signature of the message on its standard input with
// the records in a file of lines "name<TAB>value".
const dkimpyScript = `
import sys, dkim
records = {}
for line in open(sys.argv[1]):
    name, _, value = line.rstrip("\n").partition("\t")
    records[name.encode()] = value.encode()
def txt(name, timeout=5):
    return records.get(name.rstrip(b"."))
message = sys.stdin.buffer.read()
verifier = dkim.DKIM(message)
for i in range(int(sys.argv[2])):
    if not verifier.verify(idx=i, dnsfunc=txt):
        sys.exit("signature %d is not valid" % i)
`

// TestAnotherImplementation lets dkimpy verify what was signed here.
func TestAnotherImplementation(t *testing.T) {
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import dkim").Run(); err != nil {
		t.Skipf("%s has no dkimpy (Debian: python3-dkim): %v", python, err)
	}
	signers := []*Signer{testSigner(t, RSA2048), testSigner(t, Ed25519)}
	var records strings.Builder
	for _, s := range signers {
		r, err := s.Record()
		if err != nil {
			t.Fatal(err)
		}
		records.WriteString(r.Name + "\t" + r.Value + "\n")
	}
	file := filepath.Join(t.TempDir(), "records")
	if err := os.WriteFile(file, []byte(records.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	check := func(message string) ([]byte, error) {
		command := exec.Command(python, "-c", dkimpyScript, file, "2")
		command.Stdin = strings.NewReader(message)
		return command.CombinedOutput()
	}
	signed := signAll(t, sample, signers...)
	if out, err := check(signed); err != nil {
		t.Errorf("dkimpy: %v\n%s", err, bytes.TrimSpace(out))
	}
	if _, err := check(strings.ReplaceAll(signed, "from Acme", "from Evil")); err == nil {
		t.Error("dkimpy accepts a changed body")
	}
}
