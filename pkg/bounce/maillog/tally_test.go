package maillog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// an event of a test: what became of a message to a recipient on a day of November,
// and the reply.
func an(day int, id, to string, o Outcome, text string) Event {
	return Event{
		Time: time.Date(2026, 11, day, 9, 0, 0, 0, time.UTC), MTA: Postfix, QueueID: id, Recipient: to,
		Outcome: o, Text: text, Host: "mx.corp.example",
	}
}

// tallied counts events.
func tallied(t *Tally, events ...Event) Summary {
	judge := NewJudge()
	for _, e := range events {
		t.Add(e, judge.Verdict(e), judge.Provider(e))
	}
	return t.Summary()
}

func TestTallyCountsARecipientOnce(t *testing.T) {
	t.Parallel()
	const later, full, no = "451 4.7.1 Greylisted", "452 4.2.2 Mailbox full", "550 5.1.1 User unknown"
	s := tallied(NewTally(),
		an(1, "A", "a@gmail.com", OutcomeDeferred, later),
		an(1, "A", "b@gmail.com", OutcomeDeferred, full),
		an(2, "A", "a@gmail.com", OutcomeDeferred, later),
		an(2, "A", "a@gmail.com", OutcomeDelivered, "250 ok"),
		an(2, "B", "a@gmail.com", OutcomeDelivered, "250 ok"), // another message
		an(3, "C", "no@Corp.example", OutcomeBounced, no),
		an(3, "D", "c@corp.example", OutcomeDeferred, later),
		an(4, "D", "c@corp.example", OutcomeDeferred, full),
		an(4, "D", "root", OutcomeDelivered, "delivered to mailbox"),
		an(5, "E", "x@corp.example", OutcomeUndeliverable, no),
		an(6, "A", "", OutcomeExpired, ""),
		an(7, "Z", "", OutcomeExpired, ""), // nothing is known of it
	)
	if want := (Counts{Recipients: 6, Delivered: 3, Deferred: 1, Bounced: 2}); s.Counts != want {
		t.Errorf("%+v, want %+v", s.Counts, want)
	}
	if s.Hard != 1 || s.Late != 1 || s.Expired != 1 || s.Failures != 6 || s.Probes != 1 || s.Forgotten != 0 {
		t.Errorf("%+v", s)
	}
	if s.From.Day() != 1 || s.Until.Day() != 7 {
		t.Errorf("from %v until %v", s.From, s.Until)
	}
	var reasons []string
	for _, r := range s.Reasons {
		reasons = append(reasons, fmt.Sprintln(r.Reason, r.Deferred, r.Bounced, r.Hard, r.Attempts, r.Example))
		if r.Advice == "" || r.Meaning == "" || r.Action == "" {
			t.Errorf("%+v", r)
		}
	}
	if want := []string{
		"mailbox-full 1 1 0 2 452 4.2.2 Mailbox full\n",
		"mailbox-unknown 0 1 1 1 550 5.1.1 User unknown\n",
		"greylisted 0 0 0 3 451 4.7.1 Greylisted\n",
	}; !slices.Equal(reasons, want) {
		t.Errorf("reasons %q, want %q", reasons, want)
	}
	for _, tt := range []struct {
		what string
		got  []NameCount
		want string
	}{
		{"providers", s.Providers, "[{ {3 1 1 1}} {gmail {3 2 0 1}}]"},
		{"domains", s.Domains, "[{gmail.com {3 2 0 1}} {corp.example {2 0 1 1}} { {1 1 0 0}}]"},
		{"days", s.Days, "[{2026-11-01 {1 0 0 1}} {2026-11-02 {2 2 0 0}} {2026-11-03 {1 0 0 1}} {2026-11-04 {2 1 1 0}}]"},
	} {
		if got := fmt.Sprint(tt.got); got != tt.want {
			t.Errorf("%s %s, want %s", tt.what, got, tt.want)
		}
	}
}

func TestTallyForgetsTheOldest(t *testing.T) {
	t.Parallel()
	tally := NewTally()
	tally.deferred = newDeferrals(2)
	s := tallied(tally,
		an(1, "A", "a@b.example", OutcomeDeferred, "451 later"),
		an(1, "B", "b@b.example", OutcomeDeferred, "451 later"),
		an(1, "A", "a@b.example", OutcomeDeferred, "451 later"), // B is now the oldest
		an(1, "C", "c@b.example", OutcomeDeferred, "451 later"),
		an(1, "A", "a@b.example", OutcomeDelivered, "250 ok"),
		an(1, "B", "b@b.example", OutcomeDelivered, "250 ok"), // counts again
	)
	if want := (Counts{Recipients: 4, Delivered: 2, Deferred: 2}); s.Counts != want || s.Forgotten != 1 {
		t.Errorf("%+v, %d forgotten", s.Counts, s.Forgotten)
	}
}

