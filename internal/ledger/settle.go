package ledger

import (
	"context"
	"database/sql"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Why an outcome is unknown.
const (
	diedBeforeReply = "mailctl ended before the answer was recorded"
	bootedSince     = "the machine was started anew before the answer was recorded"
)

// settle gives everyone whom a process claimed and did not settle a state: who
// has an intent is unknown, everyone else waits again. What was claimed before
// the machine was last started is unknown as a whole, because intents may be
// missing. The campaign's lock must be held.
func (l *Ledger) settle(ctx context.Context, campaign int64) error {
	claimed := false
	first, last := recipientsOf(campaign)
	_, err := l.r.one(ctx, []any{&claimed}, `SELECT EXISTS (SELECT 1 FROM claims WHERE campaign = ?)
		OR EXISTS (SELECT 1 FROM intents WHERE id BETWEEN ? AND ?)`, campaign, first, last)
	if err != nil || !claimed {
		return err
	}
	return l.w.updateSynced(ctx, func(t tx) error {
		s := settlement{t: t, campaign: campaign, boot: l.boot, now: l.now()}
		return s.run()
	})
}

type settlement struct {
	t        tx
	campaign int64
	boot     string
	now      time.Time
	intents  map[int64]bool
}

func (s *settlement) run() error {
	if err := s.readIntents(); err != nil {
		return err
	}
	claims, err := s.readClaims()
	if err != nil {
		return err
	}
	for _, left := range claims {
		for _, id := range left.ids {
			if err := s.settle(id, left); err != nil {
				return err
			}
		}
	}
	if _, err := s.t.exec("DELETE FROM claims WHERE campaign = ?", s.campaign); err != nil {
		return err
	}
	first, last := recipientsOf(s.campaign)
	_, err = s.t.exec("DELETE FROM intents WHERE id BETWEEN ? AND ?", first, last)
	return err
}

func (s *settlement) readIntents() error {
	s.intents = map[int64]bool{}
	first, last := recipientsOf(s.campaign)
	return s.t.each(func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		s.intents[id] = true
		return err
	}, "SELECT id FROM intents WHERE id BETWEEN ? AND ?", first, last)
}

// A leftClaim is a claim that was left behind.
type leftClaim struct {
	ids         []int64
	destination int64
	boot        string
}

func (s *settlement) readClaims() ([]leftClaim, error) {
	var claims []leftClaim
	err := s.t.each(func(rows *sql.Rows) error {
		var left leftClaim
		var packed []byte
		err := rows.Scan(&left.destination, &left.boot, &packed)
		if err == nil {
			left.ids, err = unpackIDs(s.campaign, packed)
		}
		claims = append(claims, left)
		return err
	}, "SELECT destination, boot, recipients FROM claims WHERE campaign = ? ORDER BY id", s.campaign)
	return claims, err
}

// settle gives one claimed recipient a state, unless it has one since.
func (s *settlement) settle(id int64, left leftClaim) error {
	ls := &lease{id: id, claim: &claim{destination: left.destination}}
	var now int64
	found, err := s.t.one([]any{&now, &ls.attempts, &ls.first, &ls.last},
		"SELECT state, attempts, first, last FROM states WHERE id = ?", id)
	if err != nil || found && state(now) != stateClaimed {
		return err
	}
	rebooted := s.boot == "" || s.boot != left.boot
	if !rebooted && !s.intents[id] {
		return s.t.putBack(id, left.destination)
	}
	why := diedBeforeReply
	if rebooted {
		why = bootedSince
	}
	return s.t.putAttempt(outcome{lease: ls, state: stateUnknown, attempt: &delivery.Attempt{
		Time:    s.now,
		Stage:   delivery.StageMessage,
		Err:     why,
		Outcome: delivery.OutcomeUnknown,
		Verdict: delivery.Verdict{
			Class: delivery.ClassUnknown, Bounce: delivery.BounceNone,
			Scope: delivery.ScopeRecipient, Action: delivery.ActionNone,
		},
	}})
}
