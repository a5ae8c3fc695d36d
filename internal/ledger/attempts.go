package ledger

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

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

// attemptColumns are what a [storedAttempt] is scanned from.
const attemptColumns = `a.number, a.time, a.size, a.duration, a.message_id, a.reply, a.error, a.previous,
	k.outcome, k.stage, k.code, k.enhanced, k.class, k.reason, k.bounce, k.scope, k.action, k.provider, k.ref, k.confidence,
	p.host, p.ip, p.tls`

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
