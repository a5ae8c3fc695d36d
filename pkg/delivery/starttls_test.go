package delivery_test

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
)

const startTLSOpening = `
> 220 mx.example
< EHLO client.example
> 250-mx.example
> 250-PIPELINING
> 250-AUTH PLAIN
> 250 STARTTLS
< STARTTLS
> 220 go ahead
! tls
`

func TestStartTLS(t *testing.T) {
	ca := testkit.NewCA(t)
	config := testkit.ServerTLS(ca.Valid(t, "mx.example"))
	session, server, err := open(t, config, startTLSOpening+`
		< EHLO client.example
		> 250-mx.example
		> 250 SIZE 5000
		< MAIL FROM:<a@example.com> SIZE=22
		> 250 ok
		< RCPT TO:<b@example.com>
		> 250 ok
		< DATA
		> 354 go
		! message
		> 250 queued
		< QUIT
		> 221 bye
	`, security(delivery.SecuritySTARTTLS), trust(ca.ClientTLS()))
	if err != nil {
		t.Fatal(err)
	}
	// What was offered before TLS is forgotten (RFC 3207 §4.2).
	if c := session.Capabilities(); c.Pipelining || len(c.Auth) > 0 || c.Size != 5000 {
		t.Errorf("capabilities %+v", c)
	}
	if !strings.HasPrefix(session.TLS(), "TLSv1.3 TLS_") {
		t.Errorf("TLS %q", session.TLS())
	}
	m := mail("b@example.com")
	if result, err := session.Send(t.Context(), m); err != nil || !result.Accepted {
		t.Errorf("%+v, %v", result, err)
	}
	_ = session.Close(t.Context())
	server.Close()
	if got := server.Messages(); len(got) != 1 || got[0] != string(m.Data) {
		t.Errorf("messages %q", got)
	}
}

func TestImplicitTLS(t *testing.T) {
	ca := testkit.NewCA(t)
	config := testkit.ServerTLS(ca.Valid(t, "mx.example"))
	config.MaxVersion = tls.VersionTLS12
	session, _, err := open(t, config, "! tls\n"+plainOpening+"< QUIT\n> 221 bye",
		security(delivery.SecurityTLS), trust(ca.ClientTLS()))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(session.TLS(), "TLSv1.2 TLS_ECDHE_") {
		t.Errorf("TLS %q", session.TLS())
	}
}

func TestNotImplicitTLS(t *testing.T) {
	ca := testkit.NewCA(t)
	for greeting, plain := range map[string]bool{
		"220 mx.example ESMTP": true,
		"421-too busy":         true,
		"HTTP/1.1 400 Bad":     false,
	} {
		quiet := &quietTB{TB: t} // what the client sends is no line
		err := openWith(t, testkit.SMTP(quiet, nil, "> "+greeting+"\n! eof"), delivery.SecurityTLS, ca.ClientTLS())
		wantFailure(t, err, delivery.StageConnect, delivery.ErrTLSHandshake, "")
		if errors.Is(err, delivery.ErrNotImplicitTLS) != plain {
			t.Errorf("%q: %v", greeting, err)
		}
	}
}

func TestCertificates(t *testing.T) {
	ca, other := testkit.NewCA(t), testkit.NewCA(t)
	certificates := map[string]tls.Certificate{
		"valid":         ca.Valid(t, "mx.example"),
		"expired":       ca.Expired(t, "mx.example"),
		"wrong name":    ca.Valid(t, "other.example"),
		"self-signed":   testkit.SelfSigned(t, "mx.example"),
		"unknown issue": other.Valid(t, "mx.example"),
	}
	for name, certificate := range certificates {
		t.Run(name, func(t *testing.T) {
			config := testkit.ServerTLS(certificate)
			// The server only sees that the client gives up, so its script may fail.
			quiet := &quietTB{TB: t}
			for _, s := range []delivery.Security{delivery.SecuritySTARTTLS, delivery.SecurityTLS} {
				stage, script := delivery.StageTLS, startTLSOpening
				if s == delivery.SecurityTLS {
					stage, script = delivery.StageConnect, "! tls\n> 220 hi"
				}
				err := openWith(t, testkit.SMTP(quiet, config, script+plainHello), s, ca.ClientTLS())
				if name == "valid" {
					if err != nil {
						t.Error(err)
					}
					continue
				}
				wantFailure(t, err, stage, delivery.ErrTLSHandshake, "")
				if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok {
					t.Errorf("%v does not say what is wrong with the certificate", err)
				}
			}
			// Nobody is asked to prove a name that nobody relies on.
			err := openWith(t, testkit.SMTP(quiet, config, startTLSOpening+plainHello), delivery.SecurityOpportunistic, ca.ClientTLS())
			if err != nil {
				t.Error(err)
			}
		})
	}
}

