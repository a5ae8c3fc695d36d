package cli

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// A pace is what --rate, --rate-for and --max-bounce-rate say.
type pace struct {
	rate       delivery.Rate            // of the campaign; zero is no limit
	rateFor    map[string]delivery.Rate // by domain or provider
	bounceRate float64
}

func parsePace(s paceSettings) (pace, error) {
	p := pace{rateFor: map[string]delivery.Rate{}}
	var err error
	if s.Rate != "" {
		if p.rate, err = delivery.ParseRate(s.Rate); err != nil {
			return p, fmt.Errorf("--rate: %w", err)
		}
	}
	for _, entry := range s.RateFor {
		name, value, ok := strings.Cut(entry, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if !ok || name == "" {
			return p, delivery.Hint(fmt.Errorf("invalid --rate-for %q", entry), "write a domain or provider and its rate: gmail.com=5/s")
		}
		if p.rateFor[name], err = delivery.ParseRate(value); err != nil {
			return p, fmt.Errorf("--rate-for %s: %w", name, err)
		}
	}
	p.bounceRate, err = parseShare("max-bounce-rate", s.MaxBounceRate)
	return p, err
}

// key returns the queue of a domain that has a rate of its own: the domain's
// or that of its provider.
func (p pace) key(domain string) (string, bool) {
	for _, name := range []string{domain, delivery.Provider(domain)} {
		if _, ok := p.rateFor[name]; ok && name != "" {
			return name, true
		}
	}
	return "", false
}

// limitSet returns the limits by the name they were given for, that of the
// campaign under [wholeCampaign]. Seed returns when the messages of an earlier
// run were handed over.
func (p pace) limitSet(now func() time.Time, seed func(destination string, rate delivery.Rate) ([]time.Time, error)) (map[string]*delivery.Limit, error) {
	rates := maps.Clone(p.rateFor)
	if !p.rate.IsZero() {
		rates[wholeCampaign] = p.rate
	}
	all := map[string]*delivery.Limit{}
	for name, rate := range rates {
		earlier, err := seed(name, rate)
		if err != nil {
			return nil, err
		}
		all[name] = delivery.NewLimit(rate, now)
		all[name].Seed(earlier)
	}
	return all, nil
}

// limitsOf returns the limits of each queue. Those of the campaign are shared by
// all.
func limitsOf(all map[string]*delivery.Limit) func(destination string) delivery.Limits {
	return func(destination string) delivery.Limits {
		var limits delivery.Limits
		for _, name := range []string{destination, wholeCampaign} {
			if limit, ok := all[name]; ok {
				limits = append(limits, limit)
			}
		}
		return limits
	}
}

// waits says when the next message leaves that waits for one of the limits, and
// for which; "" when none waits for long. The limit of the campaign comes first,
// since it holds up everyone.
func waits(all map[string]*delivery.Limit, now time.Time) string {
	for _, name := range sortedKeys(all) {
		at := all[name].Next()
		if at.Sub(now) < worthSaying {
			continue
		}
		rate := "rate " + all[name].Rate().String()
		if name != wholeCampaign {
			rate = name + " " + all[name].Rate().String()
		}
		return fmt.Sprintf("next at %s (%s)", ui.Clock(at, now), rate)
	}
	return ""
}

// worthSaying is the shortest wait that is shown.
const worthSaying = 2 * time.Second

// wholeCampaign is the key of the limit that all queues share.
const wholeCampaign = ""

// estimate returns how long n messages take at least; zero when no rate says.
func (p pace) estimate(n int) time.Duration {
	if p.rate.IsZero() {
		return 0
	}
	if p.rate.Per > time.Minute { // a budget, which may be spent at once
		return p.rate.Per * time.Duration((n-1)/p.rate.Count)
	}
	return p.rate.Interval() * time.Duration(n)
}

// String describes the pace for people; "" when nothing limits it.
func (p pace) String() string {
	parts := []string{}
	if !p.rate.IsZero() {
		parts = append(parts, "at most "+p.rate.String())
	}
	for _, name := range sortedKeys(p.rateFor) {
		parts = append(parts, name+" "+p.rateFor[name].String())
	}
	return strings.Join(parts, ", ")
}
