package delivery

import (
	"errors"
	"strings"
	"testing"
)

func TestParseQuote(t *testing.T) {
	tests := []struct {
		in, want string
		stage    Stage
		host     string
	}{
		// Postfix.
		{
			"host mx.y.example[192.0.2.9] said: 550 5.1.1 <x@y.example>: Recipient address rejected (in reply to RCPT TO command)",
			"550 5.1.1 <x@y.example>: Recipient address rejected", StageRcpt, "mx.y.example",
		},
		{"host mx.y.example[192.0.2.9] said: 554 no (in reply to end of DATA command)", "554 no", StageMessage, "mx.y.example"},
		{"550 no (in reply to MAIL FROM command))", "550 no", StageMail, ""},
		{"550 no (in reply to a letter)", "550 no", "", ""},
		// Exim.
		{
			"SMTP error from remote mail server after RCPT TO:<x@y.example>: host mx.y.example [192.0.2.9]: 550-5.1.1 foo\n550 5.1.1 bar",
			"550 5.1.1 foo bar", StageRcpt, "mx.y.example",
		},
		{"host mx.y.example [192.0.2.9] SMTP error from remote mail server after initial connection: 554 no", "554 no", StageGreeting, "mx.y.example"},
		{"SMTP error from remote mail server after end of data: 550 5.7.1 Spam", "550 5.7.1 Spam", StageMessage, ""},
		{"SMTP error from remote mailer after MAIL FROM:<a@x.example> SIZE=2022: 451 later", "451 later", StageMail, ""},
		// Sendmail.
		{"... while talking to mx.y.example.:\n>>> RCPT To:<x@y.example>\n<<< 550 5.1.1 no\n550 5.1.1 no", "550 5.1.1 no", StageRcpt, "mx.y.example"},
		{">>> RCPT To:<x@y.example>\n<<< 550-5.7.1 not from\n<<< 550 5.7.1 there\n550 5.1.1 <x@y.example>... User unknown", "550 5.7.1 not from there", StageRcpt, ""},
		// qmail, Exchange, Gmail, PowerMTA.
		{"Remote host said: 550 no", "550 no", "", ""},
		{"192.0.2.9 failed after I sent the message.\nRemote host said: 554 5.7.1 no", "554 5.7.1 no", StageMessage, ""},
		{"Error 421: busy", "421 busy", "", ""},
		{"Lỗi 421: bận", "421 bận", "", ""},
		{"452, full", "452 full", "", ""},
		{"Server 10: 421 busy", "421 busy", "", ""},
		{"5.1.0 - Unknown address error 550-'5.4.1 no' (delivery attempts: 0)", "550 5.4.1 no", "", ""},
		{"5.1.0 - Unknown address error ('no') (delivery attempts: 0)", "5.1.0 - Unknown address error ('no') (delivery attempts: 0)", "", ""},
		{"Connected to 192.0.2.9 but sender was rejected.\nRemote host said: 550 5.1.1 no", "550 5.1.1 no", StageMail, ""},
		{"hMailServer sent: RCPT TO:<a@b.example>\nRemote server replied: 550 no", "550 no", StageRcpt, ""},
		{"Data command failed: 554 no", "554 no", StageData, ""},
		{"SMTP error from remote mail server after pipelined sending data block: 550 no", "550 no", StageMessage, ""},
		{"Remote Server returned '550 5.1.1 User unknown'", "550 5.1.1 User unknown'", "", ""},
		{"#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##", "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##", "", ""},
		{"The error that the other server returned was:\n550 550 5.1.1 no", "550 5.1.1 no", "", ""},
		{"failed,5.1.1 (bad destination mailbox address),smtp;553 Relaying disallowed", "553 5.1.1 Relaying disallowed", "", ""},
		{"Diagnostic-Code: smtp; 550 5.1.1 no", "550 5.1.1 no", "", ""},
		{"X-Postfix; 550 5.1.1 no", "550 5.1.1 no", "", ""},
		{"host mx.y.example[192.0.2.9] refused to talk to me: 554 no", "554 no", StageGreeting, "mx.y.example"},
		{"192.0.2.9_failed._Remote_host_said:_550_5.1.1_no/Giving_up_on_192.0.2.9./", "550 5.1.1 no", "", ""},
		{"delivery 7: failure: Sorry,_no_mailbox_here._(#5.1.1)/", "5.1.1 Sorry, no mailbox here. (#5.1.1)", "", ""},
		// Lines of logs.
		{
			"to=<x@y.example>, relay=mx.y.example[192.0.2.9]:25, dsn=5.1.1, status=bounced (host mx.y.example[192.0.2.9] said: 550 5.1.1 no (in reply to RCPT TO command))",
			"550 5.1.1 no", StageRcpt, "mx.y.example",
		},
		{"to=<x@y.example>, relay=none, dsn=4.4.1, status=deferred (connect to y.example[192.0.2.9]:25: Connection refused)", "4.4.1 connect to y.example[192.0.2.9]:25: Connection refused", "", ""},
		{"mailer=esmtp, relay=mx.y.example., dsn=5.1.1, stat=User unknown", "5.1.1 User unknown", "", ""},
		{"NOQUEUE: reject: RCPT from a.example[192.0.2.9]: 450 4.7.1 later; from=<a@x.example> to=<x@y.example> proto=ESMTP helo=<a>", "450 4.7.1 later", "", ""},
		{"H=a.example [192.0.2.9] F=<a@x.example> rejected RCPT <x@y.example>: no (#5.1.1)", "5.1.1 no (#5.1.1)", "", ""},
		{"X=TLS1.3:AES256-GCM-SHA384:256 CV=yes: SMTP error from remote mail server after end of data: 550 no", "550 no", StageMessage, ""},
		// Programs.
		{"smtplib.SMTPSenderRefused: (553, b'5.7.1 no', 'a@x.example')", "553 5.7.1 no", StageMail, ""},
		{"{'x@y.example': (550, b'no such user')}", "550 no such user", "", ""},
		{"451, with the reason: later", "451 with the reason: later", "", ""},
		{"DATA END command failed Detail: looks bad SMTP code: 550 Additional SMTP info: 5.7.1", "550 5.7.1 looks bad", StageMessage, ""},
		{"Detail: no SMTP code: 550", "550 no", "", ""},
		{"not logged in (553 5.7.1)", "553 5.7.1 not logged in", "", ""},
		// Enhanced codes elsewhere.
		{"550 Invalid recipient (#5.1.1)", "550 5.1.1 Invalid recipient (#5.1.1)", "", ""},
		{"550 [5.1.1] no", "550 5.1.1 [5.1.1] no", "", ""},
		{"553 not allowed - 5.7.1 [BL23]", "553 5.7.1 not allowed - 5.7.1 [BL23]", "", ""},
		{"Sorry, no mailbox here by that name. (#5.1.1)", "5.1.1 Sorry, no mailbox here by that name. (#5.1.1)", "", ""},
		{"451 try later [#4.16.1].", "451 try later [#4.16.1].", "", ""},
		{"550 from 5.6.7.8", "550 from 5.6.7.8", "", ""},
		{"550 Exim 4.9.2 says no", "550 Exim 4.9.2 says no", "", ""},
		// Lines that were joined, and codes that were said twice.
		{"550-5.7.26 a 550-5.7.26 b 550 5.7.26 c", "550 5.7.26 a b c", "", ""},
		{"smtp;550-a: 550 b", "550 a: b", "", ""},
		{"550 a 550 b", "550 a 550 b", "", ""},
		// Escapes, and what is left of HTML.
		{`550 Empf\xc3\xa4nger unbekannt`, "550 Empfänger unbekannt", "", ""},
		{`550 Empf\xe4nger unbekannt`, "550 Empfänger unbekannt", "", ""},
		{"550 Empf\xe4nger unbekannt", "550 Empfänger unbekannt", "", ""},
		{`550-5.1.1 foo\n550 5.1.1 bar`, "550 5.1.1 foo bar", "", ""},
		{`550-foo\r\n550 bar`, "550 foo bar", "", ""},
		{`550 C:\new \x41`, `550 C:\new \x41`, "", ""},
		{"<p>550 5.1.1 &lt;x@y.example&gt;: no<br/>such user</p>", "550 5.1.1 <x@y.example>: no such user", "", ""},
		{`550 5.1.1 <x@y.example>... see <a href="http://y.example/">here</a>`, "550 5.1.1 <x@y.example>... see here", "", ""},
	}
	for _, test := range tests {
		q, err := ParseQuote(test.in)
		if err != nil || strings.Join(strings.Fields(q.Reply.String()), " ") != test.want || q.Stage != test.stage || q.Host != test.host {
			t.Errorf("ParseQuote(%q) = %q at %q from %q, %v; want %q at %q from %q",
				test.in, q.Reply, q.Stage, q.Host, err, test.want, test.stage, test.host)
		}
	}
}

