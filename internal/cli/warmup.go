package cli

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/warmup"
)

// warmupSettings are the flags of warmup.
type warmupSettings struct {
	Target       int    `mapstructure:"target"`
	Start        int    `mapstructure:"start"`
	Days         int    `mapstructure:"days"`
	Schedule     string `mapstructure:"schedule"`
	Mix          string `mapstructure:"mix"`
	List         string `mapstructure:"list"`
	EmailColumn  string `mapstructure:"email-column"`
	IPs          int    `mapstructure:"ips"`
	From         string `mapstructure:"from"`
	SkipWeekends bool   `mapstructure:"skip-weekends"`
	Hours        string `mapstructure:"hours"`

	Campaign []string `mapstructure:"campaign"`
	Adapt    bool     `mapstructure:"adapt"`

	Personality []string      `mapstructure:"personality"`
	Seed        uint64        `mapstructure:"seed"`
	RetryFor    time.Duration `mapstructure:"retry-for"`
}

// planFormats are how a plan can be written.
var planFormats = []string{"text", "json", "csv", "ics", "svg"}

func newWarmup(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "warmup",
		Short: "How much may a new address send today, and to whom?",
		Long: `Plan how the volume of a new sending address grows day by day at each provider,
and follow the plan by what comes of the mail. A plan is a JSON file; nothing
here sends anything.`,
		Example: `  mailctl warmup plan --target 100000 --days 30 --mix gmail=45%,outlook=25% \
    --format json --out plan.json
  mailctl warmup status plan.json`,
		Args: unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newWarmupPlan(env), newWarmupShow(env), newWarmupStatus(env), newWarmupSimulate(env))
	return cmd
}

// onePlan takes the file of a plan and nothing else.
func onePlan(cmd *cobra.Command, args []string) error {
	if len(args) == 1 {
		return nil
	}
	return delivery.Hint(fmt.Errorf("%q takes the file of one plan", cmd.CommandPath()),
		"make one with: mailctl warmup plan --target 100000 --format json --out plan.json")
}

// openPlan reads the file of a plan.
func openPlan(path string) (*warmup.Plan, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError("read the plan", path, err)
	}
	p, err := warmup.Parse(f)
	if err != nil {
		err = fmt.Errorf("%q: %w", path, err)
	}
	return p, errors.Join(err, f.Close())
}

// writePlan writes a plan in the format that was asked for.
func writePlan(env Environment, s settings, p *warmup.Plan) error {
	return writeResult(env, s, func(out *output) error {
		switch s.Format {
		case "json":
			return ui.WriteWarmupJSON(out, p)
		case "csv":
			return ui.WriteWarmupCSV(out, p)
		case "ics":
			return ui.WriteWarmupCalendar(out, p, env.Now())
		case "svg":
			return ui.WriteWarmupSVG(out, p)
		default:
			return ui.WriteWarmup(out, out.style, p)
		}
	})
}
