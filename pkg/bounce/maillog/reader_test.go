package maillog

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// readAll reads a log as if it were read in the first days of 2027.
func readAll(tb testing.TB, log string) ([]Event, Stats) {
	tb.Helper()
	now := time.Date(2027, 1, 3, 12, 0, 0, 0, time.UTC)
	r := NewReader(strings.NewReader(log), Options{Now: func() time.Time { return now }})
	var events []Event
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return events, r.Stats()
		}
		if err != nil {
			tb.Fatal(err)
		}
		events = append(events, e)
	}
}

// brief writes what counts about an event: time, server and queue id, recipient,
// relay, outcome with stage and delay, and the reply.
func brief(e Event) string {
	to := e.Recipient
	if e.Original != "" {
		to += "<" + e.Original
	}
	ip := ""
	if e.IP.IsValid() {
		ip = e.IP.String()
	}
	outcome := string(e.Outcome)
	if e.Stage != "" {
		outcome += "@" + string(e.Stage)
	}
	if e.Delay != 0 {
		outcome += "+" + e.Delay.String()
	}
	stamp := "-"
	if !e.Time.IsZero() {
		stamp = e.Time.Format(time.RFC3339Nano)
	}
	return fmt.Sprintf("%s %s %s %s %s[%s] %s: %s", stamp, e.MTA, e.QueueID, to, e.Host, ip, outcome, e.Reply())
}

