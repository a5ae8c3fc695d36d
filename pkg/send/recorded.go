package send

import "github.com/mailctl/mailctl/pkg/delivery"

// recorded is called by the recorder once an attempt is stored.
func (r *run) recorded(it *item, a *delivery.Attempt) {
	r.opt.OnAttempt(it.recipient, *a)
	it.s.settled(a.Outcome == delivery.OutcomeDeferred)
	if a.Outcome == delivery.OutcomeSuppressed {
		return
	}
	if it.recipient.Attempts == 0 {
		r.tried++
	}
	if a.Outcome == delivery.OutcomeBounced && a.Verdict.Bounce == delivery.BounceHard {
		r.bounces++
	}
	r.watchBounces()
}

// bounceSample is how many recipients must have been tried before their
// bounces say something about the list.
const bounceSample = 100

// watchBounces pauses the campaign when too many bounced hard.
func (r *run) watchBounces() {
	if r.opt.MaxBounceRate <= 0 || r.tried < bounceSample {
		return
	}
	if share := float64(r.bounces) / float64(r.tried); share > r.opt.MaxBounceRate {
		r.stop(&Paused{Reason: PauseBounces, Share: share})
	}
}

// tell reports a change of pace.
func (r *run) tell(e Event) {
	if e.Time.IsZero() {
		e.Time = r.opt.Clock()
	}
	r.events.Lock()
	defer r.events.Unlock()
	r.opt.OnEvent(e)
}
