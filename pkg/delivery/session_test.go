package delivery_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// A setting is what a test changes about how a session is opened.
type setting func(*delivery.Target, *delivery.Options)

// open opens a session with a server that plays script. Both end with the test.
func open(t *testing.T, config *tls.Config, script string, settings ...setting) (*delivery.Session, *testkit.SMTPServer, error) {
	t.Helper()
	server := testkit.SMTP(t, config, script)
	target := delivery.Target{
		Host: "mx.example", Addr: netip.MustParseAddr("127.0.0.1"), Port: server.Port, Security: delivery.SecurityNone,
	}
	opt := delivery.Options{LocalName: "client.example"}
	for _, set := range settings {
		set(&target, &opt)
	}
	session, err := delivery.Open(t.Context(), target, opt)
	if err == nil {
		t.Cleanup(func() { _ = session.Close(context.Background()) })
	}
	return session, server, err
}

// opened is open for a session that must come about.
func opened(t *testing.T, script string, settings ...setting) (*delivery.Session, *testkit.SMTPServer) {
	t.Helper()
	session, server, err := open(t, nil, script, settings...)
	if err != nil {
		t.Fatal(err)
	}
	return session, server
}

func security(s delivery.Security) setting {
	return func(target *delivery.Target, _ *delivery.Options) { target.Security = s }
}

func trust(config *tls.Config) setting {
	return func(_ *delivery.Target, opt *delivery.Options) { opt.TLS = config }
}

// wantFailure checks the stage, the cause and the reply of a session's error.
func wantFailure(t *testing.T, err error, stage delivery.Stage, cause error, reply string) {
	t.Helper()
	var failure *delivery.SessionError
	if !errors.As(err, &failure) {
		t.Fatalf("error %v is no SessionError", err)
	}
	if failure.Stage != stage || !errors.Is(err, cause) || failure.Reply.String() != reply {
		t.Errorf("error %v\n at %q, reply %q; want %v\n at %q, reply %q", err, failure.Stage, failure.Reply, cause, stage, reply)
	}
}

const plainOpening = `
> 220 mx.example ESMTP
< EHLO client.example
> 250 mx.example
`

func TestOpenPlain(t *testing.T) {
	session, _ := opened(t, `
		> 220-mx.example
		> 220 ready
		< EHLO client.example
		> 250-mx.example at your service
		> 250-Size 1000
		> 250-pipelining
		> 250 AUTH PLAIN
		< QUIT
		> 221 bye
		! eof`)
	if session.Host() != "mx.example" || session.IP() != "127.0.0.1" || session.TLS() != "" || !session.Usable() {
		t.Errorf("host %q, IP %q, TLS %q, usable %v", session.Host(), session.IP(), session.TLS(), session.Usable())
	}
	if c := session.Capabilities(); c.Name != "mx.example" || c.Size != 1000 || !c.Pipelining || !slices.Equal(c.Auth, []string{"PLAIN"}) {
		t.Errorf("capabilities %+v", c)
	}
	for range 2 {
		if err := session.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if session.Usable() {
		t.Error("a closed session is usable")
	}
}

func TestOpenHELO(t *testing.T) {
	for _, refusal := range []string{"500 what?", "502 5.5.1 not implemented", "504 no"} {
		session, _ := opened(t, `
			> 220 mx.example
			< EHLO client.example
			> `+refusal+`
			< HELO client.example
			> 250 mx.example
			< QUIT
			> 221 bye`)
		if c := session.Capabilities(); c.Extended || c.Name != "mx.example" {
			t.Errorf("capabilities %+v", c)
		}
		_ = session.Close(t.Context())
	}
}

func TestOpenFailures(t *testing.T) {
	tests := []struct {
		name, script string
		stage        delivery.Stage
		err          error
		reply        string
	}{
		{"no service", "> 554 no SMTP service here\n! eof", delivery.StageGreeting, delivery.ErrRefused, "554 no SMTP service here"},
		{"busy", "> 421 4.3.2 later", delivery.StageGreeting, delivery.ErrRefused, "421 4.3.2 later"},
		{"other success", "> 250 hello", delivery.StageGreeting, delivery.ErrUnexpectedReply, ""},
		{"HTTP", "> HTTP/1.1 400 Bad Request", delivery.StageGreeting, delivery.ErrMalformedReply, ""},
		{"closed", "! close", delivery.StageGreeting, delivery.ErrServerClosed, ""},
		{"closed in a line", "! raw \"220 \"\n! close", delivery.StageGreeting, delivery.ErrServerClosed, ""},
		{"endless line", "! raw \"" + strings.Repeat("x", 5000) + "\"\n! eof", delivery.StageGreeting, delivery.ErrReplyTooLong, ""},
		{"endless reply", strings.Repeat("> 220-hello\n", 129) + "! eof", delivery.StageGreeting, delivery.ErrReplyTooLong, ""},
		{"bad name", "> 220 hi\n< EHLO *\n> 550 5.7.1 bad name\n! eof", delivery.StageHello, delivery.ErrRefused, "550 5.7.1 bad name"},
		{"busy at EHLO", "> 220 hi\n< EHLO *\n> 421 no", delivery.StageHello, delivery.ErrRefused, "421 no"},
		{"out of turn", "> 220 hi\n< EHLO *\n> 354 go", delivery.StageHello, delivery.ErrUnexpectedReply, ""},
		{"closed at EHLO", "> 220 hi\n< EHLO *\n! close", delivery.StageHello, delivery.ErrServerClosed, ""},
		{"HELO refused", "> 220 hi\n< EHLO *\n> 500 a\n< HELO *\n> 501 b\n! eof", delivery.StageHello, delivery.ErrRefused, "501 b"},
		{"HELO closed", "> 220 hi\n< EHLO *\n> 500 a\n< HELO *\n! close", delivery.StageHello, delivery.ErrServerClosed, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := open(t, nil, test.script)
			wantFailure(t, err, test.stage, test.err, test.reply)
		})
	}
}

