package cli

import (
	"context"
	"errors"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/internal/ui"
)

// takeIn reads the list into the campaign, unless that was done before.
func (m *mailing) takeIn(ctx context.Context, c *console, campaign *ledger.Campaign) error {
	var err error
	if campaign.Loaded() {
		if m.via.kind == viaMX {
			return nil // everyone waits in the queue of their domain
		}
		err = m.reroute(ctx, campaign)
	} else {
		err = m.load(ctx, c, campaign)
	}
	return err
}

// resend gives up on the answers that were lost, when that was asked for.
func (m *mailing) resend(ctx context.Context, c *console, campaign *ledger.Campaign) error {
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
	same := len(m.pace.rateFor) == 0 && m.s.Send.Warmup == ""
	for _, key := range keys {
		same = same && key == m.via.destination()
	}
	if same {
		return nil
	}
	return campaign.Reroute(ctx, m.route)
}

// load reads the list into the campaign. When rows are bad it refuses the list,
// and nothing is left of the campaign.
func (m *mailing) load(ctx context.Context, c *console, campaign *ledger.Campaign) (err error) {
	in, err := m.intake()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	in.sort(m.order)
	if err := in.load(ctx, campaign); err != nil {
		return err
	}
	if err := in.refuse(m.s.Send.SkipBadRows); err != nil {
		return errors.Join(err, campaign.Discard(ctx))
	}
	if err := in.empty(); err != nil {
		return errors.Join(err, campaign.Discard(ctx))
	}
	in.nameAside(c, m.exportCommand()+" --outcome skipped")
	for _, p := range in.warnings {
		c.warn(p.Error())
	}
	return campaign.Ready(ctx)
}

// intake starts reading the list.
func (m *mailing) intake() (*intake, error) {
	rows, err := m.list.read(m.s.Send.listSettings)
	if err != nil {
		return nil, err
	}
	return newIntake(rows, m.list.name, m.letter.check, m.route), nil
}
