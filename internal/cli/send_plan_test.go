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
