package ledger

import (
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// sentAs delivers to everyone of a queue, each with a Message-ID of their own.
func sentAs(t *testing.T, c campaignUnderTest, clk *clock, queue, prefix string) []send.Recipient {
	t.Helper()
	batch := claimAll(t, c, queue, 100)
	for _, r := range batch {
		a := deliveredAt(clk.Now())
		a.MessageID = "<" + prefix + "-" + r.Address.Local + "@acme.example>"
		check(t, c.Record(t.Context(), []send.Change{intent(r), ended(r, a, time.Time{})}))
	}
	return batch
}

func testFindSent(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	one := begin(t, l, "one", entries("Anna@d.example", "bob@d.example"))
	sentAs(t, one, clk, "d", "one")
	find := func(messageID, who string) []any {
		t.Helper()
		var a delivery.Address
		if who != "" {
			a = address(who)
		}
		s, found, err := l.FindSent(t.Context(), messageID, a)
		check(t, err)
		if !found {
			return nil
		}
		return []any{s.Campaign, rowOf(s.ID), s.Address.String(), s.Outcome, s.ByMessage}
	}
	same(t, find("<one-Anna@acme.example>", ""), []any(nil)) // nobody has looked yet
	check(t, l.RefreshSent(t.Context()))
	anna := []any{"one", 1, "Anna@d.example", delivery.OutcomeDelivered, true}
	same(t, find("<one-Anna@acme.example>", ""), anna)
	same(t, find("<one-Anna@acme.example>", "bob@d.example"), anna)
	same(t, find("<other@acme.example>", "ANNA@d.example"), []any{"one", 1, "Anna@d.example", delivery.OutcomeDelivered, false})
	same(t, find("<other@acme.example>", "stranger@d.example"), []any(nil))
	same(t, find("", ""), []any(nil))

	two := begin(t, l, "two", entries("carl@d.example", "anna@d.example"))
	sentAs(t, two, clk, "d", "two")
	check(t, l.RefreshSent(t.Context()))
	check(t, l.RefreshSent(t.Context()))
	same(t, find("<one-Anna@acme.example>", ""), anna)
	latest := []any{"two", 2, "anna@d.example", delivery.OutcomeDelivered, false}
	same(t, find("", "anna@d.example"), latest)

	sentAs(t, rehearse(t, l, "rehearsal", entries("anna@d.example", "dora@d.example")), clk, "d", "rehearsal")
	check(t, l.RefreshSent(t.Context()))
	same(t, find("", "anna@d.example"), latest)
	same(t, find("<rehearsal-dora@acme.example>", "dora@d.example"), []any(nil))
}

// testAmend proves what a bounce may change and what it may not.
func testAmend(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	c := begin(t, l, "welcome", entries("delivered@d.example", "deferred@d.example", "bounced@d.example", "unknown@d.example", "lost@d.example", "pending@d.example"))
	batch := claimAll(t, c, "d", 5)
	unknown := deliveredAt(clk.Now())
	unknown.Outcome = delivery.OutcomeUnknown
	check(t, c.Record(t.Context(), []send.Change{
		ended(batch[0], deliveredAt(clk.Now()), time.Time{}), ended(batch[1], deferredAt(clk.Now()), clk.Now()),
		ended(batch[2], bouncedAt(clk.Now()), time.Time{}), ended(batch[3], unknown, time.Time{}), ended(batch[4], unknown, time.Time{}),
	}))
	_, before, err := l.Show(t.Context(), "welcome")
	check(t, err)
	sends, err := c.RecentSends(t.Context(), "", clk.Now(), 99)
	check(t, err)

	clk.advance(48 * time.Hour)
	bounce := bouncedAt(time.Time{})
	bounce.Host, bounce.Outcome = "relay.example", delivery.OutcomeBounced
	arrived := deliveredAt(time.Time{})
	var changed strings.Builder
	amend := func(i int, a delivery.Attempt) {
		t.Helper()
		done, err := l.Amend(t.Context(), batch[0].ID+int64(i), a)
		check(t, err)
		changed.WriteString(map[bool]string{true: "x", false: "."}[done])
	}
	for range 2 { // the second time changes nothing
		for i := range 6 {
			amend(i, map[bool]delivery.Attempt{true: arrived, false: bounce}[i == 4])
		}
	}
	same(t, changed.String(), "x..xx.......")
	amend(0, arrived) // it stays bounced
	same(t, outcomes(t, l, "welcome"), []string{"bounced", "deferred", "bounced", "bounced", "delivered", "pending"})

	history, err := l.Attempts(t.Context(), "welcome", address("delivered@d.example"))
	check(t, err)
	same(t, len(history), 2)
	last := history[1]
	same(t, []any{last.Number, last.Stage, last.Host, last.Reply.Code, last.Verdict.Reason, last.Time.UTC()},
		[]any{1, StageBounce, "relay.example", 550, delivery.ReasonMailboxUnknown, clk.Now()})
	_, after, err := l.Show(t.Context(), "welcome")
	check(t, err)
	same(t, []any{after.Bounced, after.Delivered, after.HardBounces, after.ByReason[delivery.ReasonMailboxUnknown]}, []any{int64(3), int64(1), int64(3), int64(3)})
	same(t, after.Last, before.Last) // the campaign did not go on for two days
	later, err := c.RecentSends(t.Context(), "", clk.Now().Add(-72*time.Hour), 99)
	check(t, err)
	same(t, len(later), len(sends))
	reported, err := c.RecentSendsTo(t.Context(), func(string) bool { return true }, clk.Now(), 99)
	check(t, err)
	same(t, len(reported), 0) // a report hands nothing over
	days, err := l.Daily(t.Context(), DailyQuery{Since: clk.Now(), Label: func(domain, _ string) string { return domain }})
	check(t, err)
	same(t, days[clk.Now().Format(time.DateOnly)]["d.example"].HandedOver, int64(0))
	if _, err := l.Amend(t.Context(), batch[0].ID, deferredAt(clk.Now())); err == nil {
		t.Error("a bounce can defer")
	}
}
