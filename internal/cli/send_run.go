package cli

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"sync"
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
	if err := m.preflight(ctx, c, transport); err != nil {
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
	w, cool, err := m.warm(ctx, c, l)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cool()) }()
	if err := m.warnOfIdleRates(ctx, c, campaign); err != nil {
		return err
	}
	if err := m.confirm(ctx, m.plan(before, resumed)); err != nil {
		return err
	}
	if err := m.resend(ctx, c, campaign); err != nil {
		return err
	}
	r := &running{mailing: m, console: c, ledger: l, campaign: campaign, transport: transport, before: before, resumed: resumed, warming: w}
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
	resumed   bool
	warming   *warming // nil without a plan
	counts    *ui.SendCounts
}

// run sends, and reports what came of it.
func (r *running) run(ctx context.Context) error {
	started := r.env.Now()
	mode := os.O_TRUNC
	if r.resumed && r.s.Format == "jsonl" {
		mode = os.O_APPEND // the lines of the run before are part of the campaign
	}
	err := writeResultTo(r.env, r.s, mode, func(out *output) error {
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
	if err == nil || errors.As(err, &exit) && !errors.Is(err, errResult) {
		return err
	}
	return unfinished(delivery.Hint(err, "run the same command again once that is mended; nobody is lost or repeated"))
}

// deliver runs the pipeline.
func (r *running) deliver(ctx context.Context, out *output) error {
	if err := r.writeAside(ctx, out); err != nil {
		return err
	}
	limits, err := r.pace.limitSet(r.env.Now, func(name string, rate delivery.Rate) ([]time.Time, error) {
		return r.recentSends(ctx, name, rate)
	})
	if err != nil {
		return err
	}
	opt := send.Options{
		Transport:      r.transport,
		Router:         r.router(limits),
		Renderer:       r.letter,
		Clock:          r.env.Now,
		Jitter:         rand.Float64,
		Connections:    r.connections(),
		PerDestination: r.s.Send.ConnectionsPerDestination,
		PerConnection:  r.s.Send.MessagesPerConnection,
		Limits:         limitsOf(limits),
		Budget:         func(destination string) send.Budget { return r.warming.of(destination, "") },
		Shape:          relayShape(),
		Retry:          send.Retry{For: r.s.Send.RetryFor, After: r.s.Send.RetryAfter, NoWait: r.s.Send.NoWait},
		MaxBounceRate:  r.pace.bounceRate,
		Tried:          int(r.before.Delivered + r.before.Bounced + r.before.Deferred + r.before.Unknown),
		Delivered:      int(r.before.Delivered),
		HardBounces:    int(r.before.HardBounces),
	}
	var lines sync.Mutex
	opt.OnEvent = r.event(out, &lines)
	r.counts = &ui.SendCounts{
		Style: r.console.style, Least: r.pace.estimate,
		Waits: func(time.Time) string { return waits(limits, r.env.Now()) },
	}
	r.counts.Start(int(r.before.Recipients), settled(r.before))
	opt.OnAttempt = r.attempt(out, &lines)
	defer r.console.watch(r.counts)()
	defer r.sayPatience(ctx)()
	return send.Run(ctx, r.campaign, opt)
}

// sayAfter is how long a person who interrupts may have to wait without a word.
const sayAfter = 500 * time.Millisecond

// sayPatience says so when the run goes on for a while after an interruption, because
// of what was handed over and is not answered yet. The function it returns ends that.
func (r *running) sayPatience(ctx context.Context) (stop func()) {
	running, end := context.WithCancel(context.WithoutCancel(ctx))
	said := make(chan struct{})
	interrupted := context.AfterFunc(ctx, func() {
		defer close(said)
		timer := time.NewTimer(sayAfter)
		defer timer.Stop()
		select {
		case <-timer.C:
			r.console.say("finishing what is in flight; Ctrl-C again stops at once")
		case <-running.Done():
		}
	})
	return func() {
		end()
		if !interrupted() {
			<-said
		}
	}
}

// recentSends returns when messages were handed over to whom a rate is for.
func (r *running) recentSends(ctx context.Context, name string, rate delivery.Rate) ([]time.Time, error) {
	return r.campaign.RecentSends(ctx, name, r.env.Now().Add(-rate.Per), rate.Count)
}

// router returns what finds the way to each domain, with the limits there are;
// nil when all mail goes the same way.
func (r *running) router(limits map[string]*delivery.Limit) send.Router {
	x, ok := r.transport.(*mxRouter)
	if !ok {
		return nil
	}
	x.limits = &mxLimits{all: limits, recent: func(ctx context.Context, rate delivery.Rate, hosts func(string) bool) ([]time.Time, error) {
		return r.campaign.RecentSendsTo(ctx, hosts, r.env.Now().Add(-rate.Per), rate.Count)
	}}
	x.warming = r.warming
	return x
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

// relayShape is what is known of a relay: nothing but that it may say when
// something is too fast, or again and again that it is busy.
func relayShape() delivery.Shape {
	return delivery.Shape{Reactions: []delivery.Reaction{
		{Name: "too fast", Reasons: []delivery.Reason{delivery.ReasonRateLimited}, Do: delivery.MoveSlow},
		{Name: "unwilling", Reasons: []delivery.Reason{delivery.ReasonServerBusy}, Times: 20, Within: time.Minute, Do: delivery.MoveSlow},
	}}
}

// connections returns how many connections there may be at once.
func (r *running) connections() int {
	switch {
	case r.s.Send.Connections > 0:
		return r.s.Send.Connections
	case r.via.kind == viaMX:
		return 100
	default:
		return 10
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
