package cli

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// TestEstimate knows which rates are spread evenly, and which are budgets.
func TestEstimate(t *testing.T) {
	for _, test := range []struct {
		rate string
		n    int
		want time.Duration
	}{
		{"10/s", 100, 10 * time.Second},
		{"30/m", 15, 30 * time.Second},
		{"500/h", 500, 0},
		{"500/h", 501, time.Hour},
		{"450/d", 1000, 2 * 24 * time.Hour},
		{"450/d", 0, 0},
	} {
		rate, err := delivery.ParseRate(test.rate)
		if err != nil {
			t.Fatal(err)
		}
		if got := (pace{rate: rate}).estimate(test.n); got != test.want {
			t.Errorf("%d messages at %s take %s, not %s", test.n, test.rate, got, test.want)
		}
	}
	if got := (pace{}).estimate(1000); got != 0 {
		t.Errorf("without a rate, it takes %s", got)
	}
}

func TestWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := map[string]*delivery.Limit{}
		for name, rate := range map[string]delivery.Rate{
			wholeCampaign: {Count: 1, Per: time.Hour}, "a.example": {Count: 1, Per: 24 * time.Hour}, "b.example": {Count: 1, Per: time.Second},
		} {
			all[name] = delivery.NewLimit(rate, time.Now)
			slot, _ := all[name].TryTake()
			slot.HandedOver()
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var waiting sync.WaitGroup
		defer waiting.Wait()
		at := func(after time.Duration) string { return ui.Clock(time.Now().Add(after), time.Now()) }
		for _, step := range []struct{ name, want string }{
			{"b.example", ""}, // not for long
			{"a.example", "next at " + at(24*time.Hour) + " (a.example 1/d)"},
			{wholeCampaign, "next at " + at(time.Hour) + " (rate 1/h)"},
		} {
			waiting.Go(func() { _, _ = all[step.name].Take(ctx) })
			synctest.Wait()
			if got := waits(all, time.Now()); got != step.want {
				t.Errorf("once %q is waited for: %q, want %q", step.name, got, step.want)
			}
		}
		cancel()
	})
}
