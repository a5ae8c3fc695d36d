package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

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
	due         time.Time // by when a deferred recipient must be due

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

// maxClaimed is for how many recipients requests may ask to share a transaction.
const maxClaimed = 4096

func (q *requests) add(r *request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, r)
}

// take returns the requests that share the next transaction, at least one.
func (q *requests) take() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	n, asked := 0, 0
	for n < len(q.waiting) && asked < maxClaimed {
		asked += q.waiting[n].n
		n++
	}
	taken := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	return taken
}

// Claim is part of [send.Store].
func (c *Campaign) Claim(ctx context.Context, destination string, n int, due time.Time) ([]send.Recipient, error) {
	r := &request{ctx: ctx, destination: destination, n: n, due: due}
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
	found, err := t.one([]any{&d.id, &d.cursor, &d.seen, &d.newest},
		`SELECT d.id, d.cursor, c.suppressions_seen, (SELECT coalesce(max(id), 0) FROM suppressions) FROM destinations d JOIN campaigns c ON c.id = d.campaign
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

// notClaimed is the error for a recipient that nobody claimed.
func notClaimed(id int64) error {
	return fmt.Errorf("%w: row %d", ErrNotClaimed, rowOf(id))
}
