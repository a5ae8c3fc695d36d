package cli

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// send sends to everyone who is left.
func (m *mailing) send(ctx context.Context) (err error) {
	c := newConsole(m.env, m.s)
	transport, end, err := m.transport(ctx, c)
	defer func() { err = errors.Join(err, end()) }()
	if err != nil {
		return err
	}
	if err := m.preflight(ctx, transport); err != nil {
		return err
	}
	l, err := openLedger(ctx, m.env, m.s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	campaign, err := l.Begin(ctx, m.spec())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, campaign.Close()) }()
	resumed := campaign.Loaded()
	if err := m.takeIn(ctx, c, campaign); err != nil {
		return err
	}
	before, err := campaign.Totals(ctx)
	if err != nil {
		return err
	}
	if err := m.warnOfIdleRates(ctx, c, campaign); err != nil {
		return err
	}
	if err := m.confirm(ctx, m.plan(before, resumed)); err != nil {
		return err
	}
	if err := m.resend(ctx, c, campaign); err != nil {
		return err
	}
	r := &running{mailing: m, console: c, ledger: l, campaign: campaign, transport: transport, before: before}
	return r.run(ctx)
}

// openLedger opens what is remembered.
func openLedger(ctx context.Context, env Environment, s settings) (*ledger.Ledger, error) {
	boot, err := ledger.ReadBootID()
	if err != nil {
		return nil, err
	}
	return ledger.Open(ctx, s.State, ledger.Options{BootID: boot, Now: env.Now})
}

// A running mailing is on its way.
type running struct {
	*mailing
	console   *console
	ledger    *ledger.Ledger
	campaign  *ledger.Campaign
	transport send.Transport
	before    ledger.Totals
	counts    *ui.SendCounts
}

// run sends, and reports what came of it.
func (r *running) run(ctx context.Context) error {
	started := r.env.Now()
	err := writeResult(r.env, r.s, func(out *output) error {
		err := r.deliver(ctx, out)
		// What was interrupted is still reported.
		ctx := context.WithoutCancel(ctx)
		saved := r.saveStatus(ctx, err)
		summary, failed := r.summarize(ctx, r.env.Now().Sub(started))
		switch {
		case failed == nil && saved == nil:
			return r.report(out, summary, err)
		case err != nil:
			return err // the first error is the one that counts
		default:
			return errors.Join(saved, failed)
		}
	})
	return afterSending(err)
}

// afterSending makes sure that an error does not pass for one of usage once
// mail may have left.
func afterSending(err error) error {
	var exit *exitError
	if err == nil || errors.As(err, &exit) {
		return err
	}
	return unfinished(delivery.Hint(err, "run the same command again once that is mended; nobody is lost or repeated"))
}

// deliver runs the pipeline.
func (r *running) deliver(ctx context.Context, out *output) error {
	limits, err := r.pace.limits(r.env.Now, func(destination string, rate delivery.Rate) ([]time.Time, error) {
		return r.campaign.RecentSends(ctx, destination, r.env.Now().Add(-rate.Per), rate.Count)
	})
	if err != nil {
		return err
	}
	opt := send.Options{
		Transport:      r.transport,
		Renderer:       r.letter,
		Clock:          r.env.Now,
		Jitter:         rand.Float64,
		Connections:    r.s.Send.Connections,
		PerDestination: r.s.Send.ConnectionsPerDestination,
		PerConnection:  r.s.Send.MessagesPerConnection,
		Limits:         limits,
		Retry:          send.Retry{For: r.s.Send.RetryFor, After: r.s.Send.RetryAfter, NoWait: r.s.Send.NoWait},
		MaxBounceRate:  r.pace.bounceRate,
		Tried:          int(r.before.Delivered + r.before.Bounced + r.before.Deferred + r.before.Unknown),
		Delivered:      int(r.before.Delivered),
		HardBounces:    int(r.before.HardBounces),
		OnEvent:        r.event,
	}
	r.counts = &ui.SendCounts{Style: r.console.style}
	r.counts.Start(int(r.before.Recipients), settled(r.before))
	opt.OnAttempt = r.attempt(out)
	defer r.console.watch(r.counts)()
	return send.Run(ctx, r.campaign, opt)
}

// settled returns the outcomes of earlier runs.
func settled(t ledger.Totals) map[string]int {
	return map[string]int{
		string(delivery.OutcomeDelivered):  int(t.Delivered),
		string(delivery.OutcomeDeferred):   int(t.Deferred),
		string(delivery.OutcomeBounced):    int(t.Bounced),
		string(delivery.OutcomeUnknown):    int(t.Unknown),
		string(delivery.OutcomeSuppressed): int(t.Suppressed),
		string(delivery.OutcomeSkipped):    int(t.Skipped),
	}
}

// attempt returns what is done with each attempt.
func (r *running) attempt(out *output) func(send.Recipient, delivery.Attempt) {
	return func(to send.Recipient, a delivery.Attempt) {
		before := ""
		if to.Attempts > 0 {
			before = string(delivery.OutcomeDeferred)
		}
		r.counts.Add(string(a.Outcome), before)
		if a.Outcome == delivery.OutcomeDelivered {
			r.counts.Note("")
		}
		if r.s.Format == "jsonl" {
			// An error of writing shows when the output is flushed.
			_ = ui.WriteAttempt(out, r.campaign.Name(), to.Row, label(a.Recipient.Domain), a)
			_ = out.Flush()
		}
	}
}

// event shows why mail waits.
func (r *running) event(e send.Event) {
	switch e.Kind {
	case send.EventWaiting:
		wait := e.Until.Sub(e.Time)
		r.counts.Note("waiting for " + e.Destination)
		r.console.warn(fmt.Sprintf("%s: %s; next try in %s", e.Destination, e.Cause, ui.Duration(wait)))
	case send.EventIdle:
		r.counts.Note("next try at " + e.Until.Local().Format(time.TimeOnly))
	case send.EventResumed:
		r.counts.Note("")
		r.console.say(e.Destination + " accepts again")
	case send.EventFewer:
		r.console.warn(fmt.Sprintf("%s takes only %s at once: %s", e.Destination, ui.Plural(e.Connections, "connection"), e.Cause))
	}
}

// label returns the name under which a domain's recipients are reported: the
// provider's, when it is known.
func label(domain string) string {
	if p := delivery.Provider(domain); p != "" {
		return p
	}
	return domain
}