func TestParseQuoteBounds(t *testing.T) {
	for _, in := range []string{
		"550-" + strings.Repeat("a 550-", 1<<16), strings.Repeat("550-a\n", 1<<16), "550 " + strings.Repeat("<b>", 1<<16),
		"550 " + strings.Repeat("&lt;b", 1<<16), strings.Repeat("550 550 ", 1<<14), strings.Repeat(" said: ", 1<<14),
		"550 " + strings.Repeat("5.1.", 1<<15),
		strings.Repeat("Detail: SMTP code: ", 1<<12), strings.Repeat("dsn=5.1.1, status=x (", 1<<12), strings.Repeat("550, ", 1<<14), strings.Repeat("_", 1<<16),
	} {
		q, err := ParseQuote(in)
		if len(q.Reply.Lines) > maxQuoteLines || len(q.Reply.Text()) > 4*maxQuote {
			t.Errorf("%.20q…: %d lines, %d octets, %v", in, len(q.Reply.Lines), len(q.Reply.Text()), err)
		}
		Classify(q.Reply, q.Stage)
	}
}

// TestParseQuoteEnhanced looks at many numbers that might be an enhanced code, and at
// little of what stands before each.
func TestParseQuoteEnhanced(t *testing.T) {
	text := "No" + strings.Repeat(" 5.1.1", 1000)
	allocations := testing.AllocsPerRun(1, func() { _, _ = ParseQuote(text) })
	if _, err := ParseQuote(text); !errors.Is(err, ErrMalformedReply) || allocations > 100 {
		t.Errorf("%.0f allocations, %v", allocations, err)
	}
}

