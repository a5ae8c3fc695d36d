package ledger

import (
	"errors"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/send"
)

// testPaces keeps changes of pace of two campaigns, and reads the newest.
func testPaces(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	c, other := begin(t, l, "welcome", entries("1@d.example")), begin(t, l, "other", entries("1@d.example"))
	events := []send.Event{
		{Time: clk.Now(), Kind: send.EventSlower, Destination: "gmail", Rate: 4.5, Cause: "421 4.7.0 slow down", Reaction: "too fast"},
		{Time: clk.Now(), Kind: send.EventWaiting, Destination: "yahoo", Until: clk.Now().Add(2 * time.Hour), Reaction: "TSS04"},
		{Time: clk.Now(), Kind: send.EventFewer, Destination: "gmail", Connections: 1},
		{Time: clk.Now(), Kind: send.EventShorter, Destination: "gmail", Messages: 20},
	}
	for i := range events {
		events[i].Time = events[i].Time.Local()
		if !events[i].Until.IsZero() {
			events[i].Until = events[i].Until.Local()
		}
		check(t, c.NoteEvent(t.Context(), events[i]))
	}
	check(t, other.NoteEvent(t.Context(), events[0]))
	got, err := l.Events(t.Context(), "welcome", 100)
	check(t, err)
	same(t, got, events)
	got, err = l.Events(t.Context(), "welcome", 2)
	check(t, err)
	same(t, got, events[2:])
	if _, err := l.Events(t.Context(), "nobody's", 2); !errors.Is(err, ErrNotFound) {
		t.Errorf("error %v, want %v", err, ErrNotFound)
	}
}

// testRecentSendsTo counts messages by the host they were handed to.
func testRecentSendsTo(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	c := begin(t, l, "welcome", entries("1@d.example", "2@d.example", "3@d.example"))
	var times []time.Time
	for i, claimed := range claimAll(t, c, "d", 3) {
		clk.advance(time.Second)
		attempt := deliveredAt(clk.Now())
		if i == 1 {
			attempt.Host = "mx.elsewhere.example"
		} else {
			times = append(times, clk.Now().Local())
		}
		check(t, c.Record(t.Context(), []send.Change{ended(claimed, attempt, time.Time{})}))
	}
	there := func(host string) bool { return host == "mx.example.com" }
	for _, want := range []struct {
		since time.Time
		most  int
		times []time.Time
	}{{times[0], 9, times}, {times[1], 9, times[1:]}, {times[0], 1, times[1:]}, {times[0], 0, nil}} {
		got, err := c.RecentSendsTo(t.Context(), there, want.since, want.most)
		check(t, err)
		same(t, got, want.times)
	}
}