func TestReader(t *testing.T) {
	t.Parallel()
	const now = "Nov 22 08:06:52 mx "
	for _, tt := range []struct {
		name, line string
		want       []string
	}{
		// Postfix.
		{
			"sent", now + "postfix/smtp[27]: 1E2462A: to=<ok@b.example>, relay=mx.b.example[192.0.2.1]:25, delay=0.02, delays=0.01/0.01/0/0, dsn=2.0.0, status=sent (250 2.0.0 OK: queued)",
			[]string{"2026-11-22T08:06:52Z postfix 1E2462A ok@b.example mx.b.example[192.0.2.1] delivered+20ms: 250 2.0.0 OK: queued"},
		},
		{
			"refused, reply of several lines", now + "postfix-out/smtp[27]: 4XyzAb12cdz1F: to=<no@b.example>, orig_to=<alias@a.example>, relay=mx.b.example[2001:db8::1]:25, conn_use=3, delay=1.5, delays=0/0/1/0.5, dsn=5.1.1, status=bounced (host mx.b.example[2001:db8::1] said: 550-5.1.1 The account does 550-5.1.1 not exist, 550 5.1.1 sorry (in reply to RCPT TO command))",
			[]string{"2026-11-22T08:06:52Z postfix 4XyzAb12cdz1F no@b.example<alias@a.example mx.b.example[2001:db8::1] bounced@rcpt+1.5s: 550 5.1.1 The account does not exist, sorry"},
		},
		{
			"own words", now + "postfix/smtp[27]: 1E2462A: to=<a@b.example>, relay=none, delay=30, delays=0/0/30/0, dsn=4.4.1, status=deferred (connect to mx.b.example[192.0.2.1]:25: Connection timed out)",
			[]string{"2026-11-22T08:06:52Z postfix 1E2462A a@b.example [] deferred+30s: 4.4.1 connect to mx.b.example[192.0.2.1]:25: Connection timed out"},
		},
		{
			"greeting", now + "postfix/smtp[27]: 1E2462A: to=<a@b.example>, relay=mx.b.example[192.0.2.1]:25, delay=1, delays=0/0/1/0, dsn=4.3.2, status=deferred (host mx.b.example[192.0.2.1] refused to talk to me: 421 4.3.2 busy)",
			[]string{"2026-11-22T08:06:52Z postfix 1E2462A a@b.example mx.b.example[192.0.2.1] deferred@greeting+1s: 421 4.3.2 busy"},
		},
		{
			"after the message", now + "postfix/lmtp[27]: 1E2462A: to=<a@b.example>, relay=b[private/dovecot-lmtp], delay=1, delays=0/0/1/0, dsn=5.7.1, status=bounced (host b[private/dovecot-lmtp] said: 550 5.7.1 spam (in reply to end of DATA command))",
			[]string{"2026-11-22T08:06:52Z postfix 1E2462A a@b.example b[] bounced@message+1s: 550 5.7.1 spam"},
		},
		{
			"local", now + `postfix/local[27]: 1E2462A: to=<root@mx.example>, orig_to=<root>, relay=local, delay=0.1, delays=0/0/0/0.1, dsn=5.1.1, status=bounced (unknown user: "root")`,
			[]string{`2026-11-22T08:06:52Z postfix 1E2462A root@mx.example<root local[] bounced+100ms: 5.1.1 unknown user: "root"`},
		},
		{"alias with messages of its own", now + "postfix/local[27]: 1E2462A: to=<all@mx.example>, relay=local, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (forwarded as 2E2462A)", nil},
		{
			"quoted brackets", now + `postfix/smtp[27]: 1E2462A: to=<"v@c.example>, relay=x, dsn=5.1.1, status=bounced (\"no"@b.example>, relay=mx.b.example[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 ok)`,
			[]string{`2026-11-22T08:06:52Z postfix 1E2462A "v@c.example>, relay=x, dsn=5.1.1, status=bounced (\"no"@b.example mx.b.example[192.0.2.1] delivered: 250 ok`},
		},
		{
			"soft bounce", now + "postfix/smtp[27]: 1E2462A: to=<a@b.example>, relay=none, delay=1, delays=0/0/1/0, dsn=5.4.4, status=SOFTBOUNCE (Host not found)",
			[]string{"2026-11-22T08:06:52Z postfix 1E2462A a@b.example [] deferred+1s: 5.4.4 Host not found"},
		},
		{
			"probe", now + "postfix/smtp[27]: 1E2462A: to=<a@b.example>, relay=none, delay=1, delays=0/0/1/0, dsn=5.1.1, status=undeliverable (host mx[192.0.2.1] said: 550 5.1.1 no (in reply to RCPT TO command))",
			[]string{"2026-11-22T08:06:52Z postfix 1E2462A a@b.example [] undeliverable@rcpt+1s: 550 5.1.1 no"},
		},
		{
			"expired", now + "postfix/qmgr[27]: 1E2462A: from=<news@a.example>, status=expired, returned to sender",
			[]string{"2026-11-22T08:06:52Z postfix 1E2462A  [] expired: "},
		},
		// Exim.
		{
			"exim, delivered to what an alias meant", `2026-11-22 08:07:16.123 +0100 [77] 1xV2bU-00000001aAb-18cd => ok@b.example <all@a.example> F=<n@a.example> R=dnslookup T=remote_smtp S=2200 H=mx.b.example [192.0.2.1]:25 X=TLS1.3:ECDHE_X25519:256 CV=yes DN="CN=mx" K C="250 2.0.0 \"ok\"" QT=1m2s DT=0.5s`,
			[]string{`2026-11-22T07:07:16.123Z exim 1xV2bU-00000001aAb-18cd ok@b.example<all@a.example mx.b.example[192.0.2.1] delivered+1m2s: 250 2.0.0 \"ok\"`},
		},
		{
			"exim, further recipient", "2026-11-22 08:07:16 1xV2bU-00000F-18 -> b@b.example R=onward T=onward H=mx.b.example [2001:db8::1]",
			[]string{"2026-11-22T08:07:16Z exim 1xV2bU-00000F-18 b@b.example mx.b.example[2001:db8::1] delivered: "},
		},
		{
			"exim, refused", `2026-11-22 08:07:16 1xV2bU-00000H-18 ** no@b.example F=<n@a.example> R=onward T=onward H=mx.b.example [192.0.2.1]: SMTP error from remote mail server after pipelined RCPT TO:<no@b.example>: 550-No\n550 5.1.1 such user`,
			[]string{"2026-11-22T08:07:16Z exim 1xV2bU-00000H-18 no@b.example mx.b.example[192.0.2.1] bounced@rcpt: 550 5.1.1 No such user"},
		},
		{
			"exim, refused in the words of old versions", `2016-11-22 08:07:16 1xV2bU-00000H-18 ** no@b.example R=onward T=onward: SMTP error from remote mailer after RCPT TO:<no@b.example>: host mx.b.example [192.0.2.1]: 550 No such user`,
			[]string{"2016-11-22T08:07:16Z exim 1xV2bU-00000H-18 no@b.example [] bounced@rcpt: 550 No such user"},
		},
		{
			"exim, deferred", "2026-11-22 08:07:16 1xV2bU-00000N-1B == full@b.example R=onward T=onward H=mx.b.example [192.0.2.1] defer (-45): SMTP error from remote mail server after end of data: 452 4.2.2 Mailbox full",
			[]string{"2026-11-22T08:07:16Z exim 1xV2bU-00000N-1B full@b.example mx.b.example[192.0.2.1] deferred@message: 452 4.2.2 Mailbox full"},
		},
		{
			"exim, no connection", "2026-11-22 08:07:16 1xV2bU-00000N-1B == a@b.example R=onward T=onward defer (110): Connection timed out",
			[]string{"2026-11-22T08:07:16Z exim 1xV2bU-00000N-1B a@b.example [] deferred: 4.0.0 Connection timed out"},
		},
		{
			"exim, own words", "2026-11-22 08:07:16 1xV2bU-00000N-1B ** a@b.example: Unrouteable address",
			[]string{"2026-11-22T08:07:16Z exim 1xV2bU-00000N-1B a@b.example [] bounced: 5.0.0 Unrouteable address"},
		},
		{"exim, left alone", "2026-11-22 08:07:16 1xV2bU-00000N-1B == a@b.example R=onward T=onward defer (-53): retry time not reached for any host for 'b.example'", nil},
		{
			"exim, local user through syslog", "Nov 22 08:07:16 mx exim[12]: 2026-11-22 08:07:16 1xV2bU-00000N-1B => anna <anna@a.example> R=local T=maildir",
			[]string{"2026-11-22T08:07:16Z exim 1xV2bU-00000N-1B anna<anna@a.example [] delivered: "},
		},
		// Sendmail.
		{
			"sendmail, several recipients", now + "sm-mta[99]: 3AMx1234: to=<a@b.example>,<c@b.example>, ctladdr=<n@a.example> (1000/1000), delay=1+02:03:04, xdelay=00:00:01, mailer=esmtp, pri=60345, relay=mx.b.example. [192.0.2.1], dsn=2.0.0, stat=Sent (ok, queued as 7, thanks)",
			[]string{
				"2026-11-22T08:06:52Z sendmail 3AMx1234 a@b.example mx.b.example[192.0.2.1] delivered+26h3m4s: 2.0.0 ok, queued as 7, thanks",
				"2026-11-22T08:06:52Z sendmail 3AMx1234 c@b.example mx.b.example[192.0.2.1] delivered+26h3m4s: 2.0.0 ok, queued as 7, thanks",
			},
		},
		{
			"sendmail, refused", now + "sendmail[99]: 3AMx1234: to=<no@b.example>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=1, relay=mx.b.example. [192.0.2.1], dsn=5.1.1, reply=550 5.1.1 <no@b.example>, x... User unknown, stat=User unknown",
			[]string{"2026-11-22T08:06:52Z sendmail 3AMx1234 no@b.example mx.b.example[192.0.2.1] bounced+1s: 550 5.1.1 <no@b.example>, x... User unknown"},
		},
		{
			"sendmail, deferred", now + "sm-mta[99]: [ID 801593 mail.info] 3AMx1234: to=<a@b.example>, delay=00:00:01, mailer=esmtp, pri=1, relay=mx.b.example. [192.0.2.1], dsn=4.0.0, stat=Deferred: Connection refused by mx.b.example.",
			[]string{"2026-11-22T08:06:52Z sendmail 3AMx1234 a@b.example mx.b.example[192.0.2.1] deferred+1s: 4.0.0 Connection refused by mx.b.example."},
		},
		{
			"sendmail, deferred with a reply", now + "sm-mta[99]: 3AMx1234: to=<a@b.example>, delay=00:00:01, mailer=esmtp, pri=1, relay=mx.b.example. [192.0.2.1], dsn=4.7.1, stat=Deferred: 451 4.7.1 Greylisted",
			[]string{"2026-11-22T08:06:52Z sendmail 3AMx1234 a@b.example mx.b.example[192.0.2.1] deferred+1s: 451 4.7.1 Greylisted"},
		},
		{
			"sendmail, given up", now + "sm-mta[99]: 3AMx1234: to=<a@b.example>, delay=5+00:00:01, mailer=esmtp, pri=1, relay=mx.b.example., dsn=4.4.7, stat=Cannot send message for 5 days",
			[]string{"2026-11-22T08:06:52Z sendmail 3AMx1234 a@b.example mx.b.example[] bounced+120h0m1s: 5.4.7 Cannot send message for 5 days"},
		},
		{
			"sendmail, expired", now + "sm-mta[99]: 3AMx1234: 3AMx1235: sender notify: Cannot send message for 5 days",
			[]string{"2026-11-22T08:06:52Z sendmail 3AMx1234  [] expired: "},
		},
		{"sendmail, warned", now + "sm-mta[99]: 3AMx1234: 3AMx1235: sender notify: Warning: could not send message for past 4 hours", nil},
		{
			"opensmtpd, expired", "relay: Expire for e46a7086e31c79ee: from=<n@a.example>, to=<full@b.example>, rcpt=<->, delay=6s, stat=Envelope expired",
			[]string{"- opensmtpd e46a7086e31c79ee full@b.example [] bounced+6s: 5.4.7 Envelope expired"},
		},
		{"sendmail, queued", now + "sm-mta[99]: 3AMx1234: to=<a@b.example>, delay=00:00:00, mailer=esmtp, pri=1, stat=queued", nil},
		// OpenSMTPD.
		{
			"opensmtpd", now + `smtpd[9]: 7d08ee250fdd6992 mta delivery evpid=1502c6dc7e1eeadc from=<n@a.example> to=<no@b.example> rcpt=<all@a.example> source="192.0.2.9" relay="192.0.2.1 (mx.b.example)" delay=1h2m3s result="PermFail" stat="550 5.1.1 "no" such user"`,
			[]string{`2026-11-22T08:06:52Z opensmtpd 1502c6dc7e1eeadc no@b.example<all@a.example mx.b.example[192.0.2.1] bounced+1h2m3s: 550 5.1.1 "no" such user`},
		},
		{
			"opensmtpd 6.0", now + `smtpd[9]: 7d08ee250fdd6992 mta event=delivery evpid=1502c6dc7e1eeadc from=<n@a.example> to=<a@b.example> rcpt=<-> source="-" relay="b.example" delay=2s result="TempFail" stat="Network error on destination MXs"`,
			[]string{"2026-11-22T08:06:52Z opensmtpd 1502c6dc7e1eeadc a@b.example [] deferred+2s: 4.0.0 Network error on destination MXs"},
		},
		{
			"opensmtpd before 6", now + `smtpd[9]: smtp-out: TempFail for 1502c6dc7e1eeadc: session=7d08ee250fdd6992, from=<n@a.example>, to=<a@b.example>, rcpt=<->, source=192.0.2.9, relay=192.0.2.1 (mx.b.example), delay=2s, stat=451 4.7.1 later`,
			[]string{"2026-11-22T08:06:52Z opensmtpd 1502c6dc7e1eeadc a@b.example mx.b.example[192.0.2.1] deferred+2s: 451 4.7.1 later"},
		},
		{
			"opensmtpd, local, without a time", `7d08ee250fdd6992 mda delivery evpid=1502c6dc7e1eeadc from=<n@a.example> to=<anna@a.example> rcpt=<anna@a.example> user=anna delay=0s result=Ok stat=Delivered`,
			[]string{"- opensmtpd 1502c6dc7e1eeadc anna@a.example<anna@a.example [] delivered: Delivered"},
		},
		// Others, and what only looks like a delivery.
		{"refused coming in", now + "postfix/smtpd[27]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 550 5.1.1 <a@b.example>: no; to=<a@b.example>, status=bounced (x)", nil},
		{"another program", now + "dovecot: lmtp(anna): 1E2462A: to=<a@b.example>", nil},
		{"nothing", "", nil},
		{"binary", now + "postfix/smtp[27]: 1E2462A: to=<a@b.example>, relay=\x00", nil},
		{"torn", now + "postfix/smtp[27]: 1E2462A: to=<a@b.example>, rel", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			events, stats := readAll(t, tt.line+"\n")
			var got []string
			for _, e := range events {
				got = append(got, brief(e))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%s\n got %q\nwant %q", tt.line, got, tt.want)
			}
			if other := stats.Other + stats.Refused + stats.Foreign + stats.Broken; (len(got) == 0) != (other == 1) || stats.Lines != 1 {
				t.Errorf("counted as %+v", stats)
			}
		})
	}
}

