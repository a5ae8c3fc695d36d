package ledger

import (
	"context"
	"database/sql"
	"time"
)

// Destinations is part of [send.Store]. Whoever this process has claimed is not
// counted.
func (c *Campaign) Destinations(ctx context.Context) ([]string, error) {
	var keys []string
	err := c.l.r.each(ctx, func(rows *sql.Rows) error {
		var key string
		err := rows.Scan(&key)
		keys = append(keys, key)
		return err
	}, `SELECT key FROM destinations d WHERE campaign = ? AND (
			EXISTS (SELECT 1 FROM recipients WHERE destination = d.id AND id > d.cursor)
			OR EXISTS (SELECT 1 FROM states WHERE destination = d.id AND state IN (1, 2)))
		ORDER BY d.id`, c.id)
	return keys, c.l.explain(err)
}

// NextDue is part of [send.Store]. The time is in the past when somebody is due
// now.
func (c *Campaign) NextDue(ctx context.Context, destination string) (time.Time, bool, error) {
	var due sql.NullInt64
	_, err := c.l.r.one(ctx, []any{&due}, `SELECT min(due) FROM states
		WHERE destination = (SELECT id FROM destinations WHERE campaign = ? AND key = ?) AND state IN (1, 2)`,
		c.id, destination)
	return timeOf(due), due.Valid, c.l.explain(err)
}
