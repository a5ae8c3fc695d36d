package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// A step is what a group of changes does with a lease.
type step int

const (
	stepNone   step = iota
	stepIntent      // store an intent
	stepVoid        // remove the intent that is stored
	stepEnd         // store an outcome, or give the recipient back
)

// A plan is what a group of changes comes to. It is used again for the next
// group.
type plan struct {
	intents  []*lease
	outcomes []outcome
	returned []*lease
}

// An outcome is what came of an attempt, for one lease.
type outcome struct {
	lease   *lease
	state   state
	attempt *delivery.Attempt
	next    time.Time
}

// Record is part of [send.Store]. It writes down what has happened even when
// the context has ended.
func (c *Campaign) Record(ctx context.Context, changes []send.Change) error {
	return c.change(ctx, func() error {
		for _, change := range changes {
			if err := c.planChange(change); err != nil {
				return err
			}
		}
		return nil
	})
}

// Release is part of [send.Store]. It works even when the context has ended.
func (c *Campaign) Release(ctx context.Context, ids []int64) error {
	return c.change(ctx, func() error {
		for _, id := range ids {
			ls, ok := c.leases[id]
			if !ok || ls.step == stepEnd {
				return notClaimed(id)
			}
			ls.step = stepEnd
			c.plan.returned = append(c.plan.returned, ls)
		}
		return nil
	})
}

// change makes a plan and carries it out in one transaction: all of it or
// nothing.
func (c *Campaign) change(ctx context.Context, prepare func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return ErrClosed
	}
	err := prepare()
	if err == nil {
		err = c.l.w.update(context.WithoutCancel(ctx), c.plan.write)
	}
	c.conclude(err == nil)
	return c.l.explain(err)
}

// planChange adds one change to the plan. An intent is stored once, and not at
// all when the outcome follows it in the same group.
func (c *Campaign) planChange(change send.Change) error {
	ls, ok := c.leases[change.Recipient]
	if !ok || ls.step == stepEnd {
		return notClaimed(change.Recipient)
	}
	if change.Attempt == nil {
		c.planIntent(ls, change.Void)
		return nil
	}
	to, ok := stateOf(change.Attempt.Outcome)
	if !ok {
		return fmt.Errorf("row %d: no attempt ends as %q", rowOf(ls.id), change.Attempt.Outcome)
	}
	ls.step = stepEnd
	c.plan.outcomes = append(c.plan.outcomes, outcome{ls, to, change.Attempt, change.NextTry})
	return nil
}

// planIntent has the intent of a lease stored or removed, unless that is so
// already.
func (c *Campaign) planIntent(ls *lease, void bool) {
	step := stepIntent
	if void {
		step = stepVoid
	}
	if ls.intent == !void {
		step = stepNone
	}
	if ls.step == stepNone && step != stepNone {
		c.plan.intents = append(c.plan.intents, ls)
	}
	ls.step = step
}

// write carries the plan out.
func (p *plan) write(t tx) error {
	for _, ls := range p.intents {
		var err error
		switch ls.step {
		case stepIntent:
			_, err = t.exec("INSERT INTO intents (id) VALUES (?) ON CONFLICT DO NOTHING", ls.id)
		case stepVoid:
			_, err = t.exec("DELETE FROM intents WHERE id = ?", ls.id)
		}
		if err != nil {
			return err
		}
	}
	for _, o := range p.outcomes {
		if err := t.putOutcome(o); err != nil {
			return err
		}
		if err := t.endLease(o.lease); err != nil {
			return err
		}
	}
	for _, ls := range p.returned {
		if err := t.putBack(ls.id, ls.claim.destination); err != nil {
			return err
		}
		if err := t.endLease(ls); err != nil {
			return err
		}
	}
	return nil
}

