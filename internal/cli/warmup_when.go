package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/warmup"
)

// planBegins returns the first day of a plan that has not begun on a date.
func planBegins(p *warmup.Plan, today warmup.Date) (first warmup.Date, ahead bool) {
	first = p.Days[0].Date
	return first, today.Before(first)
}

// planEnded returns the last day of a plan that is over on a date.
func planEnded(p *warmup.Plan, today warmup.Date) (last warmup.Day, over bool) {
	last = p.Days[len(p.Days)-1]
	return last, last.Date.Before(today)
}

// planOver says what a plan that is over still does.
func planOver(path string, last warmup.Day) string {
	return fmt.Sprintf("the plan %q ended on %s: no more than the %s of its last day leave in a day",
		path, last.Date, ui.Plural(last.Total, "message"))
}

// afterPlan is what to do about a plan that is over.
const afterPlan = "leave --warmup out, or make a plan with a higher --target"

// warmup looks at the plan that the configuration names for send, moved by the
// days on which nothing was sent.
func (d *doctor) warmup(ctx context.Context) {
	path := d.s.Send.Warmup
	if path == "" {
		return
	}
	p, err := openPlan(path)
	if err == nil {
		p, err = d.follow(ctx, p)
	}
	if err != nil {
		d.sayError("warm-up", ui.DiagnosisError, err)
		return
	}
	now := d.env.Now()
	today := warmup.DateOf(now)
	if first, ahead := planBegins(p, today); ahead {
		d.say("warm-up", ui.DiagnosisWarning, fmt.Sprintf("the plan %q begins on %s: nothing leaves before", path, first),
			"wait, or make a plan with an earlier --from")
		return
	}
	if last, over := planEnded(p, today); over {
		d.say("warm-up", ui.DiagnosisWarning, planOver(path, last), afterPlan)
		return
	}
	caps := p.CapsOn(now)
	if caps.Day == 0 {
		d.say("warm-up", ui.DiagnosisOK, fmt.Sprintf("the plan %q sends nothing today, but again from %s on", path, caps.Next), "")
		return
	}
	d.say("warm-up", ui.DiagnosisOK, fmt.Sprintf("day %d of %d of the plan %q", caps.Day, len(p.Days), path), "")
}

// follow returns a plan as it is today. A ledger that does not exist yet is not
// made.
func (d *doctor) follow(ctx context.Context, p *warmup.Plan) (_ *warmup.Plan, err error) {
	if _, err := os.Stat(d.s.State); err != nil { // no folder is an empty ledger
		t, err := warmup.DefaultThresholds()
		if err != nil {
			return nil, err
		}
		return p.Follow(nil, warmup.DateOf(d.env.Now()), t, d.s.Send.Adapt), nil
	}
	l, err := openLedger(ctx, d.env, d.s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	followed, err := followPlan(ctx, l, p, d.env.Now(), ledger.DailyQuery{}, d.s.Send.Adapt)
	if err != nil {
		return nil, err
	}
	return followed.plan, nil
}
