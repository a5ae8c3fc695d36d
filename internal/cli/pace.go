package cli

import (
	"fmt"
	"strings"
	"time"

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

// limits returns the limits of each queue. Those of the campaign are shared by
// all. Seed returns when the messages of an earlier run were handed over.
func (p pace) limits(now func() time.Time, seed func(destination string, rate delivery.Rate) ([]time.Time, error)) (func(string) delivery.Limits, error) {
	newLimit := func(destination string, rate delivery.Rate) (*delivery.Limit, error) {
		limit := delivery.NewLimit(rate, now)
		if limit == nil {
			return nil, nil
		}
		earlier, err := seed(destination, rate)
		limit.Seed(earlier)
		return limit, err
	}
	whole, err := newLimit("", p.rate)
	if err != nil {
		return nil, err
	}
	own := map[string]*delivery.Limit{}
	for name, rate := range p.rateFor {
		if own[name], err = newLimit(name, rate); err != nil {
			return nil, err
		}
	}
	return func(destination string) delivery.Limits {
		var limits delivery.Limits
		for _, limit := range []*delivery.Limit{own[destination], whole} {
			if limit != nil {
				limits = append(limits, limit)
			}
		}
		return limits
	}, nil
}

// estimate returns how long n messages take at least; zero when no rate says.
func (p pace) estimate(n int) time.Duration {
	if p.rate.IsZero() {
		return 0
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
