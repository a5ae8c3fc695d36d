package testkit

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A DKIMKey says how OpenDKIM signs.
type DKIMKey struct {
	Domain, Selector string
	File             string // the private key in PEM
	Algorithm        string // "rsa-sha256" or "ed25519-sha256"
	// Canonicalization is that of header and body, such as "relaxed/simple". OpenDKIM
	// 2.11 makes signatures with Ed25519 and simple headers that nobody can verify,
	// itself included.
	Canonicalization string
}

// insertedHeader is how OpenDKIM's test mode prints a header that it would add.
var insertedHeader = regexp.MustCompile(`(?s)### INSHEADER: idx=\d+ hname='([^']*)' hvalue='(.*?)'\n`)

// SignByOpenDKIM lets OpenDKIM, as the filter that it is, sign a message, and
// returns the message with the signature. Where OpenDKIM is missing, the test is
// skipped, or fails in CI.
func SignByOpenDKIM(t testing.TB, key DKIMKey, message string) string {
	t.Helper()
	return openDKIM(t, "DKIM-Signature", message,
		"Mode s", "Domain "+key.Domain, "Selector "+key.Selector, "KeyFile "+key.File,
		"SignatureAlgorithm "+key.Algorithm, "Canonicalization "+key.Canonicalization, "RequireSafeKeys no") + message
}

// VerifyByOpenDKIM lets OpenDKIM verify a message with the TXT records given by
// name, and returns what it would add: "Authentication-Results: …; dkim=pass …".
// Where OpenDKIM is missing, the test is skipped, or fails in CI.
func VerifyByOpenDKIM(t testing.TB, records map[string]string, message string) string {
	t.Helper()
	var lines strings.Builder
	for name, value := range records {
		lines.WriteString(name + " " + value + "\n")
	}
	file := filepath.Join(t.TempDir(), "records")
	check(t, os.WriteFile(file, []byte(lines.String()), 0o600))
	return openDKIM(t, "Authentication-Results", message, "Mode v", "TestDNSData file:"+file)
}

// openDKIM runs the filter over one message and returns the header field of a
// name that it adds, or "".
func openDKIM(t testing.TB, field, message string, settings ...string) string {
	t.Helper()
	folder := t.TempDir()
	conf, letter := filepath.Join(folder, "opendkim.conf"), filepath.Join(folder, "message")
	settings = append(settings, "Syslog no", "TemporaryDirectory "+folder)
	check(t, os.WriteFile(conf, []byte(strings.Join(settings, "\n")+"\n"), 0o600))
	check(t, os.WriteFile(letter, []byte(message), 0o600))
	cmd := unpackedCommand(t, "opendkim", "-x", conf, "-t", letter, "-vv")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("opendkim: %v\n%s", err, stderr.String())
	}
	for _, m := range insertedHeader.FindAllStringSubmatch(stdout.String(), -1) {
		if m[1] == field {
			return m[1] + ": " + strings.ReplaceAll(m[2], "\n", "\r\n") + "\r\n"
		}
	}
	t.Errorf("opendkim adds no %s\n%s%s", field, stdout.String(), stderr.String())
	return ""
}