const plainHello = `
< EHLO client.example
> 250 mx.example
< QUIT
> 221 bye
`

// openWith opens and closes a session.
func openWith(t *testing.T, server *testkit.SMTPServer, s delivery.Security, config *tls.Config) error {
	t.Helper()
	target := delivery.Target{Host: "mx.example", Port: server.Port, Security: s}
	opt := delivery.Options{LocalName: "client.example", TLS: config, Dialer: dialerTo(server.Addr)}
	session, err := delivery.Open(t.Context(), target, opt)
	if err != nil {
		return err
	}
	return session.Close(context.Background())
}

// A quietTB is a test that a server's script may fail.
type quietTB struct{ testing.TB }

func (q *quietTB) Error(...any) {}

func TestStartTLSFailures(t *testing.T) {
	offered := "> 220 hi\n< EHLO *\n> 250-mx\n> 250 STARTTLS\n< STARTTLS\n"
	tests := []struct {
		name, script string
		err          error
		reply        string
		hinted       bool
	}{
		{"not offered", "> 220 hi\n< EHLO *\n> 250 mx\n! eof", delivery.ErrTLSRequired, "", true},
		{"HELO only", "> 220 hi\n< EHLO *\n> 502 no\n< HELO *\n> 250 mx\n! eof", delivery.ErrTLSRequired, "", true},
		{"refused", offered + "> 454 4.7.0 TLS not available\n! eof", delivery.ErrRefused, "454 4.7.0 TLS not available", false},
		{"out of turn", offered + "> 250 ok\n! eof", delivery.ErrUnexpectedReply, "", false},
		{"closed", offered + "! close", delivery.ErrServerClosed, "", false},
		{"injected reply", offered + `! raw "220 go\r\n250 injected\r\n"` + "\n! eof", delivery.ErrStartTLSInjection, "", false},
		{"no handshake", offered + "> 220 go\n! close", delivery.ErrTLSHandshake, "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			quiet := &quietTB{TB: t}
			err := openWith(t, testkit.SMTP(quiet, nil, test.script), delivery.SecuritySTARTTLS, nil)
			wantFailure(t, err, delivery.StageTLS, test.err, test.reply)
			if got := len(delivery.Hints(err)) > 0; got != test.hinted {
				t.Errorf("hints %q", delivery.Hints(err))
			}
		})
	}
}

func TestOpportunistic(t *testing.T) {
	for _, script := range []string{
		plainOpening,
		"> 220 hi\n< EHLO *\n> 250-mx\n> 250 STARTTLS\n< STARTTLS\n> 454 not now\n",
		"> 220 hi\n< EHLO *\n> 250-mx\n> 250 STARTTLS\n< STARTTLS\n> 502 what?\n",
	} {
		session, _ := opened(t, script+"< QUIT\n> 221 bye", security(delivery.SecurityOpportunistic))
		if session.TLS() != "" || !session.Usable() {
			t.Errorf("TLS %q, usable %v", session.TLS(), session.Usable())
		}
	}
	offered := "> 220 hi\n< EHLO *\n> 250-mx\n> 250 STARTTLS\n< STARTTLS\n"
	_, _, err := open(t, nil, offered+"> 421 bye", security(delivery.SecurityOpportunistic))
	wantFailure(t, err, delivery.StageTLS, delivery.ErrRefused, "421 bye")
	_, _, err = open(t, nil, offered+`! raw "220 go\r\n250 x\r\n"`+"\n! eof", security(delivery.SecurityOpportunistic))
	wantFailure(t, err, delivery.StageTLS, delivery.ErrStartTLSInjection, "")
}

func TestTLSMinimum(t *testing.T) {
	ca := testkit.NewCA(t)
	config := testkit.ServerTLS(ca.Valid(t, "mx.example"))
	config.MinVersion, config.MaxVersion = tls.VersionTLS11, tls.VersionTLS11
	quiet := &quietTB{TB: t}
	err := openWith(t, testkit.SMTP(quiet, config, "! tls"), delivery.SecurityTLS, &tls.Config{RootCAs: ca.Pool})
	wantFailure(t, err, delivery.StageConnect, delivery.ErrTLSHandshake, "")
}
