package ledger

import (
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// testReroute moves those who wait, whatever they wait for, and nobody else.
func testReroute(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	list := entries("1@d.example", "2@d.example", "3@d.example", "4@d.example", "5@d.example", "6@e.example")
	list[5].Suppressed = true
	c := begin(t, l, "welcome", list)
	batch := claimAll(t, c, "d", 3)
	check(t, c.Record(t.Context(), []send.Change{
		ended(batch[0], deliveredAt(clk.Now()), time.Time{}), ended(batch[1], deferredAt(clk.Now()), clk.Now().Add(time.Hour)),
	}))
	check(t, c.Release(t.Context(), []int64{batch[2].ID}))

	odd := func(a delivery.Address) string {
		if (a.Local[0]-'0')%2 == 1 {
			return "odd"
		}
		return "even"
	}
	check(t, c.Reroute(t.Context(), odd))
	keys, err := c.Destinations(t.Context())
	check(t, err)
	same(t, keys, []string{"even", "odd"})
	same(t, claimAll(t, c, "d", 9), []send.Recipient(nil))
	moved := claimAll(t, c, "odd", 9)
	same(t, rowsOf(moved), []int{3, 5})
	same(t, rowsOf(claimAll(t, c, "even", 9)), []int{4})
	_, waits, err := c.NextDue(t.Context(), "even")
	check(t, err)
	same(t, waits, true)
	check(t, c.Record(t.Context(), []send.Change{ended(moved[0], deliveredAt(clk.Now()), time.Time{})}))
	same(t, outcomes(t, l, "welcome"), []string{"delivered", "deferred", "delivered", "pending", "pending", "suppressed"})
}
