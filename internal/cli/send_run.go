package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
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
	if err := m.confirm(m.plan(before, resumed)); err != nil {
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

// preflight tries the relay and its login, so that what is wrong there shows
// before a long list is read.
func (m *mailing) preflight(ctx context.Context, transport send.Transport) error {
	if m.s.Send.SkipPreflight || m.via.trial() {
		return nil
	}
	conn, err := transport.Open(ctx, m.via.destination())
	if err != nil {
		return unfinished(relayAdvice(err, m.via.relay))
	}
	return conn.Close(ctx)
}

// relayAdvice adds what to do about a relay that cannot be used.
func relayAdvice(err error, relay delivery.Relay) error {
	hint := "check host and port of --via, and whether this machine may connect there"
	switch {
	case errors.Is(err, delivery.ErrTLSRequired):
		hint = "use smtps:// if the server wants TLS from the start, or --via '…?tls=none' if mail may travel unprotected"
	case errors.Is(err, delivery.ErrTLSHandshake):
		hint = "name the server as its certificate does, or trust its issuer with --ca-file"
	case errors.Is(err, delivery.ErrAuthFailed):
		hint = "check the user in --via and the password in MAILCTL_PASSWORD or --password-file"
	case errors.Is(err, delivery.ErrNoAuth):
		hint = "this server does not want a login on this port: leave the user out of --via"
	case errors.Is(err, delivery.ErrAuthWithoutTLS):
		return err // it has a hint of its own
	case errors.Is(err, delivery.ErrRefused):
		hint = "the server's own words say why"
	}
	if relay.Security == delivery.SecuritySTARTTLS && relay.Port == 465 {
		hint = "port 465 wants TLS from the start: use smtps://"
	}
	return delivery.Hint(err, hint)
}

// takeIn reads the list into the campaign, unless that was done before.
func (m *mailing) takeIn(ctx context.Context, c *console, campaign *ledger.Campaign) error {
	var err error
	if campaign.Loaded() {
		err = m.reroute(ctx, campaign)
	} else {
		err = m.load(ctx, c, campaign)
	}
	if err != nil {
		return err
	}
	if !m.s.Send.ResendUnknown {
		return nil
	}
	n, err := campaign.ResendUnknown(ctx)
	if n > 0 {
		c.say(ui.Plural(n, "recipient") + " with an unknown outcome will be sent to again")
	}
	return err
}

// reroute puts everyone who waits into the queue that --via and --rate-for mean
// for them now, when an earlier run had others.
func (m *mailing) reroute(ctx context.Context, campaign *ledger.Campaign) error {
	keys, err := campaign.Destinations(ctx)
	if err != nil {
		return err
	}
	same := len(m.pace.rateFor) == 0
	for _, key := range keys {
		same = same && key == m.via.destination()
	}
	if same {
		return nil
	}
	return campaign.Reroute(ctx, m.route)
}

// load reads the list into the campaign, and refuses it when rows are bad.
func (m *mailing) load(ctx context.Context, c *console, campaign *ledger.Campaign) (err error) {
	in, err := m.intake()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	if err := in.load(ctx, campaign); err != nil {
		return err
	}
	if !m.s.Send.SkipBadRows {
		if err := in.refuse(); err != nil {
			return err
		}
	}
	if in.read == 0 {
		return delivery.Hint(fmt.Errorf("%s has no rows to send to", m.list.name), "check the list and --where")
	}
	for _, p := range in.warnings {
		c.warn(p.Error())
	}
	return campaign.Ready(ctx)
}

// intake starts reading the list.
func (m *mailing) intake() (*intake, error) {
	rows, err := m.list.read(m.s.Send)
	if err != nil {
		return nil, err
	}
	return newIntake(rows, m.list.name, m.letter.check, m.route), nil
}

// plan says what is about to happen.
func (m *mailing) plan(t ledger.Totals, resumed bool) ui.SendPlan {
	p := ui.SendPlan{
		Campaign: m.name(),
		List:     m.list.name,
		Total:    int(t.Recipients - t.Skipped - t.Suppressed),
		Left:     int(t.Pending + t.Deferred),
		From:     m.from.String(),
		Subject:  m.letter.subject,
		Via:      m.via.String(),
		SignedBy: m.letter.signedBy,
		Rate:     m.pace.String(),
		Resumed:  resumed,
	}
	p.Estimated = m.pace.estimate(p.Left)
	for _, reason := range sortedKeys(t.BySkip) {
		p.SetAside = append(p.SetAside, ui.SetAside{Reason: reason, Rows: int(t.BySkip[reason])})
	}
	if t.Suppressed > 0 {
		p.SetAside = append(p.SetAside, ui.SetAside{Reason: "suppressed", Rows: int(t.Suppressed)})
	}
	return p
}

// confirm shows the plan and asks, when there is a person to ask.
func (m *mailing) confirm(p ui.SendPlan) error {
	style := styleOf(m.env, m.env.Stderr, m.s.NoColor)
	if !style.Terminal && m.s.Format != "text" {
		return nil
	}
	ui.WriteSendPlan(m.env.Stderr, style, p, m.env.Now())
	_, asks := m.env.Terminal(m.env.Stdin)
	if m.s.Send.Yes || p.Left == 0 || !asks || !style.Terminal {
		return nil
	}
	fmt.Fprintf(m.env.Stderr, "Send to %s? [y/N] ", ui.Plural(p.Left, "recipient"))
	answer, err := bufio.NewReader(m.env.Stdin).ReadString('\n')
	if word := strings.ToLower(strings.TrimSpace(answer)); err != nil || (word != "y" && word != "yes") {
		return delivery.Hint(errors.New("nothing was sent"), "answer y, or give --yes")
	}
	return nil
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
	return writeResult(r.env, r.s, func(out *output) error {
		err := r.deliver(ctx, out)
		// What was interrupted is still reported.
		ctx := context.WithoutCancel(ctx)
		if saved := r.saveStatus(ctx, err); saved != nil {
			return errors.Join(err, saved)
		}
		summary, failed := r.summarize(ctx, r.env.Now().Sub(started))
		if failed != nil {
			return errors.Join(err, failed)
		}
		return r.report(out, summary, err)
	})
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
