package ledger

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// The queries that are asked all the time.
const (
	selectDue = `SELECT s.id, r.address, r.data, s.attempts, s.first, s.last
		FROM states s JOIN recipients r ON r.id = s.id
		WHERE s.destination = ? AND s.state IN (1, 2) AND s.due BETWEEN ? AND ? ORDER BY s.due, s.id LIMIT ?`
	selectNew = `SELECT id, address, data FROM recipients
		WHERE destination = ? AND id > ? ORDER BY id LIMIT ?`
	selectNextDue = `SELECT min(due) FROM states
		WHERE destination = (SELECT id FROM destinations WHERE campaign = ? AND key = ?) AND state IN (1, 2)`
	selectNextTry = `SELECT min(due) FROM states
		WHERE destination IN (SELECT id FROM destinations WHERE campaign = ?) AND state IN (1, 2)`
	selectDestinations = `SELECT key FROM destinations d WHERE campaign = ? AND (
			EXISTS (SELECT 1 FROM recipients WHERE destination = d.id AND id > d.cursor)
			OR EXISTS (SELECT 1 FROM states WHERE destination = d.id AND state IN (1, 2)))
		ORDER BY coalesce((SELECT min(due) FROM states WHERE destination = d.id AND state IN (1, 2) AND due < 0), 0), d.id`
)

// A queue is a destination from which a request is being answered.
type queue struct {
	c      *Campaign
	t      tx
	r      *request
	id     int64
	cursor int64 // the last recipient that was claimed for the first time
	seen   int64 // the newest suppression that the intake knew
	newest int64 // the newest there is
}

// A candidate is a recipient that may be claimed.
type candidate struct {
	lease
	address delivery.Address
	data    []byte
}

// takeDue claims those who waited and are due, and then those whose turn it is.
func (q *queue) takeDue() error {
	by := q.r.due
	if by.IsZero() {
		by = q.c.l.now()
	}
	if err := q.takeBetween(0, by.UnixMicro()); err != nil {
		return err
	}
	return q.takeBetween(turnOf(0), turnOf(maxRow))
}

// takeBetween claims those who are due between two times.
func (q *queue) takeBetween(from, to int64) error {
	for room := q.room(); room > 0; {
		found, err := q.candidates(selectDue, q.id, from, to, room)
		if err != nil || len(found) == 0 {
			return err
		}
		taken, err := q.accept(found)
		if err != nil {
			return err
		}
		for _, ls := range taken {
			if _, err := q.t.exec("UPDATE states SET state = ? WHERE id = ?", int64(stateClaimed), ls.id); err != nil {
				return err
			}
		}
		room = q.room()
	}
	return nil
}

// takeNew claims those who were never claimed.
func (q *queue) takeNew() error {
	before := q.cursor
	for room := q.room(); room > 0; room = q.room() {
		found, err := q.candidates(selectNew, q.id, q.cursor, room)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			break
		}
		q.cursor = found[len(found)-1].id
		if _, err := q.accept(found); err != nil {
			return err
		}
	}
	if q.cursor == before {
		return nil
	}
	_, err := q.t.exec("UPDATE destinations SET cursor = ? WHERE id = ?", q.cursor, q.id)
	return err
}

func (q *queue) room() int { return q.r.n - len(q.r.batch) }

// candidates reads those who may be claimed. A query for those who were never
// claimed has only the first three columns.
func (q *queue) candidates(query string, args ...any) ([]candidate, error) {
	found := make([]candidate, 0, q.room())
	var k candidate
	var address string
	fields := []any{&k.id, &address, &k.data}
	if query == selectDue {
		fields = append(fields, &k.attempts, &k.first, &k.last)
	}
	err := q.t.each(func(rows *sql.Rows) error {
		if err := rows.Scan(fields...); err != nil {
			return err
		}
		k.address = addressOf(address)
		found = append(found, k)
		return nil
	}, query, args...)
	return found, err
}

// accept adds candidates to the answer. Those who were suppressed since the intake
// are marked, and not claimed.
func (q *queue) accept(found []candidate) ([]*lease, error) {
	suppressed, err := q.t.suppressedSince(q.seen, found)
	if err != nil {
		return nil, err
	}
	from := len(q.r.leases)
	for _, k := range found {
		recipient := send.Recipient{
			ID: k.id, Row: rowOf(k.id), Address: k.address, Data: k.data,
			Attempts: int(k.attempts), First: timeOf(k.first),
			Suppressed: suppressed.has(k.address), Known: q.newest,
		}
		q.r.batch = append(q.r.batch, recipient)
		if recipient.Suppressed {
			if err := q.t.suppress(k.id, q.id); err != nil {
				return nil, err
			}
			continue
		}
		ls := k.lease
		ls.claim = q.r.claim
		q.r.leases = append(q.r.leases, &ls)
	}
	return q.r.leases[from:], nil
}

// addressOf reads an address as the ledger keeps it. A domain has no "@", a
// local part may.
func addressOf(key string) delivery.Address {
	at := strings.LastIndexByte(key, '@')
	if at < 0 {
		return delivery.Address{}
	}
	return delivery.Address{Local: key[:at], Domain: key[at+1:]}
}

// timeOf reads a time as the ledger keeps it; null is the zero time.
func timeOf(micro sql.NullInt64) time.Time {
	if !micro.Valid {
		return time.Time{}
	}
	return time.UnixMicro(micro.Int64)
}

// Destinations is part of [send.Store]. Whoever this process has claimed is not
// counted.
func (c *Campaign) Destinations(ctx context.Context) ([]string, error) {
	var keys []string
	err := c.l.r.each(ctx, func(rows *sql.Rows) error {
		var key string
		err := rows.Scan(&key)
		keys = append(keys, key)
		return err
	}, selectDestinations, c.id)
	return keys, c.l.explain(err)
}

// NextDue is part of [send.Store]. The time is in the past when somebody is due
// now.
func (c *Campaign) NextDue(ctx context.Context, destination string) (time.Time, bool, error) {
	var due sql.NullInt64
	_, err := c.l.r.one(ctx, []any{&due}, selectNextDue, c.id, destination)
	return timeOf(due), due.Valid, c.l.explain(err)
}

// NextTry returns when the next of all who wait is due, and false when nobody waits
// whose turn had come before.
func (c *Campaign) NextTry(ctx context.Context) (time.Time, bool, error) {
	var due sql.NullInt64
	_, err := c.l.r.one(ctx, []any{&due}, selectNextTry, c.id)
	return timeOf(due), due.Valid, c.l.explain(err)
}
