package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/warmup"
)

func newWarmupSimulate(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "simulate PLAN",
		Short: "Play a plan against a model of the receivers, in simulated time",
		Long: `Play a plan against the personalities of the sink, in simulated time and without
a connection: once blindly, day by day as it was made, and once adaptively,
moved every evening by what came of the day. The same seed gives the same
result.

Each provider is played by the personality of its name when there is one,
microsoft365 by outlook, and all others by the one called realistic.`,
		Example: `  mailctl warmup simulate plan.json
  mailctl warmup simulate plan.json --adapt --personality other=greylist --seed 7`,
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
			return runWarmupSimulate(env, s, p)
		},
	}
	f := cmd.Flags()
	f.StringArray("personality", nil, "`NAME|FILE` (YAML) that plays everybody, or PROVIDER=NAME for one; repeatable")
	f.Bool("adapt", false, "show the days of the adaptive run instead of the blind one's")
	f.Uint64("seed", 1, "moves all chances of the personalities")
	f.Duration("retry-for", 72*time.Hour, "how `LONG` a deferred message is tried again")
	return cmd
}

func runWarmupSimulate(env Environment, s settings, p *warmup.Plan) error {
	if err := simulable(p); err != nil {
		return err
	}
	personalities, err := choosePersonalities(p.Providers(), s.Warmup.Personality)
	if err != nil {
		return err
	}
	thresholds, err := warmup.DefaultThresholds()
	if err != nil {
		return err
	}
	result := ui.WarmupSimulation{Schema: "mailctl.warmup-simulation/1", Seed: s.Warmup.Seed, Personalities: map[string]string{}}
	for provider, personality := range personalities {
		result.Personalities[provider] = personality.Name
	}
	for _, run := range []string{"blind", "adaptive"} {
		played := newReceivers(personalities, s.Warmup.Seed)
		simulation := warmup.Simulation{
			Receivers: played.forPlay(), Thresholds: thresholds,
			Adapt: run == "adaptive", RetryFor: s.Warmup.RetryFor,
		}
		days := simulation.Play(p)
		result.Runs = append(result.Runs, ui.WarmupRun{Name: run, Total: warmup.Sum(days), Days: days, Receivers: played.opinions()})
	}
	return writeResult(env, s, func(out *output) error {
		if s.Format == "json" {
			return ui.WriteJSON(out, result)
		}
		shown := 0
		if s.Warmup.Adapt {
			shown = 1
		}
		return ui.WriteWarmupSimulation(out, out.style, result, shown)
	})
}

// maxSimulated is how many messages are played at most: each one is.
const maxSimulated = 50_000_000

// simulable refuses a plan that would be played for hours.
func simulable(p *warmup.Plan) error {
	if n := p.Total(); n > maxSimulated {
		return delivery.Hint(fmt.Errorf("the plan has %s messages; a simulation plays %s at most", ui.Count(n), ui.Count(maxSimulated)),
			"make a plan with the same days and a lower --target; what matters are the factors from day to day")
	}
	return nil
}
