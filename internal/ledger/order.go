package ledger

import (
	"context"
	"fmt"
)

// turnOf is when the recipient whose turn it is at a place, from 1, is due: long
// before 1970, where no other time is. Who is put back keeps their turn, and
// [queue.takeDue] comes to turns when nobody else is due.
func turnOf(place int64) int64 { return place - maxRow - 1 }

// Order says in which order everyone is sent to for the first time, instead of
// the order of the list, in each destination for itself. It is called at most
// once, after [Campaign.Load] and [Campaign.Skip] and before [Campaign.Ready]. It
// calls next, which returns the numbers of all rows, until that returns io.EOF.
// Rows that are set aside or suppressed stay what they are.
func (c *Campaign) Order(ctx context.Context, next func() (int, error)) error {
	if c.loaded {
		return ErrReady
	}
	batch := make([]int, 0, intakeRows)
	place := int64(0)
	for done := false; !done; {
		var err error
		if batch, done, err = fillBatch(batch[:0], next); err != nil {
			return err
		}
		err = c.l.w.update(ctx, func(t tx) error {
			for _, row := range batch {
				place++
				if err := c.giveTurn(t, row, place); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return c.l.explain(err)
		}
	}
	return c.l.explain(c.leaveListOrder(ctx))
}

// giveTurn lets one recipient wait for their turn, unless the row is set aside.
func (c *Campaign) giveTurn(t tx, row int, place int64) error {
	_, err := t.exec(`INSERT INTO states (id, destination, state, due)
		SELECT id, destination, ?, ? FROM recipients WHERE id = ? AND destination IS NOT NULL`,
		int64(statePending), turnOf(place), recipientID(c.id, int64(row)))
	if isDuplicate(err) {
		return fmt.Errorf("%w: row %d has two turns", ErrBadEntry, row)
	}
	return err
}

// leaveListOrder has nobody claimed who has no turn.
func (c *Campaign) leaveListOrder(ctx context.Context) error {
	_, last := recipientsOf(c.id)
	return c.l.w.update(ctx, func(t tx) error {
		_, err := t.exec("UPDATE destinations SET cursor = ? WHERE campaign = ?", last, c.id)
		return err
	})
}
