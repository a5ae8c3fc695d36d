package delivery_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// piped plays script on a pipe, and returns how to open a session with it.
func piped(t *testing.T, script string) (delivery.Target, delivery.Options) {
	t.Helper()
	client, server := net.Pipe()
	go func() {
		if _, err := testkit.PlaySMTP(t.Context(), server, nil, script); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	}()
	return delivery.Target{Host: "mx.example", Security: delivery.SecurityNone},
		delivery.Options{LocalName: "client.example", Dialer: connDialer{client}}
}

// run opens a session, sends one message and closes it again.
func run(ctx context.Context, target delivery.Target, opt delivery.Options, m delivery.Mail) error {
	session, err := delivery.Open(ctx, target, opt)
	if err != nil {
		return err
	}
	_, err = session.Send(ctx, m)
	return errors.Join(err, session.Close(context.Background()))
}

// TestTimeouts has a server fall silent at each step, and looks at the clock when
// the client gives up (RFC 5321 §4.5.3.2).
func TestTimeouts(t *testing.T) {
	const upToData = plainOpening + "< MAIL *\n> 250 ok\n< RCPT *\n> 250 ok\n< DATA\n"
	tests := []struct {
		name, script string
		stage        delivery.Stage
		want         time.Duration
		unknown      bool
	}{
		{"greeting", "! eof", delivery.StageGreeting, 5 * time.Minute, false},
		{"EHLO", "> 220 hi\n< EHLO *\n! eof", delivery.StageHello, 5 * time.Minute, false},
		{"a line without end", "> 220 hi\n< EHLO *\n! raw \"250-mx\\r\\n250\"\n! eof", delivery.StageHello, 5 * time.Minute, false},
		{"MAIL", plainOpening + "< MAIL *\n! eof", delivery.StageMail, 5 * time.Minute, false},
		{"RCPT", plainOpening + "< MAIL *\n> 250 ok\n< RCPT *\n! eof", delivery.StageRcpt, 5 * time.Minute, false},
		{"DATA", upToData + "! eof", delivery.StageData, 2 * time.Minute, false},
		{"a server that does not read", upToData + "> 354 go\n! wait 1h", delivery.StageMessage, 3*time.Minute + time.Second, false},
		{"final dot", upToData + "> 354 go\n! message\n! eof", delivery.StageMessage, 10 * time.Minute, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				target, opt := piped(t, test.script)
				err := run(t.Context(), target, opt, mail("b@example.com"))
				wantFailure(t, err, test.stage, delivery.ErrTimeout, "")
				if got := time.Since(start); got != test.want {
					t.Errorf("the client gives up after %s, want %s", got, test.want)
				}
				if got := errors.Is(err, delivery.ErrOutcomeUnknown); got != test.unknown {
					t.Errorf("unknown outcome: %v", got)
				}
			})
		})
	}
}

// TestSlowServer takes nearly as long as it may at each step.
func TestSlowServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target, opt := piped(t, `
			! wait 4m59s
			> 220 hi
			< EHLO *
			! wait 4m59s
			> 250 mx
			< MAIL *
			! wait 4m59s
			> 250 ok
			< RCPT *
			! wait 4m59s
			> 250 ok
			< DATA
			! wait 1m59s
			> 354 go
			! message
			! wait 9m59s
			> 250 queued
			< QUIT
			! wait 4s
			> 221 bye`)
		if err := run(t.Context(), target, opt, mail("b@example.com")); err != nil {
			t.Error(err)
		}
	})
}

func TestOwnTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		target, opt := piped(t, "! eof")
		opt.Timeouts.Greeting = 7 * time.Second
		_, err := delivery.Open(t.Context(), target, opt)
		wantFailure(t, err, delivery.StageGreeting, delivery.ErrTimeout, "")
		if got := time.Since(start); got != 7*time.Second || !strings.Contains(err.Error(), "within 7s") {
			t.Errorf("%v after %s", err, got)
		}
	})
}

func TestConnectTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		opt := delivery.Options{LocalName: "client.example", Dialer: deafDialer{}}
		_, err := delivery.Open(t.Context(), delivery.Target{Host: "mx.example", Port: 25}, opt)
		wantFailure(t, err, delivery.StageConnect, delivery.ErrTimeout, "")
		if got := time.Since(start); got != time.Minute {
			t.Errorf("the client gives up after %s", got)
		}
	})
}

// A deafDialer waits for an answer that does not come.
type deafDialer struct{}

func (deafDialer) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestQuitIsBrief does not wait long for a goodbye.
func TestQuitIsBrief(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target, opt := piped(t, plainOpening+"< QUIT\n! eof")
		session, err := delivery.Open(t.Context(), target, opt)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if err := session.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if got := time.Since(start); got != 5*time.Second {
			t.Errorf("closing takes %s", got)
		}
	})
}

// TestCancel cancels the context while the client waits, at each step.
func TestCancel(t *testing.T) {
	const upToData = plainOpening + "< MAIL *\n> 250 ok\n< RCPT *\n> 250 ok\n< DATA\n"
	tests := []struct {
		name, script string
		stage        delivery.Stage
		unknown      bool
	}{
		{"greeting", "! eof", delivery.StageGreeting, false},
		{"EHLO", "> 220 hi\n< EHLO *\n! eof", delivery.StageHello, false},
		{"MAIL", plainOpening + "< MAIL *\n! eof", delivery.StageMail, false},
		{"DATA", upToData + "! eof", delivery.StageData, false},
		{"a server that does not read", upToData + "> 354 go\n! wait 1h", delivery.StageMessage, false},
		{"final dot", upToData + "> 354 go\n! message\n! eof", delivery.StageMessage, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 42*time.Second)
				defer cancel()
				start := time.Now()
				target, opt := piped(t, test.script)
				err := run(ctx, target, opt, mail("b@example.com"))
				wantFailure(t, err, test.stage, context.DeadlineExceeded, "")
				if got := time.Since(start); got != 42*time.Second {
					t.Errorf("the client gives up after %s", got)
				}
				if got := errors.Is(err, delivery.ErrOutcomeUnknown); got != test.unknown {
					t.Errorf("unknown outcome: %v", got)
				}
			})
		})
	}
}

// TestContextOfOpen ends with Open: a session outlives it, and each call obeys its
// own context.
func TestContextOfOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const one = "< MAIL *\n> 250 ok\n< RCPT *\n> 250 ok\n< DATA\n> 354 go\n! message\n! wait 10s\n> 250 queued\n"
		target, opt := piped(t, plainOpening+one+one+"! eof")
		ctx, cancel := context.WithCancel(t.Context())
		session, err := delivery.Open(ctx, target, opt)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			if _, err := session.Send(ctx, mail("b@example.com")); err != nil {
				t.Error(err)
			}
			cancel()
		}
		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		if err := session.Begin(ctx, mail("b@example.com")); !errors.Is(err, context.Canceled) || session.Usable() {
			t.Errorf("a cancelled context: %v", err)
		}
		_ = session.Close(context.Background())
	})
}