func TestReaderHeaders(t *testing.T) {
	t.Parallel()
	const text = "1E2462A: to=<a@b.example>, relay=none, delay=0, dsn=2.0.0, status=sent (250 ok)"
	for _, tt := range []struct{ header, want string }{
		{"Dec 31 23:59:59 mx postfix/smtp[27]: ", "2026-12-31T23:59:59Z"},
		{"Jan  1 00:00:00 mx postfix/smtp[27]: ", "2027-01-01T00:00:00Z"},
		{"Jan  4 00:00:00 mx postfix/smtp[27]: ", "2027-01-04T00:00:00Z"}, // the clocks differ by less than a day
		{"Jan  5 00:00:00 mx postfix/smtp[27]: ", "2026-01-05T00:00:00Z"},
		{"Feb 29 10:00:00 mx postfix/smtp[27]: ", "2024-02-29T10:00:00Z"},
		{"Feb 30 10:00:00 mx postfix/smtp[27]: ", "-"},
		{"Nov 22 08:00:27.250 mx postfix/smtp[27]: ", "2026-11-22T08:00:27.25Z"},
		{"Nov 22 08:00:27 mx mail.info postfix/smtp[27]: ", "2026-11-22T08:00:27Z"},
		{"Nov 22 08:00:27 postfix/smtp[27]: ", "2026-11-22T08:00:27Z"},
		{"<22>Nov 22 08:00:27 s_net@mx/mx postfix-out/relay/smtp[27]: ", "2026-11-22T08:00:27Z"},
		{"2026-11-22T08:00:27.123456+01:00 mx postfix/smtp[27]: ", "2026-11-22T07:00:27.123456Z"},
		{"2026-11-22T08:00:27-0330 mx postfix/smtp[27]: ", "2026-11-22T11:30:27Z"},
		{"2026-11-22T08:00:27 mx postfix/smtp[27]: ", "2026-11-22T08:00:27Z"},
		{"2026-13-22T08:00:27 mx postfix/smtp[27]: ", "-"},
		{"<22>1 2026-11-22T08:00:27.003Z mx postfix/smtp 27 - - ", "2026-11-22T08:00:27.003Z"},
		{`<22>1 2026-11-22T08:00:27Z mx postfix/smtp 27 ID47 [a b="]\"" c="d"][e] ` + "\xef\xbb\xbf", "2026-11-22T08:00:27Z"},
	} {
		events, _ := readAll(t, tt.header+text)
		got := "no event"
		if len(events) == 1 {
			got, _, _ = strings.Cut(brief(events[0]), " ")
		}
		if got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.header, got, tt.want)
		}
	}
}

