package ledger

import (
	"context"
	"database/sql"
	"strings"
)

// OtherDomains is the name under which [Ledger.ByDomain] counts what does not
// fit.
const OtherDomains = "other"

// ByDomain counts a campaign's recipients by what label makes of their domains.
// Whoever has no address is left out. Labels are bounded: the recipients of
// those that come up last are counted as [OtherDomains].
func (l *Ledger) ByDomain(ctx context.Context, name string, label func(domain string) string) (map[string]Counts, error) {
	campaign, err := l.need(ctx, name)
	if err != nil {
		return nil, err
	}
	counts := map[string]*Counts{}
	first, last := recipientsOf(campaign)
	err = l.r.each(ctx, func(rows *sql.Rows) error {
		var domain string
		var in, tried, n int64
		if err := rows.Scan(&domain, &in, &tried, &n); err != nil {
			return err
		}
		// A local part may hold an @, a domain cannot.
		key := label(domain[strings.LastIndexByte(domain, '@')+1:])
		if counts[key] == nil && len(counts) >= maxByDestination {
			key = OtherDomains
		}
		if counts[key] == nil {
			counts[key] = &Counts{}
		}
		counts[key].add(state(in).outcome(tried), n)
		return nil
	}, `SELECT substr(r.address, instr(r.address, '@') + 1) AS domain, coalesce(s.state, 1) AS state,
			coalesce(s.attempts, 0) > 0 AS tried, count(*) AS n
		FROM recipients r LEFT JOIN states s ON s.id = r.id
		WHERE r.id BETWEEN ? AND ? AND r.address <> ''
		GROUP BY domain, state, tried ORDER BY n DESC`, first, last)
	if err != nil {
		return nil, l.explain(err)
	}
	result := make(map[string]Counts, len(counts))
	for key, c := range counts {
		result[key] = *c
	}
	return result, nil
}
