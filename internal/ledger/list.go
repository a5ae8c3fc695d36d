package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// An Info says what is known of a campaign without counting.
type Info struct {
	Name       string
	Status     Status
	Reason     string // why it is paused
	Spec       Spec
	Recipients int64     // rows taken in
	Created    time.Time // when it was first begun
	Started    time.Time // when the first recipients were claimed; zero before
	Ended      time.Time // when it finished or was cancelled; zero before
}

const (
	listPage    = 100
	infoColumns = `id, name, status, reason, recipients, created, started, ended, list_name, list_digest, message_name, message_digest,
		sender_name, sender_digest, via_name, via_digest, rows_name, rows_digest`
)

// List calls yield for every campaign, oldest first, until yield returns an
// error.
func (l *Ledger) List(ctx context.Context, yield func(Info) error) error {
	for after, more := int64(0), true; more; {
		page := make([]Info, 0, listPage)
		err := l.r.each(ctx, func(rows *sql.Rows) error {
			id, info, err := l.scanInfo(rows.Scan)
			page, after = append(page, info), id
			return err
		}, "SELECT "+infoColumns+" FROM campaigns WHERE id > ? ORDER BY id LIMIT ?", after, listPage)
		if err != nil {
			return l.explain(err)
		}
		for _, info := range page {
			if err := yield(info); err != nil {
				return err
			}
		}
		more = len(page) == listPage
	}
	return nil
}

// Show returns what is known of a campaign, and counts its recipients. What a
// dead process left behind is settled before. The error is [ErrNotFound] when
// there is no such campaign.
func (l *Ledger) Show(ctx context.Context, name string) (Info, Totals, error) {
	id, err := l.need(ctx, name)
	if err != nil {
		return Info{}, Totals{}, err
	}
	if err := l.settleIdle(ctx, id); err != nil {
		return Info{}, Totals{}, l.explain(err)
	}
	var info Info
	err = l.r.each(ctx, func(rows *sql.Rows) error {
		_, info, err = l.scanInfo(rows.Scan)
		return err
	}, "SELECT "+infoColumns+" FROM campaigns WHERE id = ?", id)
	if err != nil {
		return Info{}, Totals{}, l.explain(err)
	}
	totals, err := l.totals(ctx, id)
	return info, totals, err
}

func (l *Ledger) scanInfo(scan func(...any) error) (int64, Info, error) {
	var info Info
	var id int64
	var status string
	var created, started, ended sql.NullInt64
	err := scan(append([]any{
		&id, &info.Name, &status, &info.Reason, &info.Recipients, &created, &started, &ended,
	}, info.Spec.fields()...)...)
	if err != nil {
		return 0, info, err
	}
	running, err := held(lockPath(l.dir, id))
	info.Spec.Name, info.Status = info.Name, Status(status).seen(running)
	info.Created, info.Started, info.Ended = timeOf(created), timeOf(started), timeOf(ended)
	return id, info, err
}

// Cancel ends a campaign for good: whoever is pending or deferred is never sent
// to. It returns the campaign's status from then on: one that is finished stays so.
// The error is a [*BusyError] when a process works on it, and [ErrNotFound]
// when there is no such campaign. To cancel it twice is no error.
func (l *Ledger) Cancel(ctx context.Context, name string) (Status, error) {
	id, err := l.need(ctx, name)
	if err != nil {
		return "", err
	}
	lock, err := l.lockCampaign(ctx, id, name)
	if err != nil {
		return "", err
	}
	var status string
	err = l.settle(ctx, id)
	if err == nil {
		err = l.w.updateSynced(ctx, func(t tx) error {
			_, err := t.exec("UPDATE campaigns SET status = ?, reason = '', ended = ? WHERE id = ? AND status NOT IN (?, ?)",
				string(StatusCancelled), l.now().UnixMicro(), id, string(StatusCancelled), string(StatusFinished))
			if err != nil {
				return err
			}
			_, err = t.one([]any{&status}, "SELECT status FROM campaigns WHERE id = ?", id)
			return err
		})
	}
	return Status(status), errors.Join(l.explain(err), lock.release())
}

// settleIdle settles a campaign that no process works on.
func (l *Ledger) settleIdle(ctx context.Context, campaign int64) error {
	lock, err := acquire(ctx, lockPath(l.dir, campaign), 0)
	if errors.Is(err, errLocked) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(l.settle(ctx, campaign), lock.release())
}