// TestTallyBounds counts more of everything than is kept.
func TestTallyBounds(t *testing.T) {
	t.Parallel()
	tally, judge := NewTally(), NewJudge()
	tally.deferred = newDeferrals(100)
	e := an(1, "A", "", OutcomeDeferred, "451 4.7.1 Greylisted")
	v := judge.Verdict(e)
	for i := range 3 * maxDomains {
		e.Time = e.Time.AddDate(0, 0, 1)
		e.QueueID = strconv.Itoa(i % 7)
		e.Recipient = fmt.Sprintf("a@shop%d.example", i)
		tally.Add(e, v, "")
		e.Recipient = "a@busy.example"
		e.QueueID = strconv.Itoa(i)
		tally.Add(e, v, "")
	}
	s := tally.Summary()
	if s.Domains[0].Name != "busy.example" || s.Domains[0].Recipients != 3*maxDomains {
		t.Errorf("%+v", s.Domains[0])
	}
	if len(s.Domains) > maxDomains || s.DomainsMissed != 1 || len(s.Days) > maxDays || s.Recipients != 6*maxDomains {
		t.Errorf("%d domains, %d missed, %d days, %d recipients", len(s.Domains), s.DomainsMissed, len(s.Days), s.Recipients)
	}
	d := tally.deferred
	if n := len(d.slots) + len(d.free); len(d.byKey) != 100 || len(d.byQueue) > 100 || n > 110 || s.Forgotten != 6*maxDomains-100 {
		t.Errorf("%d keys, %d queue ids, %d slots, %d forgotten", len(d.byKey), len(d.byQueue), n, s.Forgotten)
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		e      Event
		reason delivery.Reason
		dead   bool
	}{
		{an(1, "A", "a@b.example", OutcomeBounced, "550 5.1.1 User unknown"), delivery.ReasonMailboxUnknown, true},
		{an(1, "A", "a@b.example", OutcomeDeferred, "550 5.1.1 User unknown"), delivery.ReasonMailboxUnknown, false}, // soft_bounce
		{an(1, "A", "a@b.example", OutcomeBounced, "452 4.2.2 Mailbox full"), delivery.ReasonMailboxFull, false},
		{an(1, "A", "a@b.example", OutcomeBounced, "554 5.7.1 blocked using zen.spamhaus.org"), delivery.ReasonBlocklisted, false},
		{an(1, "A", "a@b.example", OutcomeDelivered, "550 what the mailbox said"), delivery.ReasonAccepted, false},
		{an(1, "A", "a@b.example", OutcomeDelivered, "delivered to mailbox"), delivery.ReasonAccepted, false},
		{Event{MTA: Sendmail, Outcome: OutcomeBounced, Status: "5.1.1", Text: "User unknown"}, delivery.ReasonMailboxUnknown, true},
		{Event{MTA: Sendmail, Outcome: OutcomeBounced, Status: "5.7.1", Text: "User unknown"}, delivery.ReasonPolicy, false},
		{Event{MTA: Postfix, Outcome: OutcomeExpired}, delivery.ReasonExpired, false},
		{Event{MTA: Exim, Outcome: OutcomeBounced, Status: "5.0.0", Text: "Unrouteable address"}, delivery.ReasonMailboxUnknown, true},
		{Event{MTA: Postfix, Outcome: OutcomeDeferred, Status: "4.4.1", Text: "connect to x: Connection timed out"}, delivery.ReasonNetworkError, false},
	} {
		v := NewJudge().Verdict(tt.e)
		if v.Reason != tt.reason || Dead(tt.e, v) != tt.dead {
			t.Errorf("%q: %s, dead %t; want %s, %t", tt.e.Text, v.Reason, Dead(tt.e, v), tt.reason, tt.dead)
		}
	}
}

// TestJudgeRemembersNoMoreThanItMay holds remembered verdicts against fresh ones.
func TestJudgeRemembersNoMoreThanItMay(t *testing.T) {
	t.Parallel()
	judge := NewJudge()
	texts := []string{
		"550 5.1.1 <%d@b.example> User unknown", "452 4.2.2 <%d@b.example> full", "550 5.7.1 [TSS%02d] blocked",
		"451 4.7.1 greylisted, id 0123456789-%dabcdef", strings.Repeat("y", maxRemembered) + " %d virus",
	}
	for i := range 4 * maxVerdicts {
		e := an(1, "A", "a@b.example", OutcomeBounced, fmt.Sprintf(texts[i%len(texts)], i))
		e.Host = fmt.Sprintf("mx.shop%d.example", i%3000)
		got := judge.Verdict(e)
		if i%500 == 0 {
			if want := NewJudge().Verdict(e); got != want {
				t.Fatalf("%q: %+v, want %+v", e.Text, got, want)
			}
		}
		if len(judge.verdicts) > maxVerdicts {
			t.Fatalf("%d verdicts are remembered", len(judge.verdicts))
		}
	}
}
