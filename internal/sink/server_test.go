package sink

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	smtp "github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mailctl/mailctl/pkg/delivery"
)

func TestListen(t *testing.T) {
	for _, listen := range []string{"", ":0", "127.0.0.1:0"} {
		s := start(t, Options{Listen: listen})
		host, port, err := net.SplitHostPort(s.Addr())
		if err != nil || host != "127.0.0.1" || port == "0" {
			t.Errorf("%q: listening on %s, %v", listen, s.Addr(), err)
		}
	}
	for _, listen := range []string{"2525", "127.0.0.1:99999", "nowhere.invalid:25"} {
		ctx, cancel := context.WithCancel(t.Context())
		if listen == "nowhere.invalid:25" {
			cancel() // so that nobody is asked for the name
		}
		if s, err := Start(ctx, Options{Listen: listen}); err == nil {
			closeNow(t, s)
			t.Errorf("%q: no error", listen)
		}
		cancel()
	}
	if _, err := Start(t.Context(), Options{Listen: "2525"}); len(delivery.Hints(err)) == 0 {
		t.Errorf("no hint for %v", err)
	}
}

func TestExtensions(t *testing.T) {
	config, _, err := SelfSigned(time.Now(), "localhost")
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, Options{TLS: config, Login: &Login{"ann", "secret"}})
	newPeer(dial(t, s)).talk(t, `
		< 220 sink.mailctl.invalid
		> EHLO client.example
		< 250-Hello client.example
		< 250-PIPELINING
		< 250-8BITMIME
		< 250-ENHANCEDSTATUSCODES
		< 250-CHUNKING
		< 250-STARTTLS
		< 250-SMTPUTF8
		< 250-DSN
		< 250-SIZE 52428800
		< 250 LIMITS RCPTMAX=1000
		> AUTH PLAIN AGFubgBzZWNyZXQ=
		< 523 5.7.10
		> MAIL FROM:<a@acme.example>
		< 530 5.7.0 authentication required`)
}

