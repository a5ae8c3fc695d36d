package cli

import (
	"testing"
	"time"

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
