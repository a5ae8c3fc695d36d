package ledger

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"
)

// recentSlack is by how much attempts may be recorded out of the order of their
// times.
const recentSlack = time.Minute

// errEnough ends a query early.
var errEnough = errors.New("enough")

// RecentSends returns when messages were handed over since a time, oldest first,
// and at most the newest ones of them. An empty destination stands for all. Who
// became unknown counts at the time when this was found.
func (c *Campaign) RecentSends(ctx context.Context, destination string, since time.Time, most int) ([]time.Time, error) {
	return c.recentSends(ctx, destination, func(string) bool { return true }, since, most)
}

// RecentSendsTo is [Campaign.RecentSends] for messages to hosts of some kind.
func (c *Campaign) RecentSendsTo(ctx context.Context, kind func(host string) bool, since time.Time, most int) ([]time.Time, error) {
	return c.recentSends(ctx, "", kind, since, most)
}

func (c *Campaign) recentSends(ctx context.Context, destination string, kind func(host string) bool, since time.Time, most int) ([]time.Time, error) {
	if most <= 0 {
		return nil, nil
	}
	first, last := recipientsOf(c.id)
	sends := newest{most: most, since: since.UnixMicro()}
	err := c.l.r.each(ctx, func(rows *sql.Rows) error {
		var ended int64
		var counts bool
		var host string
		if err := rows.Scan(&ended, &counts, &host); err != nil {
			return err
		}
		if !sends.add(ended, counts && kind(host)) {
			return errEnough
		}
		return nil
	}, `SELECT a.time, a.recipient BETWEEN ? AND ?
			AND EXISTS (SELECT 1 FROM kinds k WHERE k.id = a.kind
				AND (k.stage = 'message' OR k.outcome IN ('delivered', 'unknown') AND k.stage <> 'bounce'))
			AND (? = '' OR (SELECT destination FROM states s WHERE s.id = a.recipient)
				IS (SELECT id FROM destinations WHERE campaign = ? AND key = ?)),
			coalesce((SELECT host FROM peers p WHERE p.id = a.peer), '')
		FROM attempts a ORDER BY a.id DESC`, first, last, destination, c.id, destination)
	if err != nil && !errors.Is(err, errEnough) {
		return nil, c.l.explain(err)
	}
	return sends.times(), nil
}

// newest keeps the newest of many times, in microseconds.
type newest struct {
	most  int
	since int64
	kept  []int64
}

// add takes the next time, and returns false when no later one can matter: they
// come newest first, but for the slack.
func (n *newest) add(t int64, counts bool) bool {
	if t < n.since-recentSlack.Microseconds() {
		return false
	}
	if counts && t >= n.since {
		n.kept = append(n.kept, t)
	}
	if len(n.kept) >= 2*n.most {
		n.trim()
	}
	return true
}

// trim lets go of all but the newest.
func (n *newest) trim() {
	slices.Sort(n.kept)
	if extra := len(n.kept) - n.most; extra > 0 {
		n.kept = append(n.kept[:0], n.kept[extra:]...)
		n.since = n.kept[0]
	}
}

func (n *newest) times() []time.Time {
	n.trim()
	times := make([]time.Time, len(n.kept))
	for i, t := range n.kept {
		times[i] = time.UnixMicro(t)
	}
	return times
}
