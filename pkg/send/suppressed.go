package send

import (
	"context"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// claim claims recipients, and tells of those that were put on the suppression list
// meanwhile. It reports whether more may be due.
func (s *source) claim(ctx context.Context) (claimed []Recipient, more bool, err error) {
	all, err := s.run.store.Claim(ctx, s.key, claimSize, s.run.due())
	if err != nil {
		return nil, false, err
	}
	s.mu.Lock()
	s.open += len(all)
	s.mu.Unlock()
	claimed = make([]Recipient, 0, len(all))
	for _, r := range all {
		if !r.Suppressed {
			claimed = append(claimed, r)
			continue
		}
		it := &item{recipient: r, s: s}
		s.run.recorder.entries <- entry{change: Change{Recipient: r.ID, Attempt: s.run.notTried(it)}, item: it, known: true}
	}
	return claimed, len(all) == claimSize, nil
}

// suppressed reports whether nothing may be sent to the recipient of an item, since
// they were put on the suppression list after they were claimed, or since nobody can
// tell. The item has then been recorded or given back.
func (w *worker) suppressed(it *item) bool {
	r := w.q.run
	suppressed, err := r.store.Suppressed(r.hard, it.recipient)
	switch {
	case err != nil:
		r.stop(err)
		w.q.giveBack(it)
	case suppressed:
		w.conclude(it, r.notTried(it))
	default:
		return false
	}
	return true
}

// notTried makes what is told of somebody who is suppressed: an attempt that never
// was.
func (r *run) notTried(it *item) *delivery.Attempt {
	return &delivery.Attempt{
		Time:        r.opt.Clock(),
		Recipient:   it.recipient.Address,
		Destination: it.s.key,
		Outcome:     delivery.OutcomeSuppressed,
		Err:         "put on the suppression list after the campaign was begun",
		Verdict:     delivery.Verdict{Reason: delivery.ReasonSuppressed, Scope: delivery.ScopeRecipient},
	}
}
