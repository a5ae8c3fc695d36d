package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// StageBounce is the stage of what a bounce told later, when the session was long
// over. It is no attempt of its own: it has the number of the last one.
const StageBounce delivery.Stage = "bounce"

// Amend corrects the outcome of a recipient by what was learned after the server
// had taken the message, and reports whether that changed anything. Who was
// delivered, or unknown, becomes bounced; who was unknown becomes delivered. Any
// other outcome stays: whoever still waits will get an answer of their own, and a
// bounce that is read twice changes nothing the second time.
//
// Of the attempt Outcome, Reply, Verdict, Host, Err and MessageID are kept, with
// the present time.
func (l *Ledger) Amend(ctx context.Context, id int64, a delivery.Attempt) (bool, error) {
	to, ok := stateOf(a.Outcome)
	if !ok || to != stateBounced && to != stateDelivered {
		return false, fmt.Errorf("row %d: no bounce makes it %q", rowOf(id), a.Outcome)
	}
	a.Stage = StageBounce
	changed := false
	err := l.w.update(ctx, func(t tx) error {
		var from, number, size int64
		var last sql.NullInt64
		found, err := t.one([]any{&from, &number, &size, &last}, "SELECT state, attempts, size, last FROM states WHERE id = ?", id)
		if err != nil || !found || !amends(state(from), to) {
			return err
		}
		changed = true
		a.Time, a.Number, a.Size = l.now(), int(number), size
		return t.amend(id, to, last, a)
	})
	return changed && err == nil, l.explain(err)
}

// amends reports whether a bounce may lead from one state to another.
func amends(from, to state) bool {
	return from == stateUnknown || from == stateDelivered && to == stateBounced
}

// amend stores what a bounce told and the state it leads to.
func (t tx) amend(id int64, to state, last sql.NullInt64, a delivery.Attempt) error {
	kindID, err := t.kind(kind{a.Outcome, a.Stage, a.Reply.Code, a.Reply.Enhanced, a.Verdict})
	if err != nil {
		return err
	}
	peerID, err := t.peer(peer{host: a.Host})
	if err != nil {
		return err
	}
	result, err := t.exec(`INSERT INTO attempts (recipient, previous, number, time, kind, peer, size, duration, message_id, reply, error)
		VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)`,
		id, last, a.Number, a.Time.UnixMicro(), kindID, peerID, a.Size, a.MessageID, packLines(a.Reply.Lines), a.Err)
	if err != nil {
		return err
	}
	now, err := result.LastInsertId()
	if err != nil {
		return err
	}
	_, err = t.exec("UPDATE states SET state = ?, kind = ?, last = ? WHERE id = ?", int64(to), kindID, now, id)
	return err
}
