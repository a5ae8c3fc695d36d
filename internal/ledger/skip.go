package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
)

// A SkippedRow is a row that is found to be bad once all are taken in, such as
// a duplicate.
type SkippedRow struct {
	Row int
	Problem
}

// Skip sets rows aside after [Campaign.Load] and before [Campaign.Ready]. It
// calls next until that returns io.EOF. Rows that are set aside already, or
// suppressed, stay what they are.
func (c *Campaign) Skip(ctx context.Context, next func() (SkippedRow, error)) error {
	if c.loaded {
		return ErrReady
	}
	batch := make([]SkippedRow, 0, intakeRows)
	for done := false; !done; {
		var err error
		if batch, done, err = fillBatch(batch[:0], next); err != nil {
			return err
		}
		err = c.l.w.update(ctx, func(t tx) error {
			for _, row := range batch {
				if err := c.setAside(t, row); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return c.l.explain(err)
		}
	}
	return nil
}

const selectAside = `SELECT s.id, s.state, r.line, r.address, q.reason, q.text
	FROM states s JOIN recipients r ON r.id = s.id LEFT JOIN problems q ON q.id = s.id
	WHERE s.id > ? AND s.id <= ? AND s.state IN (6, 7) ORDER BY s.id LIMIT ?`

// Aside calls yield for every row that is skipped or suppressed, in list order, until
// yield returns an error. Before anything is sent these are the rows that were set
// aside when the list was taken in. Of a recipient Row, Line, Address and Outcome are
// set, and Problem of those that are skipped.
func (c *Campaign) Aside(ctx context.Context, yield func(Recipient) error) error {
	after, last := recipientsOf(c.id)
	for more := true; more; {
		page := make([]Recipient, 0, exportPage)
		err := c.l.r.each(ctx, func(rows *sql.Rows) error {
			r := Recipient{}
			var in int64
			var address string
			var reason, text sql.NullString
			err := rows.Scan(&after, &in, &r.Line, &address, &reason, &text)
			r.Row, r.Address, r.Outcome = rowOf(after), addressOf(address), state(in).outcome(0)
			if reason.Valid {
				r.Problem = &Problem{Reason: reason.String, Text: text.String}
			}
			page = append(page, r)
			return err
		}, selectAside, after, last, exportPage)
		if err != nil {
			return c.l.explain(err)
		}
		for _, r := range page {
			if err := yield(r); err != nil {
				return err
			}
		}
		more = len(page) == exportPage
	}
	return nil
}

func (c *Campaign) setAside(t tx, row SkippedRow) error {
	id := recipientID(c.id, int64(row.Row))
	var destination *int64
	found, err := t.one([]any{&destination}, "SELECT destination FROM recipients WHERE id = ?", id)
	if err != nil {
		return err
	}
	if !found || row.Row < 1 || int64(row.Row) > maxRow {
		return fmt.Errorf("%w: there is no row %d", ErrBadEntry, row.Row)
	}
	if destination == nil {
		return nil
	}
	if _, err := t.exec("UPDATE recipients SET destination = NULL WHERE id = ?", id); err != nil {
		return err
	}
	return t.skip(id, *destination, row.Problem)
}

// Ready ends the intake: the campaign may be sent, and its list is not taken in
// again.
func (c *Campaign) Ready(ctx context.Context) error {
	if c.loaded {
		return nil
	}
	err := c.l.w.updateSynced(ctx, func(t tx) error {
		_, err := t.exec("UPDATE campaigns SET status = ? WHERE id = ?", string(StatusReady), c.id)
		return err
	})
	if err != nil {
		return c.l.explain(err)
	}
	c.loaded = true
	return nil
}

// skip marks a recipient as set aside; destination may be nil.
func (t tx) skip(id int64, destination any, p Problem) error {
	if _, err := t.exec("INSERT INTO states (id, destination, state) VALUES (?, ?, ?)",
		id, destination, int64(stateSkipped)); err != nil {
		return err
	}
	_, err := t.exec("INSERT INTO problems (id, reason, text) VALUES (?, ?, ?)", id, p.Reason, p.Text)
	return err
}

// fillBatch fills the room of a batch, and reports whether next came to its end.
func fillBatch[T any](batch []T, next func() (T, error)) (filled []T, done bool, err error) {
	for len(batch) < cap(batch) {
		row, err := next()
		if errors.Is(err, io.EOF) {
			return batch, true, nil
		}
		if err != nil {
			return batch, false, err
		}
		batch = append(batch, row)
	}
	return batch, false, nil
}
