package maillog_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/smtp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/bounce/maillog"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// what a next hop says to the users of a domain.
var refusals = map[string]*testkit.Refusal{
	"unknown": {Code: 550, Enhanced: [3]int{5, 1, 1}, Text: "User unknown\nreally, there is no such user"},
	"full":    {Code: 452, Enhanced: [3]int{4, 2, 2}, Text: "Mailbox full"},
	"listed":  {Code: 554, Enhanced: [3]int{5, 7, 1}, Text: `Client host [192.0.2.1] blocked using zen.spamhaus.org; "see" https://www.spamhaus.org/query/ip/192.0.2.1`},
	"grey":    {Code: 451, Enhanced: [3]int{4, 7, 1}, Text: "Greylisted, please try again in 60 seconds"},
}

// TestReaderRealServers lets real servers deliver to one that refuses, and reads
// what they write about it.
func TestReaderRealServers(t *testing.T) {
	t.Parallel()
	first := map[string]string{
		"ok@corp.example":      "delivered accepted none",
		"unknown@corp.example": "bounced mailbox-unknown hard",
		"full@corp.example":    "deferred mailbox-full soft",
		"listed@corp.example":  "bounced blocklisted soft",
		"grey@corp.example":    "deferred greylisted soft",
	}
	later := maps.Clone(first) // of a server that tries again during the test
	later["grey@corp.example"] = "delivered accepted none"
	for _, tt := range []struct {
		mta   maillog.MTA
		start func(testing.TB, testkit.MTAOptions) *testkit.MTA
		want  map[string]string // outcome, reason and bounce of each recipient
	}{
		{maillog.Postfix, testkit.Postfix, later},
		{maillog.Exim, testkit.Exim, first},
		{maillog.OpenSMTPD, testkit.OpenSMTPD, first},
	} {
		t.Run(string(tt.mta), func(t *testing.T) {
			t.Parallel()
			server := tt.start(t, testkit.MTAOptions{NoTLS: true})
			var greyed atomic.Bool
			server.Refuse(func(recipient string) *testkit.Refusal {
				user, _, _ := strings.Cut(recipient, "@")
				if user == "grey" && greyed.Swap(true) {
					return nil
				}
				return refusals[user]
			})
			err := smtp.SendMail(server.Addr, nil, "news@acme.example", slices.Sorted(maps.Keys(tt.want)), []byte("Subject: x\r\n\r\nx\r\n"))
			if err != nil {
				t.Fatal(err)
			}
			awaitLog(t, server, tt.mta, tt.want)
		})
	}
}

// awaitLog reads a server's log until it says what is wanted of each recipient.
func awaitLog(t *testing.T, server *testkit.MTA, mta maillog.MTA, want map[string]string) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		got, summary := lastOutcomes(t, server.Log(), mta)
		if maps.Equal(got, want) {
			if summary.Hard != 1 || summary.Bounced != 2 {
				t.Errorf("%+v", summary)
			}
			return
		}
		select {
		case <-deadline:
			t.Fatalf("got %q, want %q", got, want)
		case <-tick.C:
		}
	}
}

// lastOutcomes returns what a log says in the end of each recipient of the message.
func lastOutcomes(t *testing.T, log string, mta maillog.MTA) (map[string]string, maillog.Summary) {
	t.Helper()
	events := maillog.NewReader(strings.NewReader(log), maillog.Options{Now: time.Now})
	judge, tally := maillog.NewJudge(), maillog.NewTally()
	got := map[string]string{}
	for {
		e, err := events.Next()
		if errors.Is(err, io.EOF) {
			return got, tally.Summary()
		}
		if err != nil {
			t.Fatal(err)
		}
		if e.Recipient == "news@acme.example" {
			continue // the bounce
		}
		v := judge.Verdict(e)
		tally.Add(e, v)
		got[e.Recipient] = fmt.Sprint(e.Outcome, " ", v.Reason, " ", v.Bounce)
		if e.MTA != mta || !e.IP.IsLoopback() || (v.Reason != delivery.ReasonAccepted && e.Reply().Code == 0) {
			t.Errorf("%+v", e)
		}
	}
}
