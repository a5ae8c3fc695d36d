package ledger

import (
	"context"
	"database/sql"
	"slices"

	"github.com/mailctl/mailctl/pkg/send"
)

// maxPaces bounds the events that are kept of one campaign; the oldest go first.
const maxPaces = 10_000

// NoteEvent keeps a change of pace, so that it can be seen later why mail
// waited. It works even when the context has ended.
func (c *Campaign) NoteEvent(ctx context.Context, e send.Event) error {
	until := sql.NullInt64{Int64: e.Until.UnixMicro(), Valid: !e.Until.IsZero()}
	err := c.l.w.update(context.WithoutCancel(ctx), func(t tx) error {
		result, err := t.exec(`INSERT INTO paces (campaign, time, kind, destination, until, connections, rate, messages, reaction, cause)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, c.id, e.Time.UnixMicro(), string(e.Kind), e.Destination, until,
			e.Connections, e.Rate, e.Messages, e.Reaction, e.Cause)
		if err != nil {
			return err
		}
		id, err := result.LastInsertId()
		if err != nil || id%1000 != 0 {
			return err
		}
		_, err = t.exec(`DELETE FROM paces WHERE campaign = ? AND id <=
			(SELECT id FROM paces WHERE campaign = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`, c.id, c.id, maxPaces)
		return err
	})
	return c.l.explain(err)
}

// Events returns the newest changes of pace of a campaign, oldest first. The
// error is [ErrNotFound] when there is no such campaign.
func (l *Ledger) Events(ctx context.Context, name string, most int) ([]send.Event, error) {
	campaign, err := l.need(ctx, name)
	if err != nil {
		return nil, err
	}
	var events []send.Event
	err = l.r.each(ctx, func(rows *sql.Rows) error {
		var e send.Event
		var kind string
		var at, until sql.NullInt64
		err := rows.Scan(&at, &kind, &e.Destination, &until, &e.Connections, &e.Rate, &e.Messages, &e.Reaction, &e.Cause)
		e.Time, e.Kind, e.Until = timeOf(at), send.EventKind(kind), timeOf(until)
		events = append(events, e)
		return err
	}, `SELECT time, kind, destination, until, connections, rate, messages, reaction, cause
		FROM paces WHERE campaign = ? ORDER BY id DESC LIMIT ?`, campaign, most)
	slices.Reverse(events)
	return events, l.explain(err)
}
