package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Spec says what a campaign is. The parts of a resumed campaign must be those
// it was begun with.
type Spec struct {
	Name    string // the campaign's own name; not empty
	List    Identity
	Message Identity
	Sender  Identity
	Via     Identity // the name of a rehearsal is [ViaSink] or [ViaMaildir]
	Rows    Identity // which rows of the list, in which order
}

// An Identity is one part of a [Spec].
type Identity struct {
	Name string // for people, such as "contacts.csv"
	// Digest is equal for equal parts. An empty one, now or when the campaign was
	// begun, is not compared.
	Digest string
}

// A Campaign is a campaign that this process works on. It satisfies
// [send.Store]. Its methods may be called from several goroutines, but for those
// of the intake.
type Campaign struct {
	l      *Ledger
	id     int64
	name   string
	loaded bool
	lock   *fileLock

	queue requests // claims that wait
	watch watch    // of the suppression list

	mu      sync.Mutex // held while the fields below are used
	leases  map[int64]*lease
	plan    plan
	sending bool // the campaign's status says so
	closed  bool
}

const (
	maxNameLength = 200
	// lockPatience outlasts those who only look whether a campaign is worked on.
	lockPatience = 200 * time.Millisecond
)

// Begin opens a campaign: it is made when there is none of that name, else
// resumed. What an earlier process left behind is settled. The caller closes it.
//
// The errors are a [*BusyError] when another process works on the campaign, a
// [*ChangedError] when its parts differ, [ErrCancelled] and [ErrName].
func (l *Ledger) Begin(ctx context.Context, spec Spec) (*Campaign, error) {
	if err := checkName(spec.Name); err != nil {
		return nil, err
	}
	id, err := l.enter(ctx, spec)
	if err != nil {
		return nil, l.explain(err)
	}
	lock, err := l.lockCampaign(ctx, id, spec.Name)
	if err != nil {
		return nil, err
	}
	c := &Campaign{l: l, id: id, name: spec.Name, lock: lock, leases: map[int64]*lease{}}
	if err := c.resume(ctx, spec); err != nil {
		return nil, errors.Join(l.explain(err), lock.release())
	}
	return c, nil
}

func checkName(name string) error {
	bad := name == "" || len(name) > maxNameLength || !utf8.ValidString(name)
	for _, r := range name {
		bad = bad || unicode.IsControl(r)
	}
	if bad {
		return delivery.Hint(fmt.Errorf("%w: %q", ErrName, name),
			fmt.Sprintf("a name has 1 to %d bytes and no control characters", maxNameLength))
	}
	return nil
}