func TestOpenSplitWrites(t *testing.T) {
	session, _ := opened(t, "! split 1\n> 220 hi\n< EHLO *\n> 250-mx\n> 250 DSN\n< QUIT\n> 221 bye")
	if !session.Capabilities().DSN {
		t.Errorf("capabilities %+v", session.Capabilities())
	}
}

func TestOpenUnreachable(t *testing.T) {
	server := testkit.SMTP(t, nil, "! close")
	server.Close()
	target := delivery.Target{Host: "127.0.0.1", Port: server.Port, Security: delivery.SecurityNone}
	_, err := delivery.Open(t.Context(), target, delivery.Options{LocalName: "client.example"})
	wantFailure(t, err, delivery.StageConnect, err, "")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = delivery.Open(ctx, target, delivery.Options{LocalName: "client.example"})
	wantFailure(t, err, delivery.StageConnect, context.Canceled, "")
}

func TestOpenLocalName(t *testing.T) {
	for _, name := range []string{"a b", "a\r\nMAIL FROM:<>", "a\x00"} {
		_, err := delivery.Open(t.Context(), delivery.Target{Host: "mx.example"}, delivery.Options{LocalName: name})
		wantFailure(t, err, delivery.StageHello, delivery.ErrUnsafeArgument, "")
	}
}

func TestSessionErrorText(t *testing.T) {
	reply := delivery.Reply{Code: 554, Lines: []string{"no"}}
	tests := []struct {
		err  delivery.SessionError
		want string
	}{
		{
			delivery.SessionError{Stage: delivery.StageGreeting, Host: "mx.example", IP: "192.0.2.1", Reply: reply, Err: delivery.ErrRefused},
			"mx.example [192.0.2.1]: greeting: the server refused: 554 no",
		},
		{
			delivery.SessionError{Stage: delivery.StageConnect, Host: "192.0.2.1", IP: "192.0.2.1", Err: delivery.ErrTimeout},
			"192.0.2.1: connect: no answer from the server",
		},
		{delivery.SessionError{Stage: delivery.StageDNS, Err: delivery.ErrTimeout}, "dns: no answer from the server"},
	}
	for _, test := range tests {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestReset(t *testing.T) {
	session, _ := opened(t, plainOpening+"< RSET\n> 250 ok\n< RSET\n> 500 what?\n! eof")
	if err := session.Reset(t.Context()); err != nil || !session.Usable() {
		t.Errorf("reset: %v", err)
	}
	err := session.Reset(t.Context())
	wantFailure(t, err, delivery.StageReset, delivery.ErrRefused, "500 what?")
	wantFailure(t, session.Reset(t.Context()), delivery.StageReset, delivery.ErrSessionClosed, "")
}

func TestTrace(t *testing.T) {
	var got []string
	session, _ := opened(t, `
		> 220 mx.example ESMTP
		< EHLO client.example
		> 250-mx.example
		> 250 AUTH LOGIN
		< AUTH LOGIN
		> 334 VXNlcm5hbWU6
		< bWU=
		> 334 UGFzc3dvcmQ6
		< c2VjcmV0
		> 235 2.7.0 ok
		< MAIL FROM:<a@example.com>
		> 250-2.1.0 yes
		> 250 2.1.0 fine
		< RCPT TO:<b@example.com>
		> 250 ok
		< DATA
		> 354 go
		! message
		> 250 2.0.0 queued
		< QUIT
		> 221 bye`, func(_ *delivery.Target, opt *delivery.Options) {
		opt.Auth = &delivery.Auth{User: "me", Password: "secret"}
		opt.AllowPlaintextAuth = true
		opt.Trace = func(e delivery.TraceEvent) { got = append(got, string(e.Side[:1])+" "+e.Text) }
	})
	if _, err := session.Send(t.Context(), mail("b@example.com")); err != nil {
		t.Fatal(err)
	}
	if err := session.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"s 220 mx.example ESMTP",
		"c EHLO client.example",
		"s 250-mx.example",
		"s 250 AUTH LOGIN",
		"c AUTH LOGIN",
		"s 334 ***",
		"c ***",
		"s 334 ***",
		"c ***",
		"s 235 2.7.0 ok",
		"c MAIL FROM:<a@example.com>",
		"s 250-2.1.0 yes",
		"s 250 2.1.0 fine",
		"c RCPT TO:<b@example.com>",
		"s 250 ok",
		"c DATA",
		"s 354 go",
		"c (22 octets of message)",
		"c .",
		"s 250 2.0.0 queued",
		"c QUIT",
		"s 221 bye",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("trace (-want +got):\n%s", diff)
	}
}

// mail returns a message from a@example.com.
func mail(to ...string) delivery.Mail {
	m := delivery.Mail{Data: []byte("Subject: hi\r\n\r\nhello\r\n")}
	m.Envelope.From = delivery.Address{Local: "a", Domain: "example.com"}
	for _, s := range to {
		a, err := delivery.ParseAddress(s)
		if err != nil {
			panic(err)
		}
		m.Envelope.To = append(m.Envelope.To, a)
	}
	return m
}
