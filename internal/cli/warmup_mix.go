package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/list"
	"github.com/mailctl/mailctl/pkg/warmup"
)

// planMix returns the mix that was given, or that of a list.
func planMix(ctx context.Context, env Environment, s settings) (warmup.Mix, error) {
	switch w := s.Warmup; {
	case w.Mix != "" && w.List != "":
		return nil, delivery.Hint(errors.New("--mix and --list exclude each other"), "give the shares, or the list to measure them in")
	case w.Mix != "":
		mix, err := warmup.ParseMix(w.Mix)
		if err != nil {
			err = fmt.Errorf("--mix: %w", err)
		}
		return mix, err
	case w.List != "":
		return measureList(ctx, env, s)
	default:
		return nil, nil //nolint:nilnil // everybody is under one name
	}
}

// measureList counts the recipients of a list by provider. Rows that send would
// not send to do not count.
func measureList(ctx context.Context, env Environment, s settings) (mix warmup.Mix, err error) {
	l, err := openList(env, s.Warmup.List)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	rows, err := l.read(listSettings{EmailColumn: s.Warmup.EmailColumn, SuppressedColumn: "suppressed"})
	if err != nil {
		return nil, err
	}
	domains, err := countDomains(ctx, rows)
	if err != nil {
		return nil, err
	}
	if len(domains) == 0 {
		return nil, delivery.Hint(fmt.Errorf("%s has no addresses", l.name), "check the list and --email-column")
	}
	return mixOf(ctx, env, s, domains)
}

// maxDomains is how many domains of a list are told apart; the rest counts as
// others.
const maxDomains = 100_000

// countDomains counts the recipients of a list by domain.
func countDomains(ctx context.Context, rows *list.Reader) (map[string]int, error) {
	domains := map[string]int{}
	for n := 0; ; n++ {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return domains, nil
		}
		if err == nil && n%1000 == 0 {
			err = context.Cause(ctx)
		}
		if err != nil {
			return nil, err
		}
		if row.Problem != nil && !row.Problem.Kind.Alone() {
			return nil, row.Problem
		}
		if row.Problem != nil || row.Suppressed {
			continue
		}
		domain := strings.ToLower(row.Address.Domain)
		if domains[domain] == 0 && len(domains) >= maxDomains {
			domain = ""
		}
		domains[domain]++
	}
}

const (
	maxLookedUp   = 2000 // domains of a list whose mail exchangers are looked up
	mixLookups    = 32   // at once
	mixLookupTime = 2 * time.Minute
)

// mixOf adds domains up by provider: by the name of the domain where that says it,
// else by who takes its mail. Only the domains with the most recipients are looked
// up; the rest, and those that cannot be found out, are others.
func mixOf(ctx context.Context, env Environment, s settings, domains map[string]int) (warmup.Mix, error) {
	mix := warmup.Mix{}
	var unclear []string
	for domain, n := range domains {
		switch provider := delivery.Provider(domain); {
		case provider != "":
			mix[provider] += n
		case domain == "":
			mix[warmup.Other] += n
		default:
			unclear = append(unclear, domain)
		}
	}
	slices.SortFunc(unclear, func(a, b string) int {
		return cmp.Or(cmp.Compare(domains[b], domains[a]), strings.Compare(a, b))
	})
	for _, domain := range unclear[min(len(unclear), maxLookedUp):] {
		mix[warmup.Other] += domains[domain]
	}
	unclear = unclear[:min(len(unclear), maxLookedUp)]
	if len(unclear) == 0 {
		return mix, nil
	}
	names, unknown, err := lookupProviders(ctx, env, s, unclear)
	if err != nil {
		return nil, err
	}
	for i, domain := range unclear {
		mix[names[i]] += domains[domain]
	}
	if unknown > 0 {
		fmt.Fprintf(env.Stderr, "note: of %s it could not be found out who takes their mail; they count as %s\n",
			ui.Plural(unknown, "domain"), warmup.Other)
	}
	return mix, nil
}

// lookupProviders returns the provider that takes the mail of each domain, and how
// many look-ups failed.
func lookupProviders(ctx context.Context, env Environment, s settings, domains []string) (names []string, unknown int, err error) {
	resolver, err := newResolver(env, s, func(line string) { fmt.Fprintln(env.Stderr, line) })
	if err != nil {
		return nil, 0, err
	}
	limited, cancel := context.WithTimeout(ctx, mixLookupTime)
	defer cancel()
	names = make([]string, len(domains))
	var failed atomic.Int64
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(mixLookups, len(domains)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(domains); i = int(next.Add(1)) - 1 {
				set := delivery.LookupMX(limited, resolver, domains[i])
				if set.Kind == delivery.MXUnknown {
					failed.Add(1)
				}
				names[i] = providerOf(set)
			}
		})
	}
	workers.Wait()
	return names, int(failed.Load()), errors.Join(ctx.Err(), resolver.Close())
}

// providerOf returns the provider that all hosts of a domain belong to.
func providerOf(set *delivery.MXSet) string {
	var hosts []string
	for _, host := range set.Hosts {
		hosts = append(hosts, host.Name)
	}
	if provider := delivery.ProviderOf(hosts); provider != "" {
		return provider
	}
	return warmup.Other
}
