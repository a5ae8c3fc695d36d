package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

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
	rows, err := l.read(sendSettings{EmailColumn: s.Warmup.EmailColumn, SuppressedColumn: "suppressed"})
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
	mix = warmup.Mix{}
	for domain, n := range domains {
		name := delivery.Provider(domain)
		if name == "" {
			name = warmup.Other
		}
		mix[name] += n
	}
	return mix, nil
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
