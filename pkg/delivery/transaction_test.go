package delivery_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/delivery"
)

const pipeliningOpening = `
> 220 mx.example ESMTP
< EHLO client.example
> 250-mx.example
> 250 PIPELINING
`

// outcomes shows a result as one line for each recipient.
func outcomes(r delivery.Result) string {
	var b strings.Builder
	for _, to := range r.Recipients {
		fmt.Fprintf(&b, "%v %s %s\n", to.Accepted, to.Stage, to.Reply)
	}
	return b.String()
}

func TestSend(t *testing.T) {
	tests := []struct {
		name     string
		opening  string
		script   string
		to       []string
		accepted bool
		outcomes string
		usable   bool
	}{
		{
			name: "accepted", opening: plainOpening, to: []string{"b@example.com"},
			script: `
				< MAIL FROM:<a@example.com>
				> 250 2.1.0 ok
				< RCPT TO:<b@example.com>
				> 250 2.1.5 ok
				< DATA
				> 354 go
				! message
				> 250 2.0.0 queued as 1
				< QUIT
				> 221 bye`,
			accepted: true, outcomes: "true message 250 2.0.0 queued as 1\n", usable: true,
		},
		{
			name: "pipelined", opening: pipeliningOpening, to: []string{"b@example.com", "c@example.com"},
			script: `
				< MAIL FROM:<a@example.com>
				< RCPT TO:<b@example.com>
				< RCPT TO:<c@example.com>
				< DATA
				> 250 ok
				> 250 ok
				> 251 will forward
				> 354 go
				! message
				> 250 queued
				< QUIT
				> 221 bye`,
			accepted: true, outcomes: "true message 250 queued\ntrue message 250 queued\n", usable: true,
		},
		{
			name: "sender refused", opening: plainOpening, to: []string{"b@example.com"},
			script: `
				< MAIL FROM:<a@example.com>
				> 550 5.1.8 no such domain
				< QUIT
				> 221 bye`,
			outcomes: "false mail 550 5.1.8 no such domain\n", usable: true,
		},
		{
			name: "sender refused, pipelined", opening: pipeliningOpening, to: []string{"b@example.com", "c@example.com"},
			script: `
				< MAIL FROM:<a@example.com>
				< RCPT TO:<b@example.com>
				< RCPT TO:<c@example.com>
				< DATA
				> 450 4.1.8 who?
				> 503 5.5.1 MAIL first
				> 503 5.5.1 MAIL first
				> 503 5.5.1 RCPT first
				< QUIT
				> 221 bye`,
			outcomes: "false mail 450 4.1.8 who?\nfalse mail 450 4.1.8 who?\n", usable: true,
		},
		{
			name: "some refused", opening: pipeliningOpening, to: []string{"b@example.com", "c@example.com", "d@example.com"},
			script: `
				< MAIL FROM:<a@example.com>
				< RCPT TO:<b@example.com>
				< RCPT TO:<c@example.com>
				< RCPT TO:<d@example.com>
				< DATA
				> 250 ok
				> 550 5.1.1 unknown
				> 250 ok
				> 451 4.3.0 later
				> 354 go
				! message
				> 250 queued
				< QUIT
				> 221 bye`,
			accepted: true, outcomes: "false rcpt 550 5.1.1 unknown\ntrue message 250 queued\nfalse rcpt 451 4.3.0 later\n", usable: true,
		},
		{
			name: "recipient refused", opening: plainOpening, to: []string{"b@example.com"},
			script: `
				< MAIL FROM:<a@example.com>
				> 250 ok
				< RCPT TO:<b@example.com>
				> 550 5.1.1 unknown
				< QUIT
				> 221 bye`,
			outcomes: "false rcpt 550 5.1.1 unknown\n", usable: true,
		},
		{
			name: "recipient refused, pipelined", opening: pipeliningOpening, to: []string{"b@example.com"},
			script: `
				< MAIL FROM:<a@example.com>
				< RCPT TO:<b@example.com>
				< DATA
				> 250 ok
				> 550 5.1.1 unknown
				> 554 5.5.1 no valid recipients
				< QUIT
				> 221 bye`,
			outcomes: "false rcpt 550 5.1.1 unknown\n", usable: true,
		},
		{
			// RFC 2920 §3.1: the server waits for a message although nobody may get it.
			name: "recipient refused and 354", opening: pipeliningOpening, to: []string{"b@example.com"},
			script: `
				< MAIL FROM:<a@example.com>
				< RCPT TO:<b@example.com>
				< DATA
				> 250 ok
				> 550 5.1.1 unknown
				> 354 go
				< .
				> 250 delivered to nobody
				< QUIT
				> 221 bye`,
			outcomes: "false rcpt 550 5.1.1 unknown\n", usable: true,
		},
		{
			name: "sender refused and 354", opening: pipeliningOpening, to: []string{"b@example.com"},
			script: `
				< MAIL FROM:<a@example.com>
				< RCPT TO:<b@example.com>
				< DATA
				> 550 no
				> 250 ok
				> 354 go
				< .
				> 554 no recipients
				< QUIT
				> 221 bye`,
			outcomes: "false mail 550 no\n", usable: true,
		},
		{
			name: "DATA refused", opening: pipeliningOpening, to: []string{"b@example.com", "c@example.com"},
			script: `
				< MAIL FROM:<a@example.com>
				< RCPT TO:<b@example.com>
				< RCPT TO:<c@example.com>
				< DATA
				> 250 ok
				> 250 ok
				> 550 unknown
				> 451 4.3.2 not now
				< QUIT
				> 221 bye`,
			outcomes: "false data 451 4.3.2 not now\nfalse rcpt 550 unknown\n", usable: true,
		},
		{
			name: "message refused", opening: plainOpening, to: []string{"b@example.com"},
			script: `
				< MAIL FROM:<a@example.com>
				> 250 ok
				< RCPT TO:<b@example.com>
				> 250 ok
				< DATA
				> 354 go
				! message
				> 550 5.7.1 spam
				< QUIT
				> 221 bye`,
			outcomes: "false message 550 5.7.1 spam\n", usable: true,
		},
		{
			name: "421 at MAIL", opening: plainOpening, to: []string{"b@example.com"},
			script:   "< MAIL *\n> 421 4.4.2 idle too long",
			outcomes: "false mail 421 4.4.2 idle too long\n",
		},
		{
			name: "421 at MAIL, pipelined", opening: pipeliningOpening, to: []string{"b@example.com"},
			script:   "< MAIL *\n< RCPT *\n< DATA\n> 421 bye",
			outcomes: "false mail 421 bye\n",
		},
		{
			name: "421 at RCPT", opening: pipeliningOpening, to: []string{"b@example.com", "c@example.com", "d@example.com", "e@example.com"},
			script:   "< MAIL *\n< RCPT *\n< RCPT *\n< RCPT *\n< RCPT *\n< DATA\n> 250 ok\n> 250 ok\n> 550 unknown\n> 421 bye",
			outcomes: "false rcpt 421 bye\nfalse rcpt 550 unknown\nfalse rcpt 421 bye\nfalse rcpt 421 bye\n",
		},
		{
			name: "421 at DATA", opening: plainOpening, to: []string{"b@example.com"},
			script:   "< MAIL *\n> 250 ok\n< RCPT *\n> 250 ok\n< DATA\n> 421 bye",
			outcomes: "false data 421 bye\n",
		},
		{
			name: "421 at the end", opening: plainOpening, to: []string{"b@example.com"},
			script:   "< MAIL *\n> 250 ok\n< RCPT *\n> 250 ok\n< DATA\n> 354 go\n! message\n> 421 bye",
			outcomes: "false message 421 bye\n",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			session, _ := opened(t, test.opening+test.script)
			result, err := session.Send(t.Context(), mail(test.to...))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.outcomes, outcomes(result)); diff != "" || result.Accepted != test.accepted {
				t.Errorf("accepted %v (-want +got):\n%s", result.Accepted, diff)
			}
			if session.Usable() != test.usable {
				t.Errorf("usable %v", session.Usable())
			}
			if !test.usable {
				wantFailure(t, session.Begin(t.Context(), mail("x@example.com")), delivery.StageMail, delivery.ErrSessionClosed, "")
			}
		})
	}
}

