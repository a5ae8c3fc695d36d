package cli

import (
	"bytes"
	"context"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/sink"
)

// A writeFunc is called for each write.
type writeFunc func(text string)

func (f writeFunc) Write(p []byte) (int, error) {
	f(string(p))
	return len(p), nil
}

// TestSinkTotals holds what the sink writes for programs when it is interrupted.
func TestSinkTotals(t *testing.T) {
	for _, format := range []string{"json", "jsonl"} {
		t.Run(format, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			var stdout bytes.Buffer
			env := testEnvironment(map[string]string{"HOME": t.TempDir()})
			env.Stdout = &stdout
			env.Stderr = writeFunc(func(text string) {
				if strings.HasPrefix(text, "listening on ") {
					interrupt()
				}
			})
			if code := Run(ctx, env, []string{"sink", "--listen", "127.0.0.1:0", "--format", format}); code != exitInterrupted {
				t.Errorf("exit code %d", code)
			}
			const want = `{"schema":"mailctl.sink/1","connections":0,"accepted":0,"recipients":0,"bytes":0,"duplicates":0,` +
				`"flawed":0,"deferred":0,"rejected":0,"replies":{},"dropped":0,"aborted":0}` + "\n"
			if stdout.String() != want {
				t.Errorf("got %s", &stdout)
			}
			checkOutput(t, stdout.String())
		})
	}
}

// TestSinkEvents holds what the sink writes while it is spoken to.
func TestSinkEvents(t *testing.T) {
	t.Parallel()
	rules := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(rules, []byte("about: one of each\nrules:\n  - at: rcpt\n    to: bob@*\n    reply: 550 5.1.1 no such user\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var stdout bytes.Buffer
	env := testEnvironment(map[string]string{"HOME": t.TempDir()})
	env.Stdout = &stdout
	env.Stderr = writeFunc(func(text string) {
		address, ok := strings.CutPrefix(text, "listening on ")
		if !ok {
			return
		}
		defer interrupt()
		address, _, _ = strings.Cut(address, ",")
		message := []byte("Subject: hello\r\nMessage-ID: <1@acme.example>\r\n\r\nh\xc3\xa9llo\r\n")
		for recipient, taken := range map[string]bool{"anna@x.example": true, "bob@x.example": false} {
			if err := smtp.SendMail(address, nil, "news@acme.example", []string{recipient}, message); (err == nil) != taken {
				t.Errorf("%s: %v", recipient, err)
			}
		}
	})
	folder := filepath.Join(t.TempDir(), "mail")
	if code := Run(ctx, env, []string{"sink", "--listen", "127.0.0.1:0", "--personality", rules, "--store", folder, "--format", "jsonl"}); code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{`"event":"connect"`, `"event":"accept"`, `"event":"refuse"`, `"event":"close"`, `"accepted":1`} {
		if !strings.Contains(stdout.String(), `{"schema":"mailctl.sink`) || !strings.Contains(stdout.String(), want) {
			t.Errorf("no %s in %s", want, &stdout)
		}
	}
	checkOutput(t, stdout.String())
	index, err := os.ReadFile(filepath.Join(folder, sink.IndexFile))
	if err != nil {
		t.Fatal(err)
	}
	checkOutput(t, string(index))
}

// TestSinkLogin shows that mail is taken after a login alone, and that nothing
// shows the password.
func TestSinkLogin(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var stdout, stderr bytes.Buffer
	env := testEnvironment(map[string]string{"HOME": t.TempDir(), "MAILCTL_PASSWORD": "swordfish"})
	env.Stdout = &stdout
	env.Stderr = writeFunc(func(text string) {
		stderr.WriteString(text)
		at, ok := strings.CutPrefix(text, "listening on ")
		if !ok {
			return
		}
		at, _, _ = strings.Cut(at, ",")
		message := []byte("Subject: s\r\n\r\nt\r\n")
		for _, password := range []string{"", "wrong", "swordfish"} {
			var auth smtp.Auth
			if password != "" {
				auth = smtp.PlainAuth("", "me", password, "127.0.0.1")
			}
			err := smtp.SendMail(at, auth, "a@acme.example", []string{"b@acme.example"}, message)
			if (err == nil) != (password == "swordfish") {
				t.Errorf("with the password %q: %v", password, err)
			}
		}
		interrupt()
	})
	if code := Run(ctx, env, []string{"sink", "--listen", "127.0.0.1:0", "--auth", "me"}); code != exitInterrupted {
		t.Errorf("exit code %d, %s", code, &stderr)
	}
	if said := stdout.String(); !strings.Contains(said, "1 message accepted") || strings.Contains(said+stderr.String(), "swordfish") {
		t.Errorf("it says %s %s", said, &stderr)
	}
}