func FuzzParseQuote(f *testing.F) {
	for _, seed := range []string{
		"host mx.y.example[192.0.2.9] said: 550 5.1.1 no (in reply to RCPT TO command)", "550-a 550-b 550 c", `550 \xe4 \n550 x`,
		"<b>550 &lt;b&gt;5.1.1</b>", "550 550 5.1.1 x", "smtp; x (#5.1.1)", ">>> DATA\n<<< 550 no", "#550 5.1.1 x ##",
		"550-550-550 x", "dsn=5.1.1, status=bounced (550 no)", "(550, b'no')", "Detail: no SMTP code: 550", "no (550 5.7.1)", "a_b_said:_550_no/", "rejected RCPT <x>: no", "550 <b<br>r>", "550 &l<br>t;", "550-5.1.1 550 5.1.1", "5.1.1 550 x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		q, err := ParseQuote(in)
		for _, line := range q.Reply.Lines {
			checkHarmless(t, line)
		}
		v := ClassifyFrom(q.Reply, q.Stage, q.Host)
		if v.Reason.Info().Reason != v.Reason || v.Meaning == "" || v.Advice == "" {
			t.Fatalf("%q is %+v", in, v)
		}
		if err != nil {
			if !errors.Is(err, ErrMalformedReply) {
				t.Fatal(err)
			}
			return
		}
		printed := q.Reply.String()
		again, err := ParseQuote(printed)
		if err != nil || again.Reply.Code != q.Reply.Code || again.Reply.Enhanced != q.Reply.Enhanced {
			t.Fatalf("ParseQuote(%q) = %q, read again %q, %v", in, printed, again.Reply, err)
		}
	})
}
