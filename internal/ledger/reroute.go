package ledger

import (
	"context"
	"database/sql"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// reroutePage is how many recipients are moved in one transaction.
const reroutePage = 1000

// Reroute puts everyone who still waits into the queue that route names. It is
// called before the first claim.
func (c *Campaign) Reroute(ctx context.Context, route func(delivery.Address) string) error {
	move := rerouting{route: route, queues: intake{c: c, ids: map[string]int64{}}}
	move.after, move.last = recipientsOf(c.id)
	move.after-- // the first may be moved, too
	for more := true; more; {
		err := c.l.w.update(ctx, func(t tx) error {
			var err error
			more, err = move.page(t)
			return err
		})
		if err != nil {
			return c.l.explain(err)
		}
	}
	return nil
}

// A rerouting is one call of [Campaign.Reroute].
type rerouting struct {
	route       func(delivery.Address) string
	queues      intake
	after, last int64 // what is left to look at
}

// A waiter is a recipient who waits in a queue.
type waiter struct {
	id      int64
	address delivery.Address
	key     string // of the queue
	tried   bool   // it was claimed before
}

// page moves some recipients, and reports whether there may be more.
func (r *rerouting) page(t tx) (bool, error) {
	waiters := make([]waiter, 0, reroutePage)
	err := t.each(func(rows *sql.Rows) error {
		var w waiter
		var address string
		err := rows.Scan(&w.id, &address, &w.key, &w.tried)
		w.address = addressOf(address)
		waiters = append(waiters, w)
		return err
	}, `SELECT r.id, r.address, d.key, s.id IS NOT NULL
		FROM recipients r
		LEFT JOIN states s ON s.id = r.id
		JOIN destinations d ON d.id = coalesce(s.destination, r.destination)
		WHERE r.id > ? AND r.id <= ? AND (s.id IS NULL OR s.state IN (1, 2))
		ORDER BY r.id LIMIT ?`, r.after, r.last, reroutePage)
	if err != nil {
		return false, err
	}
	for _, w := range waiters {
		r.after = w.id
		if key := r.route(w.address); key != w.key {
			if err := r.move(t, w, key); err != nil {
				return false, err
			}
		}
	}
	return len(waiters) == reroutePage, nil
}

// move puts one recipient into another queue. Who was never claimed leaves the
// list order and waits like one who was given back.
func (r *rerouting) move(t tx, w waiter, key string) error {
	destination, err := r.queues.destination(t, key)
	if err != nil {
		return err
	}
	if w.tried {
		_, err := t.exec("UPDATE states SET destination = ? WHERE id = ?", destination, w.id)
		return err
	}
	if _, err := t.exec("UPDATE recipients SET destination = NULL WHERE id = ?", w.id); err != nil {
		return err
	}
	return t.putBack(w.id, destination)
}