// TestNextMessage looks at what comes between two messages.
func TestNextMessage(t *testing.T) {
	const second = `
		< MAIL FROM:<a@example.com>
		> 250 ok
		< RCPT TO:<b@example.com>
		> 250 ok
		< DATA
		> 354 go
		! message
		> 250 queued
		< QUIT
		> 221 bye`
	const secondPipelined = `
		< MAIL FROM:<a@example.com>
		< RCPT TO:<b@example.com>
		< DATA
		> 250 ok
		> 250 ok
		> 354 go
		! message
		> 250 queued
		< QUIT
		> 221 bye`
	tests := []struct{ name, script string }{
		{"after a message", plainOpening + "< MAIL *\n> 250 ok\n< RCPT *\n> 250 ok\n< DATA\n> 354 go\n! message\n> 554 no" + second},
		{"after a refused sender", plainOpening + "< MAIL *\n> 550 no" + second},
		{"after a refused recipient", plainOpening + "< MAIL *\n> 250 ok\n< RCPT *\n> 550 no\n< RSET\n> 250 ok" + second},
		{"after a refused DATA", plainOpening + "< MAIL *\n> 250 ok\n< RCPT *\n> 250 ok\n< DATA\n> 451 no\n< RSET\n> 250 ok" + second},
		{"after a refused sender, pipelined", pipeliningOpening + "< MAIL *\n< RCPT *\n< DATA\n> 550 no\n> 503 no\n> 503 no" + secondPipelined},
		{
			"after a refused recipient, pipelined",
			pipeliningOpening + "< MAIL *\n< RCPT *\n< DATA\n> 250 ok\n> 550 no\n> 503 no\n< RSET\n> 250 reset" + secondPipelined,
		},
		{
			"after a lone dot, pipelined",
			pipeliningOpening + "< MAIL *\n< RCPT *\n< DATA\n> 250 ok\n> 550 no\n> 354 go\n< .\n> 250 ok" + secondPipelined,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			session, _ := opened(t, test.script)
			result, err := session.Send(t.Context(), mail("refused@example.com"))
			if err != nil || result.Accepted {
				t.Fatalf("%+v, %v", result, err)
			}
			result, err = session.Send(t.Context(), mail("b@example.com"))
			if err != nil || !result.Accepted {
				t.Errorf("%+v, %v", result, err)
			}
		})
	}
}

