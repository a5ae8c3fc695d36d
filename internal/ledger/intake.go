package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// An Entry is one row of the list on its way into the ledger.
type Entry struct {
	Row         int // number in the list, from 1; no two entries have the same
	Line        int // in the list's file; 0 when it has none
	Address     delivery.Address
	Destination string // the key of the queue to stand in
	// Data is whatever the sender needs to write to the recipient. It must not be
	// changed afterwards.
	Data []byte
	// Skip, when not nil, sets the row aside. It then needs no address.
	Skip *Problem
	// Suppressed says that the list itself forbids to write to the recipient.
	Suppressed bool
}

// A Problem is why a row was set aside.
type Problem struct {
	Reason string // a short word, such as "duplicate"
	Text   string // for people
}

const (
	// Rows and octets of the list that share a transaction.
	intakeRows = 4096
	intakeSize = 1 << 20
	// clearRows is how many rows are removed in one transaction.
	clearRows = 20_000
	// maxDestinations bounds the destinations that are remembered while a list is
	// taken in; beyond it they are looked up again.
	maxDestinations = 1 << 15
)

// Load takes the list in: it calls next until that returns io.EOF. Whoever is on
// the suppression list, or marked as suppressed, is set aside. When Load fails
// the campaign is as empty as before at the next Load. It is followed by
// [Campaign.Skip] if there is more to set aside, and by [Campaign.Ready].
func (c *Campaign) Load(ctx context.Context, next func() (Entry, error)) error {
	if c.loaded {
		return ErrReady
	}
	in := intake{c: c, ids: map[string]int64{}}
	if err := in.prepare(ctx); err != nil {
		return c.l.explain(err)
	}
	batch := make([]Entry, 0, intakeRows)
	for done := false; !done; {
		var err error
		batch, err = fill(batch[:0], next)
		if done = errors.Is(err, io.EOF); err != nil && !done {
			return err
		}
		if err := in.store(ctx, batch); err != nil {
			return c.l.explain(err)
		}
		clear(batch) // lets go of the rows' data
	}
	return nil
}

// fill reads entries until the batch is full or next fails.
func fill(batch []Entry, next func() (Entry, error)) ([]Entry, error) {
	for size := 0; len(batch) < intakeRows && size < intakeSize; {
		e, err := next()
		if err != nil {
			return batch, err
		}
		batch = append(batch, e)
		size += len(e.Data)
	}
	return batch, nil
}

// An intake is one pass of [Campaign.Load].
type intake struct {
	c   *Campaign
	ids map[string]int64 // of destinations
}

// prepare removes what an interrupted intake left.
func (in *intake) prepare(ctx context.Context) error {
	if err := in.clearAll(ctx); err != nil {
		return err
	}
	return in.c.l.w.update(ctx, func(t tx) error {
		if _, err := t.exec("DELETE FROM destinations WHERE campaign = ?", in.c.id); err != nil {
			return err
		}
		_, err := t.exec(`UPDATE campaigns SET recipients = 0,
			suppressions_seen = (SELECT coalesce(max(id), 0) FROM suppressions) WHERE id = ?`, in.c.id)
		return err
	})
}

// clearAll removes all recipients, some at a time.
func (in *intake) clearAll(ctx context.Context) error {
	for more := true; more; {
		err := in.c.l.w.update(ctx, func(t tx) error {
			var err error
			more, err = in.clear(t)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// clear removes some recipients, and reports whether there may be more.
func (in *intake) clear(t tx) (bool, error) {
	first, last := recipientsOf(in.c.id)
	var from, to int64
	found, err := t.one([]any{&from, &to}, `SELECT min(id), max(id) FROM (
		SELECT id FROM recipients WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?) HAVING count(*) > 0`, first, last, clearRows)
	if !found || err != nil {
		return false, err
	}
	for _, del := range []string{
		"DELETE FROM states WHERE id BETWEEN ? AND ?",
		"DELETE FROM problems WHERE id BETWEEN ? AND ?",
		"DELETE FROM recipients WHERE id BETWEEN ? AND ?",
	} {
		if _, err := t.exec(del, from, to); err != nil {
			return false, err
		}
	}
	return true, nil
}

// store writes a batch in one transaction.
func (in *intake) store(ctx context.Context, batch []Entry) error {
	if len(batch) == 0 {
		return ctx.Err()
	}
	err := in.c.l.w.update(ctx, func(t tx) error {
		suppressed, err := t.suppressedEntries(batch)
		if err != nil {
			return err
		}
		for _, e := range batch {
			if e.Skip == nil && suppressed.has(e.Address) {
				e.Suppressed = true
			}
			if err := in.put(t, e); err != nil {
				return err
			}
		}
		_, err = t.exec("UPDATE campaigns SET recipients = recipients + ? WHERE id = ?", len(batch), in.c.id)
		return err
	})
	if err != nil {
		clear(in.ids) // some may be gone
	}
	return err
}

// put writes one entry.
func (in *intake) put(t tx, e Entry) error {
	if e.Row < 1 || int64(e.Row) > maxRow {
		return fmt.Errorf("%w: row number %d", ErrBadEntry, e.Row)
	}
	id := recipientID(in.c.id, int64(e.Row))
	address := ""
	if !e.Address.IsZero() {
		address = e.Address.Key()
	}
	if e.Skip != nil {
		if err := t.putRecipient(id, nil, address, e); err != nil {
			return err
		}
		return t.skip(id, nil, *e.Skip)
	}
	if address == "" {
		return fmt.Errorf("%w: row %d has no address", ErrBadEntry, e.Row)
	}
	destination, err := in.destination(t, e.Destination)
	if err != nil {
		return err
	}
	if !e.Suppressed {
		return t.putRecipient(id, destination, address, e)
	}
	if err := t.putRecipient(id, nil, address, e); err != nil {
		return err
	}
	return t.suppress(id, destination)
}

// putRecipient writes a recipient; queue is the destination it waits in, or nil.
func (t tx) putRecipient(id int64, queue any, address string, e Entry) error {
	_, err := t.exec("INSERT INTO recipients (id, destination, line, address, data) VALUES (?, ?, ?, ?, ?)",
		id, queue, e.Line, address, e.Data)
	if isDuplicate(err) {
		return fmt.Errorf("%w: row %d is there twice", ErrBadEntry, e.Row)
	}
	return err
}

// destination returns the number of a destination, and makes it when it is new.
func (in *intake) destination(t tx, key string) (int64, error) {
	if id, ok := in.ids[key]; ok {
		return id, nil
	}
	var id int64
	found, err := t.one([]any{&id}, "SELECT id FROM destinations WHERE campaign = ? AND key = ?", in.c.id, key)
	if err != nil {
		return 0, err
	}
	if !found {
		result, err := t.exec("INSERT INTO destinations (campaign, key) VALUES (?, ?)", in.c.id, key)
		if err != nil {
			return 0, err
		}
		if id, err = result.LastInsertId(); err != nil {
			return 0, err
		}
	}
	if len(in.ids) >= maxDestinations {
		clear(in.ids)
	}
	in.ids[key] = id
	return id, nil
}

// suppress marks a recipient as suppressed.
func (t tx) suppress(id, destination int64) error {
	_, err := t.exec(`INSERT INTO states (id, destination, state) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET state = excluded.state, due = NULL`, id, destination, int64(stateSuppressed))
	return err
}
