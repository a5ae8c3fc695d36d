package maillog_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/bounce/maillog"
)

// TestReaderRealServers lets real servers deliver to one that refuses and defers,
// until they give up, and reads what they write about it.
func TestReaderRealServers(t *testing.T) {
	t.Parallel()
	for mta, start := range map[maillog.MTA]func(testing.TB) *testkit.Bouncer{
		maillog.Postfix: testkit.PostfixBouncer, maillog.Exim: testkit.EximBouncer,
		maillog.OpenSMTPD: testkit.OpenSMTPDBouncer, maillog.Sendmail: testkit.SendmailBouncer,
	} {
		t.Run(string(mta), func(t *testing.T) {
			t.Parallel()
			server := start(t)
			server.Send("ok", "unknown", "full")
			deadline := time.After(2 * time.Minute)
			tick := time.NewTicker(200 * time.Millisecond)
			defer tick.Stop()
			const want = "delivered 1, deferred 0, bounced 2, hard 1, expired 1: mailbox-full 1 mailbox-unknown 1"
			for got := ""; got != want; got = sumUp(t, server.Log(), mta) {
				select {
				case <-deadline:
					t.Fatalf("got  %s\nwant %s", got, want)
				case <-tick.C:
				}
			}
		})
	}
}

// sumUp says what a log comes to, but for the reports to the sender.
func sumUp(t *testing.T, log string, mta maillog.MTA) string {
	t.Helper()
	events := maillog.NewReader(strings.NewReader(log), maillog.Options{Now: time.Now})
	judge, tally := maillog.NewJudge(), maillog.NewTally()
	for {
		e, err := events.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e.MTA != mta || e.QueueID == "" || (e.Time.IsZero() && mta != maillog.OpenSMTPD) {
			t.Errorf("%+v", e)
		}
		if e.Recipient != "bounces@acme.example" {
			tally.Add(e, judge.Verdict(e), judge.Provider(e))
		}
	}
	s := tally.Summary()
	var text strings.Builder
	fmt.Fprintf(&text, "delivered %d, deferred %d, bounced %d, hard %d, expired %d:", s.Delivered, s.Deferred, s.Bounced, s.Hard, s.Expired)
	for _, r := range s.Reasons {
		if n := r.Bounced + r.Deferred; n > 0 {
			fmt.Fprintf(&text, " %s %d", r.Reason, n)
		}
	}
	return text.String()
}