// enter returns the id of a campaign, and makes it when there is none.
func (l *Ledger) enter(ctx context.Context, spec Spec) (int64, error) {
	id, found, err := l.find(ctx, spec.Name)
	if found || err != nil {
		return id, err
	}
	err = l.w.update(ctx, func(t tx) error {
		_, err := t.exec(`INSERT INTO campaigns (name, list_name, list_digest, message_name, message_digest,
				sender_name, sender_digest, via_name, via_digest, rows_name, rows_digest, status, created)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			append(append([]any{spec.Name}, spec.columns()...), string(StatusLoading), l.now().UnixMicro())...)
		if err != nil {
			return err
		}
		_, err = t.one([]any{&id}, "SELECT id FROM campaigns WHERE name = ?", spec.Name)
		return err
	})
	return id, err
}

// find returns the id of a campaign, and whether there is one.
func (l *Ledger) find(ctx context.Context, name string) (int64, bool, error) {
	var id int64
	found, err := l.r.one(ctx, []any{&id}, "SELECT id FROM campaigns WHERE name = ?", name)
	return id, found, err
}

// lockCampaign takes a campaign's lock. The error is a [*BusyError] when another
// process has it.
func (l *Ledger) lockCampaign(ctx context.Context, id int64, name string) (*fileLock, error) {
	path := lockPath(l.dir, id)
	lock, err := acquire(ctx, path, lockPatience)
	if errors.Is(err, errLocked) {
		busy := &BusyError{Campaign: name, PID: holder(path)}
		return nil, delivery.Hint(busy, fmt.Sprintf("let it finish, or stop it; see how far it is with: mailctl campaign show %q", name))
	}
	return lock, err
}

// resume reads where the campaign stands and settles what was left behind.
func (c *Campaign) resume(ctx context.Context, spec Spec) error {
	var was Spec
	var status string
	found, err := c.l.r.one(ctx, append([]any{&status}, was.fields()...),
		`SELECT status, list_name, list_digest, message_name, message_digest,
			sender_name, sender_digest, via_name, via_digest, rows_name, rows_digest FROM campaigns WHERE id = ? AND name = ?`, c.id, c.name)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("%w: %q", ErrNotFound, c.name)
	}
	switch Status(status) {
	case StatusLoading:
		return c.respecify(ctx, spec) // nothing was sent yet
	case StatusCancelled:
		return delivery.Hint(fmt.Errorf("campaign %q: %w", c.name, ErrCancelled), "choose another name with --campaign")
	}
	if err := c.l.settle(ctx, c.id); err != nil {
		return err
	}
	if changed := spec.compare(was); changed != nil {
		return c.startOver(ctx, spec, changed)
	}
	c.loaded = true
	return nil
}

// startOver lets a campaign take its list in again with other parts, as long as
// nobody was tried. Otherwise it returns what has changed.
func (c *Campaign) startOver(ctx context.Context, spec Spec, changed error) error {
	tried := false
	first, last := recipientsOf(c.id)
	_, err := c.l.r.one(ctx, []any{&tried},
		"SELECT EXISTS (SELECT 1 FROM states WHERE id BETWEEN ? AND ? AND attempts > 0)", first, last)
	if err != nil {
		return err
	}
	if tried {
		return changed
	}
	if err := c.respecify(ctx, spec); err != nil {
		return err
	}
	return c.l.w.update(ctx, func(t tx) error {
		_, err := t.exec("UPDATE campaigns SET status = ?, reason = '' WHERE id = ?", string(StatusLoading), c.id)
		return err
	})
}

// respecify changes the parts of a campaign whose list was never taken in.
func (c *Campaign) respecify(ctx context.Context, spec Spec) error {
	return c.l.w.update(ctx, func(t tx) error {
		_, err := t.exec(`UPDATE campaigns SET list_name = ?, list_digest = ?, message_name = ?, message_digest = ?,
			sender_name = ?, sender_digest = ?, via_name = ?, via_digest = ?, rows_name = ?, rows_digest = ? WHERE id = ?`, append(spec.columns(), c.id)...)
		return err
	})
}

// Name returns the campaign's name.
func (c *Campaign) Name() string { return c.name }

// Loaded reports whether the campaign's list was taken in, by this process or
// an earlier one.
func (c *Campaign) Loaded() bool { return c.loaded }

// Pause notes that the campaign stopped before its end, and why. It is resumed
// by [Ledger.Begin] and the next claim.
func (c *Campaign) Pause(ctx context.Context, reason string) error {
	return c.setStatus(ctx, StatusPaused, reason)
}

// Finish notes that nothing is left to do. A campaign that is finished can be
// begun again, and is sending again when somebody can be claimed.
func (c *Campaign) Finish(ctx context.Context) error {
	return c.setStatus(ctx, StatusFinished, "")
}

func (c *Campaign) setStatus(ctx context.Context, status Status, reason string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return ErrClosed
	case !c.loaded:
		return ErrNotReady
	}
	ended := sql.NullInt64{Int64: c.l.now().UnixMicro(), Valid: status == StatusFinished}
	err := c.l.w.updateSynced(ctx, func(t tx) error {
		_, err := t.exec("UPDATE campaigns SET status = ?, reason = ?, ended = ? WHERE id = ?",
			string(status), reason, ended, c.id)
		return err
	})
	if err == nil {
		c.sending = false
	}
	return c.l.explain(err)
}

// ResendUnknown makes everyone whose outcome is unknown pending again, as if
// they had never been tried, and returns how many they are. Some of them may
// receive the message twice.
func (c *Campaign) ResendUnknown(ctx context.Context) (int, error) {
	first, last := recipientsOf(c.id)
	var n int64
	err := c.l.w.updateSynced(ctx, func(t tx) error {
		result, err := t.exec("UPDATE states SET state = ?, due = 0, first = NULL WHERE state = ? AND id BETWEEN ? AND ?",
			int64(statePending), int64(stateUnknown), first, last)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	return int(n), c.l.explain(err)
}

// Close ends this process's work on the campaign. Recipients that are still
// claimed are settled: unknown where an intent has no outcome, else they wait
// again.
func (c *Campaign) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	var err error
	if len(c.leases) > 0 {
		clear(c.leases)
		err = c.l.explain(c.l.settle(context.Background(), c.id))
	}
	return errors.Join(err, c.lock.release())
}
