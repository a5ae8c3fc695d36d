package cli

import (
	"context"
	"time"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/warmup"
)

// complaintReason is the reason under which complaints are suppressed.
const complaintReason = "complaint"

// warmupKey returns the name under which a plan counts a recipient of a domain,
// whose mail a host takes if that is known: that of the provider the host belongs
// to, else that of the provider of the domain.
func warmupKey(p *warmup.Plan, domain, host string) string {
	if provider := delivery.ProviderOf([]string{host}); host != "" && provider != "" {
		return p.Key(provider)
	}
	return p.Key(delivery.Provider(domain))
}

// warmupQuery asks for what was sent under a plan since a time. Whatever the
// machine sends counts, since that is what a receiver sees: all campaigns but
// rehearsals, unless counted names others.
func warmupQuery(p *warmup.Plan, since time.Time, counted ledger.DailyQuery) ledger.DailyQuery {
	counted.Since = since
	counted.Label = func(domain, host string) string { return warmupKey(p, domain, host) }
	return counted
}

// readHistory returns what came of every day of a plan until now, and how many
// messages were handed over today.
func readHistory(ctx context.Context, l *ledger.Ledger, p *warmup.Plan, now time.Time, counted ledger.DailyQuery) (h warmup.History, today map[string]int, err error) {
	query := warmupQuery(p, p.Days[0].Date.At(0, now.Location()), counted)
	days, err := l.Daily(ctx, query)
	if err != nil {
		return nil, nil, err
	}
	complaints, err := l.Suppressions().Complaints(ctx, complaintReason, query)
	if err != nil {
		return nil, nil, err
	}
	h, today = warmup.History{}, map[string]int{}
	for day, counts := range days {
		date, err := warmup.ParseDate(day)
		if err != nil {
			return nil, nil, err
		}
		h[date] = map[string]warmup.Volume{}
		for name, c := range counts {
			h[date][name] = warmup.Volume{
				Sent: int(c.Tried), Delivered: int(c.Delivered), Deferred: int(c.Deferred),
				Bounced: int(c.Dead), Blocked: int(c.Refused), Complaints: int(complaints[day][name]),
			}
			if date == warmup.DateOf(now) {
				today[name] = int(c.HandedOver)
			}
		}
	}
	return h, today, nil
}

// A followedPlan is a plan as it is today.
type followedPlan struct {
	plan       *warmup.Plan // moved by what came of the days before
	budget     *warmup.Budget
	history    warmup.History
	thresholds warmup.Thresholds
}

// followPlan returns a plan as it is today, moved by what came of the days before,
// and what may still be handed over under it: today's caps and this hour's less
// what was handed over already. What counts is said as for [warmupQuery]. With adapt, a day that went badly moves the plan too, not only
// one on which nothing was sent.
func followPlan(ctx context.Context, l *ledger.Ledger, p *warmup.Plan, now time.Time, counted ledger.DailyQuery, adapt bool) (*followedPlan, error) {
	h, soFar, err := readHistory(ctx, l, p, now, counted)
	if err != nil {
		return nil, err
	}
	t, err := warmup.DefaultThresholds()
	if err != nil {
		return nil, err
	}
	today := warmup.DateOf(now)
	p = p.Follow(h, today, t, adapt)
	thisHour, err := handedOver(ctx, l, p, today.At(now.Hour(), now.Location()), counted)
	if err != nil {
		return nil, err
	}
	return &followedPlan{p, warmup.NewBudget(p, now, soFar, thisHour), h, t}, nil
}

// handedOver returns how many messages left since a time, by provider.
func handedOver(ctx context.Context, l *ledger.Ledger, p *warmup.Plan, since time.Time, counted ledger.DailyQuery) (map[string]int, error) {
	days, err := l.Daily(ctx, warmupQuery(p, since, counted))
	if err != nil {
		return nil, err
	}
	sum := map[string]int{}
	for _, counts := range days {
		for name, c := range counts {
			sum[name] += int(c.HandedOver)
		}
	}
	return sum, nil
}
