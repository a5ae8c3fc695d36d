package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// A lease is a recipient that this process has claimed and not settled.
type lease struct {
	id       int64
	claim    *claim
	attempts int64
	first    sql.NullInt64 // when the first attempt ended
	last     sql.NullInt64 // the last attempt
	intent   bool          // an intent is stored
	step     step          // what the changes under way do with it
}

// A claim is what one call of [Campaign.Claim] handed out.
type claim struct {
	id          int64
	destination int64
	open        int // leases
	ending      int // of them, in the changes under way
}

// A request is a call of [Campaign.Claim].
type request struct {
	ctx         context.Context //nolint:containedctx // of the caller that waits for it
	destination string
	n           int

	served bool
	batch  []send.Recipient
	claim  *claim
	leases []*lease
	err    error
}

// requests are claims that wait for the one that is under way, and then share
// one transaction: syncing to disk takes as long for many as for one.
type requests struct {
	mu      sync.Mutex
	waiting []*request
}

// maxRequests bounds the claims that share a transaction.
const maxRequests = 64

func (q *requests) add(r *request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, r)
}

func (q *requests) take() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.waiting), maxRequests)
	taken := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	return taken
}

// Claim is part of [send.Store].
func (c *Campaign) Claim(ctx context.Context, destination string, n int) ([]send.Recipient, error) {
	r := &request{ctx: ctx, destination: destination, n: n}
	c.queue.add(r)
	c.mu.Lock()
	defer c.mu.Unlock()
	for !r.served { // by this call or by one that came before
		c.serve(c.queue.take())
	}
	return r.batch, c.l.explain(r.err)
}

// serve answers requests in one synced transaction.
func (c *Campaign) serve(all []*request) {
	err := c.mayClaim()
	if err == nil {
		err = c.l.w.updateSynced(context.Background(), func(t tx) error {
			some := false
			for _, r := range all {
				if r.err = context.Cause(r.ctx); r.err != nil {
					continue
				}
				if err := c.claim(t, r); err != nil {
					return err
				}
				some = some || len(r.leases) > 0
			}
			if !some || c.sending {
				return nil
			}
			return c.noteSending(t)
		})
	}
	for _, r := range all {
		r.served = true
		switch {
		case err != nil:
			r.batch, r.err = nil, err
		case len(r.leases) > 0:
			c.sending = true
			r.claim.open = len(r.leases)
			for _, ls := range r.leases {
				c.leases[ls.id] = ls
			}
		}
	}
}

func (c *Campaign) mayClaim() error {
	switch {
	case c.closed:
		return ErrClosed
	case !c.loaded:
		return ErrNotReady
	}
	return nil
}

func (c *Campaign) noteSending(t tx) error {
	_, err := t.exec("UPDATE campaigns SET status = ?, reason = '', started = coalesce(started, ?), ended = NULL WHERE id = ?",
		string(StatusSending), c.l.now().UnixMicro(), c.id)
	return err
}

// claim answers one request.
func (c *Campaign) claim(t tx, r *request) error {
	d := queue{c: c, t: t, r: r}
	found, err := t.one([]any{&d.id, &d.cursor, &d.seen},
		`SELECT d.id, d.cursor, c.suppressions_seen FROM destinations d JOIN campaigns c ON c.id = d.campaign
			WHERE d.campaign = ? AND d.key = ?`, c.id, r.destination)
	if !found || err != nil {
		return err
	}
	r.claim = &claim{destination: d.id}
	if err := d.takeDue(); err != nil {
		return err
	}
	if err := d.takeNew(); err != nil {
		return err
	}
	if len(r.leases) == 0 {
		return nil
	}
	result, err := t.exec("INSERT INTO claims (campaign, destination, boot, recipients) VALUES (?, ?, ?, ?)",
		c.id, d.id, c.l.boot, packIDs(c.id, r.leases))
	if err != nil {
		return err
	}
	r.claim.id, err = result.LastInsertId()
	return err
}

// A queue is a destination from which a request is being answered.
type queue struct {
	c      *Campaign
	t      tx
	r      *request
	id     int64
	cursor int64 // the last recipient that was claimed for the first time
	seen   int64 // the newest suppression that the intake knew
}

// A candidate is a recipient that may be claimed.
type candidate struct {
	lease
	address delivery.Address
	data    []byte
}

const (
	selectDue = `SELECT s.id, r.address, r.data, s.attempts, s.first, s.last
		FROM states s JOIN recipients r ON r.id = s.id
		WHERE s.destination = ? AND s.state IN (1, 2) AND s.due <= ? ORDER BY s.due, s.id LIMIT ?`
	selectNew = `SELECT id, address, data FROM recipients
		WHERE destination = ? AND id > ? ORDER BY id LIMIT ?`
)

// takeDue claims those who waited and are due.
func (q *queue) takeDue() error {
	now := q.c.l.now().UnixMicro()
	for room := q.room(); room > 0; {
		found, err := q.candidates(selectDue, q.id, now, room)
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

func (q *queue) room() int { return q.r.n - len(q.r.leases) }

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

// accept adds candidates to the answer, but for those who were suppressed since
// the intake: they are marked.
func (q *queue) accept(found []candidate) ([]*lease, error) {
	suppressed, err := q.t.suppressedSince(q.seen, found)
	if err != nil {
		return nil, err
	}
	from := len(q.r.leases)
	for _, k := range found {
		if suppressed.has(k.address) {
			if err := q.t.suppress(k.id, q.id); err != nil {
				return nil, err
			}
			continue
		}
		ls := k.lease
		ls.claim = q.r.claim
		q.r.leases = append(q.r.leases, &ls)
		q.r.batch = append(q.r.batch, send.Recipient{
			ID: k.id, Row: rowOf(k.id), Address: k.address, Data: k.data,
			Attempts: int(k.attempts), First: timeOf(k.first),
		})
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

// notClaimed is the error for a recipient that nobody claimed.
func notClaimed(id int64) error {
	return fmt.Errorf("%w: row %d", ErrNotClaimed, rowOf(id))
}