// endLease removes what is stored of a lease that ends, and its claim with the
// last one.
func (t tx) endLease(ls *lease) error {
	if ls.intent {
		if _, err := t.exec("DELETE FROM intents WHERE id = ?", ls.id); err != nil {
			return err
		}
	}
	ls.claim.ending++
	if ls.claim.ending < ls.claim.open {
		return nil
	}
	_, err := t.exec("DELETE FROM claims WHERE id = ?", ls.claim.id)
	return err
}

// conclude empties the plan. When it was carried out, the leases follow what is
// stored; else they stay what they were.
func (c *Campaign) conclude(done bool) {
	for _, ls := range c.plan.intents {
		if done && (ls.step == stepIntent || ls.step == stepVoid) {
			ls.intent = ls.step == stepIntent
		}
		if ls.step != stepEnd {
			ls.step = stepNone
		}
	}
	for _, o := range c.plan.outcomes {
		c.end(o.lease, done)
	}
	for _, ls := range c.plan.returned {
		c.end(ls, done)
	}
	clear(c.plan.outcomes) // lets go of the attempts
	c.plan.intents, c.plan.outcomes, c.plan.returned = c.plan.intents[:0], c.plan.outcomes[:0], c.plan.returned[:0]
}

func (c *Campaign) end(ls *lease, done bool) {
	ls.step = stepNone
	ls.claim.ending = 0
	if done {
		ls.claim.open--
		delete(c.leases, ls.id)
	}
}

// putOutcome stores what came of a recipient. Who is suppressed was not tried.
func (t tx) putOutcome(o outcome) error {
	if o.state == stateSuppressed {
		return t.suppress(o.lease.id, o.lease.claim.destination)
	}
	return t.putAttempt(o)
}

// putAttempt stores an attempt and the state it leads to.
func (t tx) putAttempt(o outcome) error {
	a, ls := o.attempt, o.lease
	kindID, err := t.kind(kind{a.Outcome, a.Stage, a.Reply.Code, a.Reply.Enhanced, a.Verdict})
	if err != nil {
		return err
	}
	peerID, err := t.peer(peer{a.Host, a.IP, a.TLS})
	if err != nil {
		return err
	}
	ended := a.Time.UnixMicro()
	result, err := t.exec(`INSERT INTO attempts (recipient, previous, number, time, kind, peer, size, duration, message_id, reply, error)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		ls.id, ls.last, ls.attempts+1, ended, kindID, peerID, a.Size, a.Duration.Microseconds(),
		a.MessageID, packLines(a.Reply.Lines), a.Err)
	if err != nil {
		return err
	}
	last, err := result.LastInsertId()
	if err != nil {
		return err
	}
	first := ls.first
	if !first.Valid {
		first = sql.NullInt64{Int64: ended, Valid: true}
	}
	_, err = t.exec(`INSERT INTO states (id, destination, state, attempts, kind, first, due, last, size)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET state = excluded.state, attempts = excluded.attempts, kind = excluded.kind,
			first = excluded.first, due = excluded.due, last = excluded.last, size = excluded.size`,
		ls.id, ls.claim.destination, int64(o.state), ls.attempts+1, kindID, first, o.due(), last, a.Size)
	return err
}

// due returns when the recipient may be claimed again; null when never.
func (o outcome) due() sql.NullInt64 {
	if o.state != stateDeferred {
		return sql.NullInt64{}
	}
	if o.next.IsZero() {
		return sql.NullInt64{Valid: true}
	}
	return sql.NullInt64{Int64: o.next.UnixMicro(), Valid: true}
}

// putBack makes a recipient that was claimed and not tried wait again. It is
// due at once, or since when it was.
func (t tx) putBack(id, destination int64) error {
	_, err := t.exec(`INSERT INTO states (id, destination, state, due) VALUES (?, ?, ?, 0)
		ON CONFLICT DO UPDATE SET state = CASE WHEN attempts > 0 THEN ? ELSE ? END`,
		id, destination, int64(statePending), int64(stateDeferred), int64(statePending))
	return err
}
