package cli

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestNoQuestionWithoutInput holds a person's terminal against a list that
// comes on standard input: nothing is sent without a word.
func TestNoQuestionWithoutInput(t *testing.T) {
	t.Chdir(t.TempDir())
	env := testEnvironment(map[string]string{"HOME": t.TempDir()})
	env.Terminal = func(stream any) (int, bool) { return 80, stream == env.Stderr }
	send := func(more ...string) (int, string) {
		var stderr bytes.Buffer
		env.Stdin, env.Stderr = strings.NewReader("email\nanna@x.example\n"), &stderr
		args := []string{"send", "--list", "-", "--subject", "s", "--text", "t", "--from", "a@acme.example", "--via", "maildir:box"}
		return Run(t.Context(), env, append(args, more...)), stderr.String()
	}
	if code, said := send(); code != exitUsage || !strings.Contains(said, "cannot ask before sending") {
		t.Errorf("exit code %d: %s", code, said)
	}
	if code, said := send("--yes"); code != exitOK {
		t.Errorf("exit code %d: %s", code, said)
	}
	if files, err := os.ReadDir("box/new"); err != nil || len(files) != 1 {
		t.Errorf("%d messages, %v", len(files), err)
	}
}

// TestPlanNamesEachReasonOnce counts rows that the list suppresses and rows that repeat
// such an address together.
func TestPlanNamesEachReasonOnce(t *testing.T) {
	t.Chdir(t.TempDir())
	env := testEnvironment(map[string]string{"HOME": t.TempDir()})
	var stderr bytes.Buffer
	env.Stderr = &stderr
	env.Stdin = strings.NewReader("email,name,suppressed\nanna@x.example,Anna,\nanna@x.example,Ann,yes\nbo@x.example,Bo,yes\ncarl@x.example,Carl,\n")
	args := []string{
		"send", "--list", "-", "--subject", "s", "--text", "t", "--from", "a@acme.example",
		"--via", "maildir:box", "--skip-bad-rows", "--yes",
	}
	if code := Run(t.Context(), env, args); code != exitOK {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
	if said := stderr.String(); strings.Count(said, "\n  set aside") != 1 || !strings.Contains(said, "set aside  3 rows: suppressed\n") {
		t.Errorf("%s", said)
	}
}
