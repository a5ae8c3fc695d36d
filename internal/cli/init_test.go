package cli

import (
	"bytes"
	"strings"
	"testing"
	"testing/iotest"
)

// TestInitAsks answers the questions as a person on a plain terminal would, one
// wrong answer included.
func TestInitAsks(t *testing.T) {
	t.Chdir(t.TempDir())
	env := testEnvironment(map[string]string{"HOME": t.TempDir(), "NO_COLOR": "1"})
	var stdout, stderr bytes.Buffer
	env.Stdin = iotest.OneByteReader(strings.NewReader("nobody\nAcme <news@acme.example>\n1\nsmtp://me@relay.acme.example\n3\n"))
	env.Stdout, env.Stderr = &stdout, &stderr
	env.Terminal = func(any) (int, bool) { return 80, true }
	if code := Run(t.Context(), env, []string{"init"}); code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	for _, want := range []string{"receipt.md", `acme.example. 3600 IN TXT "v=spf1 a:relay.acme.example ~all"`} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is not in what init says:\n%s", want, stdout.String())
		}
	}
	for _, want := range []string{"Who is the mail from?", `invalid address "nobody"`, "Which relay?"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("%q was not asked:\n%s", want, stderr.String())
		}
	}
}
