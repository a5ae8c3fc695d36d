package cli

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/warmup"
)

func newWarmupStatus(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status PLAN",
		Short: "Advance, hold or back off? Compare a plan with what came of it",
		Long: `Compare a plan with the ledger and say for each provider whether to advance,
hold or back off, and why. Everything that was sent from this machine since the
plan's first day counts, whatever campaign it belongs to: receivers do not know
campaigns. Rehearsals, with --via sink: or maildir:, count when they are named.

A day on which nothing was sent does not count as a day of the plan. Exit code 1
means that a provider wants less.`,
		Example: `  mailctl warmup status plan.json
  mailctl warmup status plan.json --campaign welcome --campaign news --format json`,
		Args: onePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := loadSettings(cmd, env, "text", "json")
			if err != nil {
				return err
			}
			p, err := openPlan(args[0])
			if err != nil {
				return err
			}
			return runWarmupStatus(cmd.Context(), env, s, p)
		},
	}
	cmd.Flags().StringArray("campaign", nil, "count only this campaign: its `NAME`; repeatable (default: all but rehearsals)")
	cmd.Flags().Bool("adapt", false, "move the plan by what came of the days so far, not only by days without mail")
	return cmd
}

func runWarmupStatus(ctx context.Context, env Environment, s settings, p *warmup.Plan) (err error) {
	l, err := openLedger(ctx, env, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	status, err := warmupStatus(ctx, l, p, env.Now(), s.Warmup)
	if err != nil {
		return err
	}
	err = writeResult(env, s, func(out *output) error {
		if s.Format == "json" {
			return ui.WriteJSON(out, status)
		}
		return ui.WriteWarmupStatus(out, out.style, status)
	})
	if err == nil && status.Decision == warmup.BackOff {
		err = exitWith(exitWrong, nil)
	}
	return err
}

// warmupStatus compares a plan with the ledger.
func warmupStatus(ctx context.Context, l *ledger.Ledger, p *warmup.Plan, now time.Time, w warmupSettings) (ui.WarmupStatus, error) {
	f, err := followPlan(ctx, l, p, now, ledger.DailyQuery{Campaigns: w.Campaign}, w.Adapt)
	if err != nil {
		return ui.WarmupStatus{}, err
	}
	today, caps, left := warmup.DateOf(now), f.plan.CapsOn(now), f.budget.Left(now)
	status := ui.WarmupStatus{
		Schema: "mailctl.warmup-status/1", Date: today, Day: caps.Day, Days: len(f.plan.Days), Next: caps.Next,
		Sent: f.history.On(today).Sent, Providers: map[string]ui.WarmupProvider{}, History: f.days(), Decision: warmup.Advance,
	}
	for _, n := range caps.Today {
		status.Planned += n
	}
	for _, name := range f.plan.Providers() {
		provider := f.judge(today, name)
		provider.Today, provider.Left = caps.Today[name], left[name]
		status.Providers[name] = provider
		if provider.Decision == warmup.BackOff || provider.Decision == warmup.Hold && status.Decision == warmup.Advance {
			status.Decision = provider.Decision
		}
	}
	return status, nil
}

// judge judges a provider by the last day on which something was sent to
// it. Today is not over, so that it is not too little yet.
func (f *followedPlan) judge(today warmup.Date, name string) ui.WarmupProvider {
	judged := ui.WarmupProvider{Verdict: warmup.Verdict{Decision: warmup.Hold, Reason: "nothing was sent yet"}}
	for date, volumes := range f.history {
		v := volumes[name]
		if v.Sent == 0 || judged.Date != nil && date.Before(*judged.Date) {
			continue
		}
		judged.Date, judged.Volume = &date, v
	}
	if judged.Date == nil {
		return judged
	}
	judged.Planned = f.plan.CapsOn(judged.Date.At(0, time.UTC)).Today[name]
	enough := judged.Planned
	if *judged.Date == today {
		enough = min(enough, judged.Sent)
	}
	judged.Verdict = f.thresholds.Judge(enough, judged.Volume)
	return judged
}

// days returns the days on which something was sent, oldest first.
func (f *followedPlan) days() []ui.WarmupDay {
	days := []ui.WarmupDay{}
	for date := range f.history {
		planned := 0
		for _, n := range f.plan.CapsOn(date.At(0, time.UTC)).Today {
			planned += n
		}
		days = append(days, ui.WarmupDay{Date: date, Planned: planned, Volume: f.history.On(date)})
	}
	slices.SortFunc(days, func(a, b ui.WarmupDay) int {
		if a.Date.Before(b.Date) {
			return -1
		}
		return 1
	})
	return days
}
