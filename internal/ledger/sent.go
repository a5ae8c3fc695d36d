package ledger

import (
	"context"
	"database/sql"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Sent is a recipient somebody tried to send to, as [Ledger.FindSent] finds it.
// Rehearsals do not count.
type Sent struct {
	ID        int64 // for [Ledger.Amend]
	Campaign  string
	Address   delivery.Address
	Outcome   delivery.Outcome
	ByMessage bool // found by its Message-ID, and not only by its address
}

// sentPage is how many attempts are taken into the tables in one transaction.
const sentPage = 20_000

// RefreshSent lets [Ledger.FindSent] find what was sent up to now. It looks only
// at what has come since it was called last.
func (l *Ledger) RefreshSent(ctx context.Context) error {
	for more := true; more; {
		err := l.w.update(ctx, func(t tx) error {
			var err error
			more, err = t.refreshSent()
			return err
		})
		if err != nil {
			return l.explain(err)
		}
	}
	return nil
}

// refreshSent takes some attempts in, and reports whether there are more.
func (t tx) refreshSent() (bool, error) {
	var seen int64
	var newest sql.NullInt64
	if _, err := t.one([]any{&seen, &newest}, "SELECT attempt, (SELECT max(id) FROM attempts) FROM sent_until"); err != nil {
		return false, err
	}
	if newest.Int64 <= seen {
		return false, nil
	}
	until := min(newest.Int64, seen+sentPage)
	for _, statement := range []string{
		`INSERT INTO sent_messages (message_id, recipient)
			SELECT a.message_id, a.recipient FROM attempts a JOIN campaigns c ON c.id = a.recipient >> 32
			WHERE a.id > ? AND a.id <= ? AND a.message_id <> '' AND NOT ` + isRehearsal + ` ORDER BY a.message_id
			ON CONFLICT DO NOTHING`,
		`INSERT INTO sent_addresses (address, recipient)
			SELECT lower(r.address), max(a.recipient) FROM attempts a JOIN recipients r ON r.id = a.recipient
			JOIN campaigns c ON c.id = a.recipient >> 32
			WHERE a.id > ? AND a.id <= ? AND r.address <> '' AND NOT ` + isRehearsal + ` GROUP BY lower(r.address)
			ON CONFLICT DO UPDATE SET recipient = max(recipient, excluded.recipient)`,
	} {
		if _, err := t.exec(statement, seen, until); err != nil {
			return false, err
		}
	}
	_, err := t.exec("UPDATE sent_until SET attempt = ?", until)
	return until < newest.Int64, err
}

// FindSent finds the recipient of a message by its Message-ID, with angle
// brackets, else the last one with an address, and whether there is one. Either
// may be empty. Only what [Ledger.RefreshSent] saw is found.
func (l *Ledger) FindSent(ctx context.Context, messageID string, a delivery.Address) (Sent, bool, error) {
	var found Sent
	var stored string
	var in, attempts int64
	const columns = `SELECT r.id, c.name, r.address, coalesce(s.state, 1), coalesce(s.attempts, 0) `
	const rest = ` JOIN recipients r ON r.id = f.recipient JOIN campaigns c ON c.id = r.id >> 32 LEFT JOIN states s ON s.id = r.id WHERE `
	dest := []any{&found.ID, &found.Campaign, &stored, &in, &attempts}
	var err error
	if messageID != "" {
		found.ByMessage, err = l.r.one(ctx, dest, columns+"FROM sent_messages f"+rest+"f.message_id = ?", messageID)
	}
	some := found.ByMessage
	if err == nil && !some && !a.IsZero() {
		some, err = l.r.one(ctx, dest, columns+"FROM sent_addresses f"+rest+"f.address = lower(?)", a.Key())
	}
	if err != nil || !some {
		return Sent{}, false, l.explain(err)
	}
	found.Address = addressOf(stored)
	found.Outcome = state(in).outcome(attempts)
	return found, true, nil
}
