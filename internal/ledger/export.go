package ledger

import (
	"context"
	"database/sql"
	"slices"
	"strings"
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

// attemptColumns are what [storedAttempt] scans.
const attemptColumns = `a.number, a.time, a.size, a.duration, a.message_id, a.reply, a.error, a.previous,
	k.outcome, k.stage, k.code, k.enhanced, k.class, k.reason, k.bounce, k.scope, k.action, k.provider, k.ref, k.confidence,
	p.host, p.ip, p.tls`

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
	for more := true; more; {
		page := make([]Recipient, 0, exportPage)
		err := l.r.each(ctx, func(rows *sql.Rows) error {
			id, r, err := scanRecipient(rows)
			page, after = append(page, r), id
			return err
		}, `SELECT r.id, r.line, r.address, coalesce(d.key, ''), coalesce(s.state, 1), coalesce(s.attempts, 0), s.due,
				q.reason, q.text, `+attemptColumns+`
			FROM recipients r
			LEFT JOIN states s ON s.id = r.id
			LEFT JOIN destinations d ON d.id = coalesce(s.destination, r.destination)
			LEFT JOIN problems q ON q.id = r.id
			LEFT JOIN attempts a ON a.id = s.last
			LEFT JOIN kinds k ON k.id = a.kind
			LEFT JOIN peers p ON p.id = a.peer
			WHERE r.id > ? AND r.id <= ? ORDER BY r.id LIMIT ?`, after, last, exportPage)
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

func scanRecipient(rows *sql.Rows) (int64, Recipient, error) {
	var r Recipient
	var id, in int64
	var due sql.NullInt64
	var address string
	var reason, text sql.NullString
	var last storedAttempt
	err := rows.Scan(append([]any{
		&id, &r.Line, &address, &r.Destination, &in, &r.Attempts, &due, &reason, &text,
	}, last.fields()...)...)
	if err != nil {
		return 0, r, err
	}
	r.Row = rowOf(id)
	r.Address = addressOf(address)
	r.Outcome = state(in).outcome(int64(r.Attempts))
	if r.Outcome == delivery.OutcomeDeferred {
		r.NextTry = timeOf(due)
	}
	if reason.Valid {
		r.Problem = &Problem{Reason: reason.String, Text: text.String}
	}
	if last.number.Valid {
		a := last.attempt(r.Address, r.Destination)
		r.Last = &a
	}
	return id, r, nil
}

// Attempts returns everything that was tried for an address in a campaign,
// oldest first. A list may hold an address more than once; then the attempts
// follow each other row by row.
func (l *Ledger) Attempts(ctx context.Context, name string, address delivery.Address) ([]delivery.Attempt, error) {
	campaign, err := l.need(ctx, name)
	if err != nil {
		return nil, err
	}
	if err := l.settleIdle(ctx, campaign); err != nil {
		return nil, l.explain(err)
	}
	first, last := recipientsOf(campaign)
	var ends []int64 // last attempts
	err = l.r.each(ctx, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ends = append(ends, id)
		return err
	}, `SELECT s.last FROM recipients r JOIN states s ON s.id = r.id
		WHERE r.id BETWEEN ? AND ? AND r.address = ? AND s.last IS NOT NULL ORDER BY r.id`, first, last, address.Key())
	if err != nil {
		return nil, l.explain(err)
	}
	var all []delivery.Attempt
	for _, end := range ends {
		some, err := l.chain(ctx, end, address)
		if err != nil {
			return nil, l.explain(err)
		}
		all = append(all, some...)
	}
	return all, nil
}

// chain returns an attempt and all before it, oldest first.
func (l *Ledger) chain(ctx context.Context, end int64, address delivery.Address) ([]delivery.Attempt, error) {
	var all []delivery.Attempt
	for next := (sql.NullInt64{Int64: end, Valid: true}); next.Valid; {
		var stored storedAttempt
		var destination string
		_, err := l.r.one(ctx, append([]any{&destination}, stored.fields()...),
			`SELECT coalesce((SELECT key FROM destinations d JOIN states s ON s.destination = d.id WHERE s.id = a.recipient), ''), `+
				attemptColumns+` FROM attempts a JOIN kinds k ON k.id = a.kind JOIN peers p ON p.id = a.peer WHERE a.id = ?`, next)
		if err != nil {
			return nil, err
		}
		all = append(all, stored.attempt(address, destination))
		next = stored.previous
	}
	slices.Reverse(all)
	return all, nil
}

// A storedAttempt is an attempt as it is scanned. Its columns are null when
// there is none.
type storedAttempt struct {
	number, time, size, duration, previous               sql.NullInt64
	messageID, reply, err                                sql.NullString
	outcome, stage, class, reason, bounce, scope, action sql.NullString
	provider, ref                                        sql.NullString
	code, enhanced                                       sql.NullInt64
	confidence                                           sql.NullFloat64
	host, ip, tls                                        sql.NullString
}

// fields returns where to scan attemptColumns to.
func (s *storedAttempt) fields() []any {
	return []any{
		&s.number, &s.time, &s.size, &s.duration, &s.messageID, &s.reply, &s.err, &s.previous,
		&s.outcome, &s.stage, &s.code, &s.enhanced, &s.class, &s.reason, &s.bounce, &s.scope, &s.action,
		&s.provider, &s.ref, &s.confidence, &s.host, &s.ip, &s.tls,
	}
}

func (s *storedAttempt) attempt(address delivery.Address, destination string) delivery.Attempt {
	a := delivery.Attempt{
		Time:        timeOf(s.time),
		Recipient:   address,
		Number:      int(s.number.Int64),
		Destination: destination,
		Host:        s.host.String,
		IP:          s.ip.String,
		Stage:       delivery.Stage(s.stage.String),
		Reply:       delivery.Reply{Code: int(s.code.Int64), Enhanced: unpackEnhanced(s.enhanced.Int64)},
		Err:         s.err.String,
		Outcome:     delivery.Outcome(s.outcome.String),
		Verdict: delivery.Verdict{
			Class:      delivery.Class(s.class.String),
			Reason:     delivery.Reason(s.reason.String),
			Bounce:     delivery.Bounce(s.bounce.String),
			Scope:      delivery.Scope(s.scope.String),
			Action:     delivery.Action(s.action.String),
			Provider:   s.provider.String,
			Ref:        s.ref.String,
			Confidence: s.confidence.Float64,
		},
		MessageID: s.messageID.String,
		TLS:       s.tls.String,
		Size:      s.size.Int64,
		Duration:  time.Duration(s.duration.Int64) * time.Microsecond,
	}
	if s.reply.Valid {
		a.Reply.Lines = strings.Split(s.reply.String, "\n")
	}
	return a
}
