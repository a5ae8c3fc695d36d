package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/ledger"
)

// logEnvironment is one with a fixed present and a ledger of its own.
func logEnvironment(t *testing.T, stdout io.Writer) Environment {
	t.Helper()
	state := t.TempDir()
	return Environment{
		Stdin: strings.NewReader(""), Stdout: stdout, Stderr: io.Discard,
		Lookup: func(name string) (string, bool) {
			if name == "XDG_STATE_HOME" {
				return state, true
			}
			return "", false
		},
		Terminal: func(any) (int, bool) { return 0, false },
		Now:      func() time.Time { return time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC) },
	}
}

// logLine is a line of a Postfix log.
func logLine(to, status string) string {
	return fmt.Sprintf("2027-01-01T08:00:00Z mx postfix/smtp[1]: 1E: to=<%s>, relay=mx[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=%s\n", to, status)
}

const (
	sentText     = "sent (250 2.0.0 ok)"
	deferredText = "deferred (host mx[192.0.2.1] said: 451 4.7.1 Greylisted (in reply to RCPT TO command))"
	bouncedText  = "bounced (host mx[192.0.2.1] said: 550 5.1.1 no such user (in reply to RCPT TO command))"
)

func TestReplyLogExitCodes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, log string
		want      int
	}{
		{"delivered", logLine("a@b.example", deferredText) + logLine("a@b.example", sentText), exitOK},
		{"deferred", logLine("a@b.example", sentText) + logLine("c@b.example", deferredText), exitUnfinished},
		{"bounced", logLine("a@b.example", bouncedText) + logLine("c@b.example", deferredText), exitWrong},
		{"no mail", "2027-01-01T08:00:00Z mx postfix/qmgr[1]: 1E: removed\n", exitOK},
		{"empty", "", exitOK},
		{"no log", "hello\n", exitUnfinished},
	} {
		for _, format := range []string{"text", "json", "jsonl", "csv"} {
			var out bytes.Buffer
			env := logEnvironment(t, &out)
			env.Stdin = strings.NewReader(tt.log)
			if got := Run(t.Context(), env, []string{"reply", "--log", "-", "--format", format}); got != tt.want {
				t.Errorf("%s, %s: exit code %d, want %d", tt.name, format, got, tt.want)
			}
			checkOutput(t, out.String())
		}
	}
}

// TestReplyLogShowsNothingHarmful reads a log whose lines hold escape sequences.
func TestReplyLogShowsNothingHarmful(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json", "jsonl", "csv"} {
		var out bytes.Buffer
		env := logEnvironment(t, &out)
		env.Stdin = strings.NewReader(logLine("a@b\x1b[31m.example", "bounced (host \x1b]0;mx\x07 said: 550 no\x1b[2J\u202e)"))
		Run(t.Context(), env, []string{"reply", "--log", "-", "--format", format})
		if text := out.String(); strings.ContainsAny(text, "\x1b\x07\u202e") || !strings.Contains(text, "550") {
			t.Errorf("%s: %q", format, text)
		}
		checkOutput(t, out.String())
	}
}

// TestReplyLogFollows reads a log while it is written, moved away and emptied.
func TestReplyLogFollows(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mail.log")
	put := func(flag int, text string) {
		t.Helper()
		f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|flag, 0o600)
		if err == nil {
			_, err = f.WriteString(text)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	put(0, logLine("one@b.example", bouncedText))
	read, write := io.Pipe()
	env := logEnvironment(t, write)
	ctx, interrupt := context.WithCancel(t.Context())
	ended := make(chan int)
	go func() {
		code := Run(ctx, env, []string{"reply", "--log", path, "--follow", "--format", "jsonl", "--suppress"})
		_ = write.Close()
		ended <- code
	}()
	lines := bufio.NewScanner(read)
	expect := func(want string) {
		t.Helper()
		var line struct{ Email string }
		if !lines.Scan() || json.Unmarshal(lines.Bytes(), &line) != nil || line.Email != want {
			t.Errorf("got %q, want %s", lines.Text(), want)
		}
	}
	expect("one@b.example")
	second := logLine("two@b.example", sentText)
	put(os.O_APPEND, second[:40])
	put(os.O_APPEND, second[40:])
	expect("two@b.example")
	put(os.O_APPEND, "cut short")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	put(0, logLine("three@b.example", bouncedText))
	expect("three@b.example")
	put(os.O_TRUNC, logLine("four@b.example", "sent (ok)"))
	expect("four@b.example")
	interrupt()
	if lines.Scan() {
		t.Errorf("then %q", lines.Text())
	}
	if code := <-ended; code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
	wantSuppressed(t, env, "one@b.example", "three@b.example")
}

// wantSuppressed holds the suppression list against addresses.
func wantSuppressed(t *testing.T, env Environment, want ...string) {
	t.Helper()
	state, _ := env.Lookup("XDG_STATE_HOME")
	l, err := openLedger(t.Context(), env, settings{globalSettings: globalSettings{State: filepath.Join(state, "mailctl")}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}()
	got := map[string]bool{}
	if err := l.Suppressions().Each(t.Context(), func(s ledger.Suppression) error {
		got[s.Address] = true
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, address := range want {
		if !got[address] {
			t.Errorf("%s is not suppressed", address)
		}
	}
	if len(got) != len(want) {
		t.Errorf("suppressed are %v, want %v", got, want)
	}
}