func TestSendFailures(t *testing.T) {
	tests := []struct {
		name, script string
		stage        delivery.Stage
		err          error
		reply        string
		unknown      bool
	}{
		{"closed at MAIL", plainOpening + "< MAIL *\n! close", delivery.StageMail, delivery.ErrServerClosed, "", false},
		{"closed at RCPT", plainOpening + "< MAIL *\n> 250 ok\n< RCPT *\n! close", delivery.StageRcpt, delivery.ErrServerClosed, "", false},
		{"closed at DATA", plainOpening + "< MAIL *\n> 250 ok\n< RCPT *\n> 250 ok\n< DATA\n! close", delivery.StageData, delivery.ErrServerClosed, "", false},
		{"closed in replies", pipeliningOpening + "< MAIL *\n< RCPT *\n< DATA\n> 250 ok\n> 250 ok\n! close", delivery.StageData, delivery.ErrServerClosed, "", false},
		{"closed at the end", plainOpening + "< MAIL *\n> 250 ok\n< RCPT *\n> 250 ok\n< DATA\n> 354 go\n! message\n! close", delivery.StageMessage, delivery.ErrServerClosed, "", true},
		{"garbage at the end", plainOpening + "< MAIL *\n> 250 ok\n< RCPT *\n> 250 ok\n< DATA\n> 354 go\n! message\n> yes", delivery.StageMessage, delivery.ErrMalformedReply, "", true},
		{"354 at the end", plainOpening + "< MAIL *\n> 250 ok\n< RCPT *\n> 250 ok\n< DATA\n> 354 go\n! message\n> 354 more", delivery.StageMessage, delivery.ErrUnexpectedReply, "", true},
		{"354 at MAIL", plainOpening + "< MAIL *\n> 354 go", delivery.StageMail, delivery.ErrUnexpectedReply, "", false},
		{"354 at RCPT", plainOpening + "< MAIL *\n> 250 ok\n< RCPT *\n> 354 go", delivery.StageRcpt, delivery.ErrUnexpectedReply, "", false},
		// One reply too many, and each is taken for its neighbour's: 250 is none to DATA.
		{"250 at DATA", pipeliningOpening + "< MAIL *\n< RCPT *\n< DATA\n> 250 ok\n> 250 ok\n> 250 ok\n> 354 go", delivery.StageData, delivery.ErrUnexpectedReply, "", false},
		{"garbage at RCPT", plainOpening + "< MAIL *\n> 250 ok\n< RCPT *\n> 250-a\n> 550 b", delivery.StageRcpt, delivery.ErrMalformedReply, "", false},
		{"closed after a lone dot", pipeliningOpening + "< MAIL *\n< RCPT *\n< DATA\n> 250 ok\n> 550 no\n> 354 go\n< .\n! close", delivery.StageMessage, delivery.ErrServerClosed, "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			session, _ := opened(t, test.script)
			result, err := session.Send(t.Context(), mail("b@example.com"))
			wantFailure(t, err, test.stage, test.err, test.reply)
			if errors.Is(err, delivery.ErrOutcomeUnknown) != test.unknown {
				t.Errorf("unknown outcome: %v, want %v", err, test.unknown)
			}
			if result.Accepted || session.Usable() {
				t.Errorf("accepted %v, usable %v", result.Accepted, session.Usable())
			}
			for _, to := range result.Recipients {
				if to.Accepted || to.Reply.Code/100 == 2 {
					t.Errorf("recipient %+v", to)
				}
			}
		})
	}
}

