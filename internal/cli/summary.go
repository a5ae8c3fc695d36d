package cli

import (
	"context"
	"time"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// summarize returns what came of a campaign so far.
func summarize(ctx context.Context, l *ledger.Ledger, name string, took time.Duration) (ui.SendSummary, error) {
	totals, err := l.Totals(ctx, name)
	if err != nil {
		return ui.SendSummary{}, err
	}
	labels, err := l.ByDomain(ctx, name, label)
	if err != nil {
		return ui.SendSummary{}, err
	}
	s := ui.SendSummary{
		Schema:        "mailctl.send/1",
		Campaign:      name,
		Recipients:    int(totals.Recipients),
		Delivered:     int(totals.Delivered),
		Deferred:      int(totals.Deferred),
		Bounced:       int(totals.Bounced),
		Suppressed:    int(totals.Suppressed),
		Skipped:       int(totals.Skipped),
		Unknown:       int(totals.Unknown),
		Pending:       int(totals.Pending),
		Bytes:         totals.Bytes,
		Seconds:       float64(took.Milliseconds()) / 1000,
		ByReason:      map[string]int{},
		ByDestination: map[string]map[string]int{},
	}
	for reason, n := range totals.ByReason {
		s.ByReason[string(reason)] += int(n)
	}
	for reason, n := range totals.BySkip {
		s.ByReason[reason] += int(n)
	}
	for name, counts := range labels {
		s.ByDestination[name] = outcomeCounts(counts)
	}
	return s, nil
}

// outcomeCounts returns the counts that are not zero, by outcome.
func outcomeCounts(c ledger.Counts) map[string]int {
	counts := map[string]int{}
	for outcome, n := range map[delivery.Outcome]int64{
		delivery.OutcomeDelivered:  c.Delivered,
		delivery.OutcomeDeferred:   c.Deferred,
		delivery.OutcomeBounced:    c.Bounced,
		delivery.OutcomeSuppressed: c.Suppressed,
		delivery.OutcomeSkipped:    c.Skipped,
		delivery.OutcomeUnknown:    c.Unknown,
		"pending":                  c.Pending,
	} {
		if n > 0 {
			counts[string(outcome)] = int(n)
		}
	}
	return counts
}
