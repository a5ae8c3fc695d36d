package ledger

import (
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// testSuppressedOnTheWay proves that who was claimed is found to be suppressed when
// another process puts them on the list, and is then as one suppressed at the intake.
func testSuppressedOnTheWay(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	other := b.open(t, clk.options("boot")).Suppressions()
	c := begin(t, l, "welcome", entries("1@d.example", "2@d.example", "3@d.example", "4@e.example"))
	_, err := other.Add(t.Context(), Suppression{Address: "someone@else.example"})
	check(t, err)
	batch := append(claimAll(t, c, "d", 3), claimAll(t, c, "e", 1)...)
	found := func() []int {
		rows := []int{}
		for _, r := range batch {
			suppressed, err := c.Suppressed(t.Context(), r)
			check(t, err)
			if suppressed {
				rows = append(rows, r.Row)
			}
		}
		return rows
	}
	same(t, found(), []int{})
	for _, a := range []string{"2@D.example", "@e.example"} {
		_, err := other.Add(t.Context(), Suppression{Address: a})
		check(t, err)
	}
	clk.advance(time.Second)
	same(t, found(), []int{2, 4})
	_, err = other.Remove(t.Context(), "@e.example")
	check(t, err)
	clk.advance(time.Second)
	same(t, found(), []int{2})

	none := delivery.Attempt{Time: clk.Now(), Outcome: delivery.OutcomeSuppressed}
	check(t, c.Record(t.Context(), []send.Change{intent(batch[1])}))
	check(t, c.Record(t.Context(), []send.Change{ended(batch[1], none, time.Time{}), ended(batch[0], deliveredAt(clk.Now()), time.Time{})}))
	check(t, c.Release(t.Context(), []int64{batch[2].ID, batch[3].ID}))
	same(t, outcomes(t, l, "welcome"), []string{"delivered", "suppressed", "pending", "pending"})
	same(t, exported(t, l, "welcome")[1].Attempts, 0)
	totals, err := c.Totals(t.Context())
	check(t, err)
	same(t, totals.Counts, Counts{Delivered: 1, Suppressed: 1, Pending: 2})
	l.die(t)
	same(t, outcomes(t, b.open(t, clk.options("boot")), "welcome"), []string{"delivered", "suppressed", "pending", "pending"})
}
