package ledger

import (
	"context"
	"database/sql"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Recipient is one row of a campaign and what became of it.
type Recipient struct {
	Row, Line   int
	Address     delivery.Address // zero when the row has none
	Destination string
	Outcome     delivery.Outcome // empty when pending
	Attempts    int
	NextTry     time.Time         // when a deferred one is due; else zero
	Last        *delivery.Attempt // nil before the first
	Problem     *Problem          // why it was skipped before sending; else nil
}

// exportPage is how many recipients are read at a time.
const exportPage = 500

const selectRecipients = `SELECT r.id, r.line, r.address, coalesce(d.key, ''), coalesce(s.state, 1), coalesce(s.attempts, 0), s.due,
		q.reason, q.text, ` + attemptColumns + `
	FROM recipients r
	LEFT JOIN states s ON s.id = r.id
	LEFT JOIN destinations d ON d.id = coalesce(s.destination, r.destination)
	LEFT JOIN problems q ON q.id = r.id
	LEFT JOIN attempts a ON a.id = s.last
	LEFT JOIN kinds k ON k.id = a.kind
	LEFT JOIN peers p ON p.id = a.peer
	WHERE r.id > ? AND r.id <= ? ORDER BY r.id LIMIT ?`

// Export calls yield for every recipient of a campaign in list order, until
// yield returns an error. What a dead process left behind is settled before.
func (l *Ledger) Export(ctx context.Context, name string, yield func(Recipient) error) error {
	campaign, err := l.need(ctx, name)
	if err != nil {
		return err
	}
	if err := l.settleIdle(ctx, campaign); err != nil {
		return l.explain(err)
	}
	after, last := recipientsOf(campaign)
	stored := newStoredRecipient()
	for more := true; more; {
		page := make([]Recipient, 0, exportPage)
		err := l.r.each(ctx, func(rows *sql.Rows) error {
			if err := rows.Scan(stored.fields...); err != nil {
				return err
			}
			page, after = append(page, stored.recipient()), stored.id
			return nil
		}, selectRecipients, after, last, exportPage)
		if err != nil {
			return l.explain(err)
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

// A storedRecipient is a recipient as it is scanned, row after row.
type storedRecipient struct {
	id, state, attempts int64
	line                int
	address             string
	destination         string
	due                 sql.NullInt64
	reason, text        sql.NullString
	last                storedAttempt
	fields              []any // where to scan selectRecipients to
}

func newStoredRecipient() *storedRecipient {
	s := new(storedRecipient)
	s.fields = append([]any{
		&s.id, &s.line, &s.address, &s.destination, &s.state, &s.attempts, &s.due, &s.reason, &s.text,
	}, s.last.fields()...)
	return s
}

func (s *storedRecipient) recipient() Recipient {
	r := Recipient{
		Row:         rowOf(s.id),
		Line:        s.line,
		Address:     addressOf(s.address),
		Destination: s.destination,
		Outcome:     state(s.state).outcome(s.attempts),
		Attempts:    int(s.attempts),
	}
	if r.Outcome == delivery.OutcomeDeferred {
		r.NextTry = timeOf(s.due)
	}
	if s.reason.Valid {
		r.Problem = &Problem{Reason: s.reason.String, Text: s.text.String}
	}
	if s.last.number.Valid {
		a := s.last.attempt(r.Address, r.Destination)
		r.Last = &a
	}
	return r
}
