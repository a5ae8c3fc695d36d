package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/ledger"
)

// TestInterruptedBeforeAnything shows what is said when a command that has no result yet is
// interrupted: only send has something to go on with.
func TestInterruptedBeforeAnything(t *testing.T) {
	writtenFiles(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	const dns = " --resolver 127.0.0.1:1"
	for _, test := range []struct{ command, want string }{
		{"check a.example b.example" + dns, "interrupted after 0 of 2 domains\nnext: run the same command again (begin anew)\n"},
		{"probe a.example" + dns, "interrupted after 0 of 1 target\nnext: run the same command again (begin anew)\n"},
		{"spf a.example" + dns, "interrupted\nnext: run the same command again (begin anew)\n"},
		{"dmarc a.example" + dns, "interrupted\nnext: run the same command again (begin anew)\n"},
		{"verify mail.eml" + dns, "interrupted\nnext: run the same command again (begin anew)\n"},
		{sendWritten, "interrupted; nothing was sent by this run\nnext: run the same command again (go on where it stopped)\n"},
	} {
		env := testEnvironment(map[string]string{"HOME": t.TempDir()})
		var stderr bytes.Buffer
		env.Stderr = &stderr
		if code := Run(ctx, env, strings.Fields(test.command)); code != exitInterrupted || stderr.String() != test.want {
			t.Errorf("%s: exit code %d, %q, want %q", test.command, code, stderr.String(), test.want)
		}
	}
}

// TestReaderGone shows that nothing is said when who reads the result has enough.
func TestReaderGone(t *testing.T) {
	for _, args := range [][]string{{"reply", "--codes"}, {"version"}, {"completion", "bash"}} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		env := testEnvironment(map[string]string{"HOME": t.TempDir()})
		var stderr bytes.Buffer
		env.Stdout, env.Stderr = w, &stderr
		if code := Run(t.Context(), env, args); code != exitPipe || stderr.Len() > 0 {
			t.Errorf("%q: exit code %d, %q", args, code, stderr.String())
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestFullStateFolder shows a full disk said once, and worth another try.
func TestFullStateFolder(t *testing.T) {
	full := fmt.Errorf("ledger: %w", ledger.ErrDiskFull)
	err := errors.Join(full, full)
	env := testEnvironment(nil)
	var stderr bytes.Buffer
	env.Stderr = &stderr
	printError(env, err)
	if code := exitCode(t.Context(), err); code != exitUnfinished || stderr.String() != "error: ledger: disk is full\n" {
		t.Errorf("exit code %d, %q", code, stderr.String())
	}
}

// TestInterruptedWithMailInFlight says why a command that is interrupted goes on.
func TestInterruptedWithMailInFlight(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	rules := filepath.Join(home, "slow.yaml")
	if err := os.WriteFile(rules, []byte("rules: [{at: message, delay: 1500ms}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "suppress", "list", "--state", home) // so that there is a ledger
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(500*time.Millisecond, cancel)
	env := testEnvironment(map[string]string{"HOME": home})
	var stderr bytes.Buffer
	env.Stdin, env.Stderr = strings.NewReader("email\nanna@x.example\nbo@x.example\n"), &stderr
	code := Run(ctx, env, []string{
		"send", "--list", "-", "--subject", "s", "--text", "t", "--from", "a@acme.example",
		"--via", "sink:" + rules, "--connections", "1", "--state", home, "--yes",
	})
	if said := stderr.String(); code != exitInterrupted || !strings.Contains(said, "\nfinishing what is in flight; Ctrl-C again stops at once\n") {
		t.Errorf("exit code %d\n%s", code, said)
	}
}