// TestUnaskedReply has a server say more than it was asked, which must not be
// taken for an answer.
func TestUnaskedReply(t *testing.T) {
	session, _ := opened(t, "> 220 hi\n< EHLO *\n! raw \"250 mx\\r\\n421 4.3.2 going down\\r\\n\"\n! eof")
	err := session.Begin(t.Context(), mail("b@example.com"))
	wantFailure(t, err, delivery.StageMail, delivery.ErrUnexpectedReply, "421 4.3.2 going down")

	session, _ = opened(t, "> 220 hi\n< EHLO *\n! raw \"250 mx\\r\\n250 ok\\r\\n\"\n! eof")
	err = session.Begin(t.Context(), mail("b@example.com"))
	wantFailure(t, err, delivery.StageMail, delivery.ErrUnexpectedReply, "")
	if session.Usable() {
		t.Error("a session out of step is usable")
	}
}

func TestManyRecipients(t *testing.T) {
	const n = 250
	var to []string
	var script strings.Builder
	script.WriteString(pipeliningOpening + "< MAIL *\n")
	for i := range n {
		to = append(to, fmt.Sprintf("user%d@example.com", i))
		fmt.Fprintf(&script, "< RCPT TO:<user%d@example.com>\n", i)
		// The client waits for the replies to each hundred.
		if i == 99 || i == 199 {
			if i == 99 {
				script.WriteString("> 250 sender ok\n")
			}
			script.WriteString(strings.Repeat("> 250 ok\n", 100))
		}
	}
	script.WriteString("< DATA\n" + strings.Repeat("> 250 ok\n", 50) + "> 354 go\n! message\n> 250 queued\n< QUIT\n> 221 bye")
	session, _ := opened(t, script.String())
	result, err := session.Send(t.Context(), mail(to...))
	if err != nil || !result.Accepted || strings.Count(outcomes(result), "true message 250 queued") != n {
		t.Errorf("%v, %v", result.Accepted, err)
	}

	// A refused sender spares the rest of the recipients.
	script.Reset()
	script.WriteString(pipeliningOpening + "< MAIL *\n" + strings.Repeat("< RCPT *\n", 100) + "> 550 no\n" + strings.Repeat("> 503 no\n", 100) + "< QUIT\n> 221 bye")
	session, _ = opened(t, script.String())
	result, err = session.Send(t.Context(), mail(to...))
	if err != nil || strings.Count(outcomes(result), "false mail 550 no") != n {
		t.Errorf("%s, %v", outcomes(result), err)
	}
}

func TestServerLimits(t *testing.T) {
	session, _ := opened(t, "> 220 hi\n< EHLO *\n> 250-mx\n> 250 LIMITS MAILMAX=1 RCPTMAX=2\n< MAIL *\n> 250 ok\n< RCPT *\n> 550 no\n< QUIT\n> 221 bye")
	err := session.Begin(t.Context(), mail("a@example.com", "b@example.com", "c@example.com"))
	wantFailure(t, err, delivery.StageMail, delivery.ErrTooManyRecipients, "")
	if _, err := session.Send(t.Context(), mail("a@example.com")); err != nil || session.Usable() {
		t.Errorf("usable %v, %v", session.Usable(), err)
	}
	wantFailure(t, session.Begin(t.Context(), mail("a@example.com")), delivery.StageMail, delivery.ErrSessionClosed, "")
}

func TestOutOfOrder(t *testing.T) {
	session, _ := opened(t, plainOpening+"< MAIL *\n! eof")
	_, err := session.Ready(t.Context())
	wantFailure(t, err, delivery.StageMail, delivery.ErrOutOfOrder, "")
	wantFailure(t, session.Finish(t.Context(), nil), delivery.StageMessage, delivery.ErrOutOfOrder, "")
	_, err = session.Outcome(t.Context())
	wantFailure(t, err, delivery.StageMessage, delivery.ErrOutOfOrder, "")
	if err := session.Begin(t.Context(), mail("b@example.com")); err != nil {
		t.Fatal(err)
	}
	wantFailure(t, session.Begin(t.Context(), mail("b@example.com")), delivery.StageMail, delivery.ErrOutOfOrder, "")
	wantFailure(t, session.Reset(t.Context()), delivery.StageReset, delivery.ErrOutOfOrder, "")
	if err := session.Close(t.Context()); err != nil { // without QUIT
		t.Error(err)
	}
}