// TestTLS delivers with STARTTLS, a login, and a rule at data, whose reply comes
// after the message because the 354 is encrypted.
func TestTLS(t *testing.T) {
	config, certificate, err := SelfSigned(time.Now(), "127.0.0.1", "sink.example")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(certificate) {
		t.Fatal("no certificate")
	}
	var log journal
	s := start(t, Options{TLS: config, Login: &Login{"ann", "secret"}, OnEvent: log.add, Personality: rules(t, `
rules:
  - {at: data, to: no@example.org, reply: "451 4.3.0 not now"}
  - {at: rcpt, to: drop@example.org, close: true}
  - {at: data, to: gone@example.org, close: true}
`)})
	connect := func() *smtp.Client {
		c, err := smtp.DialStartTLS(s.Addr(), &tls.Config{RootCAs: roots, ServerName: "sink.example", MinVersion: tls.VersionTLS12})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Auth(sasl.NewPlainClient("", "ann", "secret")); err != nil {
			t.Fatal(err)
		}
		return c
	}
	deliver := func(c *smtp.Client, rcpt string) error {
		return c.SendMail("a@acme.example", []string{rcpt}, strings.NewReader("Subject: a\r\n\r\ntext\r\n"))
	}
	c := connect()
	if err := deliver(c, "yes@example.org"); err != nil {
		t.Error(err)
	}
	var reply *smtp.SMTPError
	if err := deliver(c, "no@example.org"); !errors.As(err, &reply) || reply.Code != 451 {
		t.Errorf("refused at data: %v", err)
	}
	if err := deliver(c, "yes@example.org"); err != nil {
		t.Error(err)
	}
	for _, rcpt := range []string{"drop@example.org", "gone@example.org"} {
		if err := deliver(c, rcpt); err == nil || errors.As(err, &reply) {
			t.Errorf("%s: %v", rcpt, err)
		}
		_ = c.Close() // gone already
		c = connect()
	}
	if err := c.Quit(); err != nil {
		t.Error(err)
	}
	c, err = smtp.DialStartTLS(s.Addr(), &tls.Config{ServerName: "sink.example", MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Noop(); err == nil {
		t.Error("an unknown certificate was trusted")
	}
	_ = c.Close() // broken already
	closeNow(t, s)
	if aborted := log.of(EventAbort); len(aborted) != 1 || aborted[0].Stage != delivery.StageTLS {
		t.Errorf("aborted: %+v", aborted)
	}
	if failures := log.of(EventError); len(failures) != 0 {
		t.Errorf("errors: %+v", failures)
	}
	accepted := log.of(EventAccept)
	if len(accepted) != 2 || !strings.HasPrefix(accepted[0].TLS, "TLS 1.3 TLS_") || accepted[0].User != "ann" {
		t.Errorf("accepted: %+v", accepted)
	}
}

func TestLogin(t *testing.T) {
	var log journal
	s := start(t, Options{Login: &Login{"ann", "secret"}, OnEvent: log.add})
	newPeer(dial(t, s)).talk(t, hello+`
		> AUTH LOGIN
		< 334 VXNlcm5hbWU6
		> YW5u
		< 334 UGFzc3dvcmQ6
		> d3Jvbmc=
		< 535 5.7.8
		> AUTH LOGIN YW5u
		< 334 UGFzc3dvcmQ6
		> *
		< 501
		> AUTH PLAIN AGFubgB3cm9uZw==
		< 535 5.7.8
		> AUTH CRAM-MD5
		< 504 5.7.4
		> MAIL FROM:<a@acme.example>
		< 530 5.7.0
		> AUTH LOGIN YW5u
		< 334 UGFzc3dvcmQ6
		> c2VjcmV0
		< 235`+letterTo("a@example.org")+`
		< 250`)
	newPeer(dial(t, s)).talk(t, hello+"> AUTH PLAIN AGFubgBzZWNyZXQ=\n< 235")
	for _, e := range log.events {
		if strings.Contains(e.Reply+e.Err+e.User, "secret") || strings.Contains(e.User, "wrong") {
			t.Errorf("a password in %+v", e)
		}
	}
	open := start(t, Options{})
	newPeer(dial(t, open)).talk(t, hello+"> AUTH PLAIN AGFubgBzZWNyZXQ=\n< 502 5.7.0")
}

func TestTooManyConnections(t *testing.T) {
	s := start(t, Options{MaxConnections: 1})
	first := newPeer(dial(t, s))
	first.talk(t, "< 220")
	newPeer(dial(t, s)).talk(t, "< 421 4.3.2 too many connections\n< EOF")
	first.talk(t, "> QUIT\n< 221\n< EOF")
}

// TestEvents follows one connection.
func TestEvents(t *testing.T) {
	var log journal
	clock := time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC)
	s := start(t, Options{OnEvent: log.add, Clock: func() time.Time { return clock }, Personality: rules(t, `
rules:
  - {name: unknown, at: rcpt, to: b@example.org, reply: "550 5.1.1 unknown"}
  - {name: lost, at: message, to: c@example.org, accept: true, close: true}
`)})
	newPeer(dial(t, s)).talk(t, hello+`
		> MAIL FROM:<news@acme.example>
		> RCPT TO:<a@example.org>
		> RCPT TO:<b@example.org>
		> DATA
		< 250
		< 250
		< 550
		< 354
		> Subject: caf`+"\xc3\xa9"+`
		> Message-ID: <1@acme.example>
		>
		> .
		< 250 2.0.0 Ok: queued as 1`+letterTo("a@example.org")+"< 250"+letterTo("a@example.org")+"< 250"+letterTo("c@example.org")+"< EOF")
	closeNow(t, s)

	to := func(rcpt string) []string { return []string{rcpt} }
	accepted := Event{Kind: EventAccept, Stage: "message", To: to("a@example.org"), Size: 53, Subject: "hello", MessageID: "<a@example.org>"}
	second, third, lost := accepted, accepted, accepted
	second.Reply = "250 2.0.0 Ok: queued as 2"
	third.Reply, third.Duplicate = "250 2.0.0 Ok: queued as 3", true
	lost.To, lost.MessageID, lost.Rule = to("c@example.org"), "<c@example.org>", "lost"
	dropped := lost
	dropped.Kind = EventDrop
	want := []Event{
		{Kind: EventConnect},
		{Kind: EventRefuse, Stage: "rcpt", Rule: "unknown", To: to("b@example.org"), Reply: "550 5.1.1 unknown"},
		{
			Kind: EventAccept, Stage: "message", To: to("a@example.org"), Reply: "250 2.0.0 Ok: queued as 1", Size: 48,
			Subject: "café", MessageID: "<1@acme.example>", Flaws: []Flaw{FlawEightBit},
		},
		second, third, lost, dropped,
		{Kind: EventClose, Messages: 4},
	}
	for i := range want {
		w := &want[i]
		w.Time, w.Connection = clock, 1
		if w.Stage != "" {
			w.Helo, w.From = "client.example", "news@acme.example"
		}
	}
	if diff := cmp.Diff(want, log.events, cmpopts.IgnoreFields(Event{}, "Remote")); diff != "" {
		t.Error(diff)
	}
	wantStats := Stats{
		Connections: 1, Accepted: 4, Recipients: 4, Bytes: 48 + 3*53, Duplicates: 1, Flawed: 1,
		Rejected: 1, Replies: map[int]int64{550: 1}, Dropped: 1,
	}
	if diff := cmp.Diff(wantStats, s.Stats()); diff != "" {
		t.Error(diff)
	}
}
