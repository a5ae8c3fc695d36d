package ledger

import (
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// testDaily has a recipient that was put off on two days and delivered on the
// second, two that bounced in different ways, and a second campaign.
func testDaily(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	c := begin(t, l, "welcome", entries("1@d.example", "2@d.example", "3@d.example", "4@d.example", "5@e.example"))
	other := begin(t, l, "other", entries("9@d.example"))
	first := clk.Now()
	since := time.Date(first.Year(), first.Month(), first.Day(), 0, 0, 0, 0, time.UTC)
	day := func(n int) string { return since.AddDate(0, 0, n).Format(time.DateOnly) }

	refused := bouncedAt(clk.Now())
	refused.Verdict.Bounce = delivery.BounceSoft
	r := claimAll(t, c, "d", 4)
	check(t, c.Record(t.Context(), []send.Change{
		ended(r[0], deferredAt(clk.Now()), clk.Now()), ended(r[1], bouncedAt(clk.Now()), time.Time{}),
		ended(r[2], refused, time.Time{}), ended(r[3], deliveredAt(clk.Now()), time.Time{}),
	}))
	o := claimAll(t, other, "d", 1)
	check(t, other.Record(t.Context(), []send.Change{ended(o[0], deliveredAt(clk.Now()), time.Time{})}))
	clk.advance(24 * time.Hour)
	r = claimAll(t, c, "d", 1)
	check(t, c.Record(t.Context(), []send.Change{ended(r[0], deferredAt(clk.Now()), clk.Now())}))
	clk.advance(time.Minute)
	r = claimAll(t, c, "d", 1)
	e := claimAll(t, c, "e", 1)
	check(t, c.Record(t.Context(), []send.Change{ended(r[0], deliveredAt(clk.Now()), time.Time{}), ended(e[0], deferredAt(clk.Now()), clk.Now())}))

	upper := func(domain, host string) string {
		if host != "" && host != deliveredAt(clk.Now()).Host {
			t.Errorf("%s was tried at %q", domain, host)
		}
		return strings.ToUpper(domain)
	}
	query := DailyQuery{Since: since, Campaigns: []string{"welcome"}, Label: upper}
	got, err := l.Daily(t.Context(), query)
	check(t, err)
	same(t, got, map[string]map[string]DayCounts{
		day(0): {"D.EXAMPLE": {Tried: 4, Delivered: 1, Deferred: 1, Dead: 1, Refused: 1, HandedOver: 1}},
		day(1): {"D.EXAMPLE": {Tried: 1, Delivered: 1, HandedOver: 1}, "E.EXAMPLE": {Tried: 1, Deferred: 1}},
	})
	query.Campaigns = nil
	got, err = l.Daily(t.Context(), query)
	check(t, err)
	same(t, got[day(0)]["D.EXAMPLE"].Delivered, int64(2))

	rehearsal := rehearse(t, l, "rehearsal", entries("1@d.example"))
	o = claimAll(t, rehearsal, "d", 1)
	check(t, rehearsal.Record(t.Context(), []send.Change{ended(o[0], deliveredAt(clk.Now()), time.Time{})}))
	for _, want := range []struct {
		query     DailyQuery
		delivered int64 // on the second day
	}{
		{DailyQuery{}, 1},
		{DailyQuery{Rehearsal: "rehearsal"}, 2},
		{DailyQuery{Rehearsal: "other"}, 1},
		{DailyQuery{Campaigns: []string{"rehearsal"}}, 1},
		{DailyQuery{Campaigns: []string{"welcome", "rehearsal"}}, 2},
		{DailyQuery{Campaigns: []string{"other"}}, 0},
	} {
		want.query.Since, want.query.Label = since, upper
		got, err := l.Daily(t.Context(), want.query)
		check(t, err)
		same(t, got[day(1)]["D.EXAMPLE"].Delivered, want.delivered)
	}

	query.Since = clk.Now()
	got, err = l.Daily(t.Context(), query)
	check(t, err)
	same(t, len(got), 1)
	query.Campaigns = []string{"nothing"}
	if _, err = l.Daily(t.Context(), query); err == nil {
		t.Error("a campaign that does not exist counts")
	}

	suppressions := l.Suppressions()
	for _, s := range []Suppression{
		{Address: "1@d.example", Reason: "complaint", Time: clk.Now()},
		{Address: "2@d.example", Reason: "hard-bounce", Time: clk.Now()},
		{Address: "3@d.example", Reason: "complaint", Time: since.Add(-time.Hour)},
		{Address: "@e.example", Reason: "complaint", Time: clk.Now()},
	} {
		_, err := suppressions.Add(t.Context(), s)
		check(t, err)
	}
	complaints, err := suppressions.Complaints(t.Context(), "complaint", DailyQuery{Since: since, Label: upper})
	check(t, err)
	same(t, complaints, map[string]map[string]int64{day(1): {"D.EXAMPLE": 1}})
}