// TestReaderRealLogs reads what the servers of internal/testkit wrote about the same
// mail: two recipients each that are taken, refused, greylisted once, and full.
func TestReaderRealLogs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file                         string
		events                       int
		delivered, deferred, bounced int
		hard                         int
	}{
		{"postfix.log", 22, 7, 2, 2, 2}, // the bounce is a message too
		{"exim.log", 11, 6, 3, 2, 2},    // was not left running to try again
		{"opensmtpd.log", 9, 4, 3, 2, 2},
		{"sendmail.log", 12, 4, 0, 2, 1}, // ran until the message was given up
	} {
		log, err := os.ReadFile("../../../testdata/logs/" + tt.file)
		if err != nil {
			t.Fatal(err)
		}
		events, stats := readAll(t, string(log))
		judge, tally := NewJudge(), NewTally()
		for _, e := range events {
			tally.Add(e, judge.Verdict(e), judge.Provider(e))
		}
		s := tally.Summary()
		if len(events) != tt.events || s.Delivered != tt.delivered || s.Deferred != tt.deferred || s.Bounced != tt.bounced || s.Hard != tt.hard {
			t.Errorf("%s: %d events, %+v", tt.file, len(events), s.Counts)
		}
		if stats.Broken > 0 || stats.Foreign > 1 {
			t.Errorf("%s: %+v", tt.file, stats)
		}
	}
}

