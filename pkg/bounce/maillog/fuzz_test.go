package maillog

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// asPostfix writes an event as Postfix would.
func asPostfix(e Event) string {
	reply := e.Reply()
	dsn := reply.Enhanced.String()
	if dsn == "" {
		dsn = "5.0.0"
	}
	said := fmt.Sprintf("host mx said: %s (in reply to RCPT TO command)", reply)
	return fmt.Sprintf("Nov 22 08:06:52 mx postfix/smtp[27]: 1E2462A: to=<%s>, relay=mx[192.0.2.1]:25, delay=%.2f, delays=0/0/0/0, dsn=%s, status=bounced (%s)\n",
		e.Recipient, e.Delay.Seconds(), dsn, said)
}

// FuzzReader reads any log; what it finds it finds again when it is written down.
func FuzzReader(f *testing.F) {
	logs, _ := filepath.Glob("../../../testdata/logs/*.log")
	for _, path := range logs {
		log, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for line := range strings.Lines(string(log)) {
			f.Add(line)
		}
	}
	f.Add("<22>1 2026-11-22T08:00:27Z mx postfix/smtp 27 - [a b=\"]\\\"\"] 1E: to=<\"a\\\"\"@b>, status=sent")
	f.Add("Nov 22 08:06:52 mx sm-mta[9]: 3AM: to=<a@b>,<c@d>,e, delay=1+02:03:04, relay=x. [192.0.2.1], reply=550 5.1.1 <a>, b, stat=x")
	f.Add("Nov 22 08:06:52 mx smtpd[9]: bounce: PermFail for 1502c6dc7e1eeadc: from=<@>, to=<a@b>, delay=2s, stat=550 no")
	f.Fuzz(func(t *testing.T, log string) {
		events, stats := readAll(t, log)
		if stats.Other+stats.Refused+stats.Foreign+stats.Broken > stats.Lines {
			t.Errorf("%+v", stats)
		}
		judge, tally := NewJudge(), NewTally()
		for _, e := range events {
			checkEvent(t, e)
			v := judge.Verdict(e)
			if again := judge.Verdict(e); v != again {
				t.Errorf("%+v is judged as %+v, and then as %+v", e, v, again)
			}
			tally.Add(e, v, judge.Provider(e))
		}
		s := tally.Summary()
		if s.Recipients != s.Delivered+s.Deferred+s.Bounced || s.Deferred < 0 || s.Hard > s.Failures {
			t.Errorf("%+v", s)
		}
	})
}

func checkEvent(t *testing.T, e Event) {
	t.Helper()
	if e.MTA == "" || e.Outcome == "" || e.Delay < 0 || e.Delay > maxDelay || e.Line < 1 {
		t.Errorf("%+v", e)
	}
	if y := e.Time.Year(); !e.Time.IsZero() && (y < -1 || y > 10000) {
		t.Errorf("time %v", e.Time)
	}
	address, ok := e.Address()
	if !ok {
		return
	}
	e.Recipient, e.Delay = address.String(), e.Delay.Truncate(10*time.Millisecond)
	events, _ := readAll(t, asPostfix(e))
	if len(events) != 1 || events[0].Recipient != e.Recipient {
		t.Fatalf("%q is read as %+v", asPostfix(e), events)
	}
	if want := min(e.Delay, maxDelay); events[0].Delay.Truncate(time.Second) > want+time.Second {
		t.Errorf("delay %v, want %v", events[0].Delay, want)
	}
}
