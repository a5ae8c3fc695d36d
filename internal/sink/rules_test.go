package sink

import "testing"

// TestDialogues speaks with servers of one or two rules each.
func TestDialogues(t *testing.T) {
	for _, tc := range []struct{ name, rules, script string }{
		{"yes to everything", ``, hello + letterTo("ann@example.org") + `
			< 250 2.0.0 Ok: queued as 1
			> QUIT
			< 221
			< EOF`},
		{"null sender", ``, hello + `
			> MAIL FROM:<>
			< 250`},
		{"pipelined envelopes behind the final dot", ``, hello + `
			> MAIL FROM:<a@acme.example>
			> RCPT TO:<x@example.org>
			> DATA
			< 250
			< 250
			< 354
			> one
			> .
			> MAIL FROM:<a@acme.example>
			> RCPT TO:<y@example.org>
			> DATA
			< 250 2.0.0 Ok: queued as 1
			< 250
			< 250
			< 354
			> two
			> .
			< 250 2.0.0 Ok: queued as 2`},
		{"chunks", ``, hello + `
			> MAIL FROM:<a@acme.example>
			> RCPT TO:<x@example.org>
			> BDAT 5
			> onexx\
			> BDAT 3 LAST
			> xyz\
			> MAIL FROM:<a@acme.example>
			< 250
			< 250
			< 250 2.0.0 Continue
			< 250 2.0.0 Ok: queued as 1
			< 250`},
		{"a refused recipient", `
rules:
  - at: rcpt
    to: "*@dead.example"
    reply: "550 5.1.1 <{{rcpt}}>: user unknown, {{from}} at {{ip}} ({{helo}}) on {{host}}"
`, hello + envelopeOf("ann@example.org") + `
			> RCPT TO:<"j. doe"@dead.example>
			< 550 5.1.1 <"j. doe"@dead.example>: user unknown, news@acme.example at 127.0.0.1 (client.example) on sink.mailctl.invalid
			> DATA
			< 354`},
		{"a reply of several lines", `
rules:
  - at: rcpt
    reply: |
      550-5.1.1 The account
      550-5.1.1 does not
      550 5.1.1 exist
`, hello + `
			> MAIL FROM:<a@acme.example>
			> RCPT TO:<x@example.org>
			< 250
			< 550-5.1.1 The account
			< 550-5.1.1 does not
			< 550 5.1.1 exist`},
		{"a reply without enhanced code", `
rules: [{at: rcpt, reply: "554 no"}]
`, hello + `
			> MAIL FROM:<a@acme.example>
			> RCPT TO:<x@example.org>
			< 250
			< 554 no`},
		{"421 ends the connection", `
rules: [{at: rcpt, reply: "421 4.7.0 slow down"}]
`, hello + `
			> MAIL FROM:<a@acme.example>
			> RCPT TO:<x@example.org>
			> DATA
			< 250
			< 421 4.7.0 slow down
			< EOF`},
		{"close ends it after the reply", `
rules: [{at: mail, reply: "550 5.7.1 go away", close: true}]
`, hello + `
			> MAIL FROM:<a@acme.example>
			< 550 5.7.1 go away
			< EOF`},
		{"close alone says nothing", `
rules: [{at: rcpt, close: true}]
`, hello + `
			> MAIL FROM:<a@acme.example>
			> RCPT TO:<x@example.org>
			> RCPT TO:<y@example.org>
			< 250
			< EOF`},
		{"refused at the door", `
host: mx.example.net
rules: [{at: connect, reply: "554 5.7.1 {{ip}} is not welcome at {{host}}"}]
`, `
			< 554 5.7.1 127.0.0.1 is not welcome at mx.example.net
			< EOF`},
		{"refused at the door in two lines", `
rules: [{at: connect, reply: "421-4.3.2 busy\ntry again"}]
`, `
			< 421-4.3.2 busy
			< 421 4.3.2 try again
			< EOF`},
		{"closed at the door", `
rules: [{at: connect, close: true}]
`, `
			< EOF`},
		{"name in the greeting", `
host: mx.example.net
`, `
			< 220 mx.example.net ESMTP`},
		{"refused hello", `
rules: [{at: ehlo, reply: "550 5.7.1 {{helo}} is a bad name"}]
`, `
			< 220
			> EHLO client.example
			< 550 5.7.1`},
		{"refused in the place of 354", `
rules: [{at: data, to: "*@full.example", reply: "451 4.3.0 <{{rcpt}}> queue file write error"}]
`, hello + `
			> MAIL FROM:<a@acme.example>
			> RCPT TO:<x@full.example>
			> DATA
			< 250
			< 250
			< 451 4.3.0 <x@full.example> queue file write error
			> RSET
			< 250` + letterTo("y@example.org") + `
			< 250 2.0.0 Ok: queued as 1`},
		{"refused at the first chunk", `
rules: [{at: data, reply: "451 4.3.0 no"}]
`, hello + `
			> MAIL FROM:<a@acme.example>
			> RCPT TO:<x@full.example>
			> BDAT 5 LAST
			> onexx\
			> NOOP
			< 250
			< 250
			< 451 4.3.0 no
			< 250`},
		{"closed in the place of 354", `
rules: [{at: data, close: true}]
`, hello + `
			> MAIL FROM:<a@acme.example>
			> RCPT TO:<x@example.org>
			> DATA
			< 250
			< 250
			< EOF`},
		{"refused after the dot", `
rules: [{at: message, reply: "550 5.7.1 spam"}]
`, hello + letterTo("ann@example.org") + `
			< 550 5.7.1 spam
			> NOOP
			< 250`},
		{"accepted with other words", `
rules: [{at: message, reply: "250 2.0.0 OK {{id}} - gsmtp"}]
`, hello + letterTo("ann@example.org") + `
			< 250 2.0.0 OK 1 - gsmtp`},
		{"closed after the dot", `
rules: [{at: message, close: true}]
`, hello + letterTo("ann@example.org") + `
			< EOF`},
		{"enough messages on a connection", `
rules: [{at: mail, after: 2, reply: "421 4.7.0 enough"}]
`, hello + letterTo("a@example.org") + `
			< 250` + letterTo("b@example.org") + `
			< 250
			> MAIL FROM:<a@acme.example>
			< 421 4.7.0 enough
			< EOF`},
		{"only the first attempts", `
rules: [{at: rcpt, first: 2, reply: "451 4.3.0 again"}]
`, hello + `
			> MAIL FROM:<a@acme.example>
			> RCPT TO:<Ann@example.org>
			> RCPT TO:<ann@EXAMPLE.org>
			> RCPT TO:<ann@example.org>
			> RCPT TO:<bob@example.org>
			< 250
			< 451
			< 451
			< 250
			< 451`},
		{"the first rule that decides wins", `
rules:
  - {at: rcpt, to: [postmaster@*, "/^abuse@/"], accept: true}
  - {at: rcpt, from: "", reply: "550 5.7.1 no bounces"}
  - {at: rcpt, from: acme.example, to: example.org, reply: "550 5.7.1 not from you"}
`, hello + `
			> MAIL FROM:<a@acme.example>
			> RCPT TO:<postmaster@example.org>
			> RCPT TO:<Abuse@example.org>
			> RCPT TO:<ann@example.org>
			> RCPT TO:<ann@sub.example.org>
			> RSET
			> MAIL FROM:<>
			> RCPT TO:<ann@example.org>
			< 250
			< 250
			< 250
			< 550 5.7.1 not from you
			< 250
			< 250
			< 250
			< 550 5.7.1 no bounces`},
		{"limits of the personality", `
max_size: 100
max_recipients: 1
`, hello + `
			> MAIL FROM:<a@acme.example> SIZE=101
			> MAIL FROM:<a@acme.example>
			> RCPT TO:<a@example.org>
			> RCPT TO:<b@example.org>
			< 552 5.3.4
			< 250
			< 250
			< 452 4.5.3`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := start(t, Options{Personality: rules(t, tc.rules)})
			newPeer(dial(t, s)).talk(t, tc.script)
		})
	}
}