func TestReaderBounds(t *testing.T) {
	t.Parallel()
	const line = "Nov 22 08:06:52 mx postfix/smtp[27]: 1E2462A: to=<a@b.example>, relay=none, delay=0, dsn=2.0.0, status=sent (250 ok)\r\n"
	events, stats := readAll(t, line+strings.Repeat("x", 3*maxLine)+"\n"+line+strings.TrimSpace(line))
	if want := (Stats{Lines: 4, Broken: 1}); len(events) != 3 || stats != want {
		t.Errorf("%d events, %+v", len(events), stats)
	}
	if events[1].Line != 3 || events[1].Text != "250 ok" {
		t.Errorf("%+v", events[1])
	}
}

func TestReaderAllocatesNothingForOtherLines(t *testing.T) {
	other := strings.Repeat(`Nov 22 08:06:52 mx postfix/smtpd[23]: connect from unknown[127.0.0.1]
Nov 22 08:06:52 mx postfix/qmgr[21]: 1E2462A: from=<news@acme.example>, size=165, nrcpt=2 (queue active)
2026-11-22 08:07:16 1xV2bU-00000F-18 Completed
Nov 22 08:06:52 mx sm-mta[3]: STARTTLS=client, relay=mx
Nov 22 08:06:52 mx smtpd[3]: 7d08ee250fdd6992 mta connected
Nov 22 08:06:52 mx kernel: nothing
`, 1000)
	source := strings.NewReader("")
	r := NewReader(source, Options{})
	if n := testing.AllocsPerRun(10, func() {
		source.Reset(other)
		if _, err := r.Next(); !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations for 6000 lines", n)
	}
	if s := r.Stats(); s.Other != s.Lines/6*5 || s.Foreign != s.Lines/6 {
		t.Errorf("%+v", s)
	}
}

// TestReaderSinceUntil shows that what is not between the bounds is neither an event nor
// a refusal.
func TestReaderSinceUntil(t *testing.T) {
	t.Parallel()
	const log = `Dec 30 08:00:00 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 554 5.7.1 no; from=<a@b.example>
Dec 30 08:00:01 mx postfix/smtp[2]: 4XsT0k1c9Xz1: to=<a@x.example>, relay=mx.x.example[192.0.2.2]:25, delay=1, dsn=2.0.0, status=sent (250 ok)
Dec 31 08:00:00 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 554 5.7.1 no; from=<a@b.example>
Dec 31 08:00:01 mx postfix/smtp[2]: 4XsT0k1c9Xz2: to=<b@x.example>, relay=mx.x.example[192.0.2.2]:25, delay=1, dsn=2.0.0, status=sent (250 ok)
Jan  1 08:00:00 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 554 5.7.1 no; from=<a@b.example>
`
	day := func(month time.Month, day, year int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	for _, tt := range []struct {
		name            string
		since, until    time.Time
		events, refused int
	}{
		{"none", time.Time{}, time.Time{}, 2, 3},
		{"since", day(time.December, 31, 2026), time.Time{}, 1, 2},
		{"until", time.Time{}, day(time.December, 31, 2026), 1, 1},
		{"between", day(time.December, 31, 2026), day(time.January, 1, 2027), 1, 1},
		{"later", day(time.January, 2, 2027), time.Time{}, 0, 0},
	} {
		opt := Options{Now: func() time.Time { return day(time.January, 3, 2027) }, Since: tt.since, Until: tt.until}
		r := NewReader(strings.NewReader(log), opt)
		events := 0
		for _, err := r.Next(); err == nil; _, err = r.Next() {
			events++
		}
		if s := r.Stats(); events != tt.events || s.Refused != tt.refused || s.Lines != 5 || s.Other+s.Foreign+s.Broken != 0 {
			t.Errorf("%s: %d events, %+v", tt.name, events, s)
		}
	}
}
