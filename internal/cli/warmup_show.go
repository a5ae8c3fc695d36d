package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/pkg/warmup"
)

func newWarmupShow(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show PLAN",
		Short: "Draw a plan, or write it in another format",
		Long: `Draw a plan as table and curve, or write it as JSON, CSV, calendar or picture.
With --adapt it is the plan as it is now: moved by what came of every day so far,
which the ledger knows.`,
		Example: `  mailctl warmup show plan.json
  mailctl warmup show plan.json --format svg --out plan.svg
  mailctl warmup show plan.json --adapt --format json --out moved.json`,
		Args: onePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := loadSettings(cmd, env, planFormats...)
			if err != nil {
				return err
			}
			p, err := openPlan(args[0])
			if err != nil {
				return err
			}
			if s.Warmup.Adapt {
				if p, err = adaptPlan(cmd.Context(), env, s, p); err != nil {
					return err
				}
			}
			return writePlan(env, s, p)
		},
	}
	cmd.Flags().Bool("adapt", false, "move the plan by what came of the days so far")
	cmd.Flags().StringArray("campaign", nil, "count only this campaign: its `NAME`; repeatable (default: all but rehearsals)")
	return cmd
}

// adaptPlan moves a plan by what the ledger knows.
func adaptPlan(ctx context.Context, env Environment, s settings, p *warmup.Plan) (moved *warmup.Plan, err error) {
	l, err := openLedger(ctx, env, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	f, err := followPlan(ctx, l, p, env.Now(), ledger.DailyQuery{Campaigns: s.Warmup.Campaign}, true)
	if err != nil {
		return nil, err
	}
	return f.plan, nil
}
