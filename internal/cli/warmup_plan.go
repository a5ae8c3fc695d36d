package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/warmup"
)

func newWarmupPlan(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plan --target N",
		Short: "Plan how much to send on which day",
		Long: `Plan how much a new address sends on which day to which provider. The volume
grows by the same factor every day, or by a published schedule. All numbers are
for all addresses together; schedules that are made for one address are
multiplied by --ips. Formats: text, json, csv, ics, svg.`,
		Example: `  mailctl warmup plan --target 100000 --days 30 --mix gmail=45%,outlook=25%
  mailctl warmup plan --target 50000 --schedule sparkpost --list contacts.csv \
    --skip-weekends --format json --out plan.json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := loadSettings(cmd, env, planFormats...)
			if err != nil {
				return err
			}
			return runWarmupPlan(cmd, env, s)
		},
	}
	addFlagGroups(cmd, []flagGroup{
		{"The growth", func(f *pflag.FlagSet) {
			f.Int("target", 0, "how many messages a day in the end: `N`")
			f.Int("start", 0, fmt.Sprintf("how many on the first day: `N` (default %d; with --schedule, where it begins)", warmup.DefaultStart))
			f.Int("days", 0, fmt.Sprintf("how many sending days until the target: `N` (default %d); with --schedule, how many it may take", warmup.DefaultDays))
			f.String("schedule", "", "grow by this `NAME|FILE` (CSV): "+strings.Join(scheduleNames(), ", "))
		}},
		{"The parts", func(f *pflag.FlagSet) {
			f.String("mix", "", "`SHARES` of the providers, gmail=45%,outlook=25%; the rest is other")
			f.String("list", "", "measure the shares in a list instead: `FILE` as for send, or -")
			f.String("email-column", "email", "`COLUMN` of the list that holds the address")
			f.Int("ips", 1, "how many addresses share the work: `N`")
		}},
		{"The calendar", func(f *pflag.FlagSet) {
			f.String("from", "", "first `DATE`, such as 2026-12-01 (default: today)")
			f.Bool("skip-weekends", false, "send nothing on Saturdays and Sundays")
			f.String("hours", "", "spread each day over these `HOURS` only: 8-20")
		}},
		{"DNS, to measure a list", addDNSFlags},
	})
	return cmd
}

// scheduleNames returns the names of the published schedules.
func scheduleNames() []string {
	all, err := warmup.Schedules()
	if err != nil {
		return nil // a test reads the data file
	}
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.Name
	}
	return names
}

func runWarmupPlan(cmd *cobra.Command, env Environment, s settings) error {
	if err := checkNumbers(cmd, s.Warmup); err != nil {
		return err
	}
	o, err := planOptions(cmd.Context(), env, s)
	if err != nil {
		return err
	}
	p, err := warmup.New(o)
	if err != nil {
		return flagOfNumber(err)
	}
	if o.Schedule != nil {
		if want := o.Schedule.IPs(p.Target); want > p.IPs {
			fmt.Fprintf(env.Stderr, "note: %s wants %s for %s messages a day\n", o.Schedule.Name, addresses(want), ui.Count(p.Target))
		}
	}
	return writePlan(env, s, p)
}

// checkNumbers refuses numbers that are given and mean nothing.
func checkNumbers(cmd *cobra.Command, w warmupSettings) error {
	for _, n := range []struct {
		flag  string
		value int
		hint  string
	}{
		{"target", w.Target, "say how many messages a day it is to be in the end: --target 100000"},
		{"start", w.Start, "the first day has one message at least; leave it out for the usual"},
		{"days", w.Days, "a plan has one day at least; leave it out for the usual"},
		{"ips", w.IPs, "one address at least does the work"},
	} {
		if n.value < 1 && given(cmd, n.flag) {
			return delivery.Hint(fmt.Errorf("invalid --%s \"%d\"", n.flag, n.value), n.hint)
		}
	}
	return nil
}

// addresses writes a number of addresses.
func addresses(n int) string {
	if n == 1 {
		return "1 address"
	}
	return ui.Count(n) + " addresses"
}

// flagOfNumber names the flag when a number is out of range.
func flagOfNumber(err error) error {
	if errors.Is(err, warmup.ErrNumber) {
		return fmt.Errorf("invalid plan: %w", err)
	}
	return err
}

// planOptions puts together what a plan is to be like.
func planOptions(ctx context.Context, env Environment, s settings) (warmup.Options, error) {
	w := s.Warmup
	o := warmup.Options{
		Target: w.Target, Start: w.Start, Days: w.Days, IPs: w.IPs, SkipWeekends: w.SkipWeekends, From: warmup.DateOf(env.Now()),
	}
	var err error
	if w.Schedule != "" {
		if o.Schedule, err = openSchedule(w.Schedule); err != nil {
			return o, err
		}
	}
	ownEnd := o.Schedule != nil && isFile(w.Schedule)
	if w.Target == 0 && !ownEnd {
		return o, delivery.Hint(errors.New("--target is missing"), "say how many messages a day it is to be in the end: --target 100000")
	}
	if w.From != "" {
		if o.From, err = warmup.ParseDate(w.From); err != nil {
			return o, delivery.Hint(fmt.Errorf("invalid --from %q", w.From), "write a date as 2026-12-01")
		}
	}
	if w.Hours != "" {
		if o.Hours, err = warmup.ParseHours(w.Hours); err != nil {
			return o, fmt.Errorf("--hours: %w", err)
		}
	}
	o.Mix, err = planMix(ctx, env, s)
	return o, err
}

// isFile reports whether the value of --schedule names a file.
func isFile(schedule string) bool {
	return strings.EqualFold(filepath.Ext(schedule), ".csv") || strings.ContainsAny(schedule, `/\`)
}

// openSchedule finds a schedule by its name or reads it from a file.
func openSchedule(name string) (*warmup.Schedule, error) {
	if !isFile(name) {
		s, err := warmup.FindSchedule(name)
		if err != nil {
			err = fmt.Errorf("--schedule: %w", err)
		}
		return s, err
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fileError("read --schedule", name, err)
	}
	s, err := warmup.ParseScheduleCSV(filepath.Base(name), f)
	return s, errors.Join(err, f.Close())
}
