package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// campaignSettings are the flags of campaign.
type campaignSettings struct {
	Outcome []string `mapstructure:"outcome"`
}

func newCampaign(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "campaign",
		Short: "See what happened in a campaign, or end it",
		Example: `  mailctl campaign list
  mailctl campaign export welcome --outcome bounced --format csv --out bounced.csv`,
		Args: unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	export := withExamples(ledgerCommand(env, "export NAME", "Write every recipient and what became of them", oneName,
		[]string{"text", "csv", "json", "jsonl"}, exportCampaign),
		"mailctl campaign export welcome --outcome bounced --format csv --out bounced.csv",
		"mailctl campaign export welcome --format jsonl")
	export.Flags().StringArray("outcome", nil, "only recipients with this `OUTCOME`, such as bounced; repeatable")
	cmd.AddCommand(
		withExamples(ledgerCommand(env, "list", "List the campaigns", noArguments, []string{"text", "json"}, listCampaigns),
			"mailctl campaign list", "mailctl campaign list --format json"),
		withExamples(ledgerCommand(env, "show NAME", "Show what came of a campaign so far", oneName, []string{"text", "json"}, showCampaign),
			"mailctl campaign show welcome", "mailctl campaign show welcome --format json"),
		export,
		withExamples(ledgerCommand(env, "cancel NAME", "End a campaign: whoever is left is never sent to", oneName, []string{"text", "json"}, cancelCampaign),
			"mailctl campaign cancel welcome", "mailctl campaign cancel welcome --state /var/lib/mailctl"),
	)
	return cmd
}

// A ledgerRun is a command that works on the ledger.
type ledgerRun struct {
	env    Environment
	s      settings
	ledger *ledger.Ledger
	args   []string
}

// ledgerCommand returns a command that opens the ledger and runs.
func ledgerCommand(env Environment, use, short string, args cobra.PositionalArgs, formats []string, run func(context.Context, ledgerRun) error) *cobra.Command {
	return &cobra.Command{
		Use:   use,
		Short: short,
		Args:  args,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			s, err := loadSettings(cmd, env, formats...)
			if err != nil {
				return err
			}
			l, err := openLedger(cmd.Context(), env, s)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, l.Close()) }()
			return run(cmd.Context(), ledgerRun{env, s, l, args})
		},
	}
}

// oneName takes the name of a campaign and nothing else.
func oneName(cmd *cobra.Command, args []string) error {
	if len(args) == 1 {
		return nil
	}
	return delivery.Hint(fmt.Errorf("%q takes the name of one campaign", cmd.CommandPath()),
		"see which there are with: mailctl campaign list")
}

// campaignLine is a campaign as JSON.
type campaignLine struct {
	Name       string `json:"name"`
	Status     string `json:"status"`
	Reason     string `json:"reason,omitempty"`
	Recipients int64  `json:"recipients"`
	List       string `json:"list"`
	Message    string `json:"message"`
	From       string `json:"from"`
	Via        string `json:"via"`
	Created    string `json:"created"`
	Started    string `json:"started,omitempty"`
	Ended      string `json:"ended,omitempty"`
}

func newCampaignLine(info ledger.Info) campaignLine {
	return campaignLine{
		Name: info.Name, Status: string(info.Status), Reason: info.Reason, Recipients: info.Recipients,
		List: info.Spec.List.Name, Message: info.Spec.Message.Name, From: info.Spec.Sender.Name, Via: info.Spec.Via.Name,
		Created: timestamp(info.Created), Started: timestamp(info.Started), Ended: timestamp(info.Ended),
	}
}

// timestamp writes a time for programs; "" for none.
func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// minuteOf shortens a timestamp to what a table shows: 2006-01-02 15:04.
func minuteOf(stamp string) string {
	return strings.Replace(stamp[:min(len(stamp), len("2006-01-02T15:04"))], "T", " ", 1)
}

func listCampaigns(ctx context.Context, r ledgerRun) error {
	return writeResult(r.env, r.s, func(out *output) error {
		lines := []campaignLine{}
		err := r.ledger.List(ctx, func(info ledger.Info) error {
			lines = append(lines, newCampaignLine(info))
			return nil
		})
		if err != nil {
			return err
		}
		if r.s.Format == "json" {
			return ui.WriteJSON(out, struct {
				Schema    string         `json:"schema"`
				Campaigns []campaignLine `json:"campaigns"`
			}{"mailctl.campaigns/1", lines})
		}
		if len(lines) == 0 {
			fmt.Fprintln(r.env.Stderr, "there are no campaigns yet; mailctl send begins one")
			return nil
		}
		rows := make([][]string, len(lines))
		for i, c := range lines {
			rows[i] = []string{c.Name, c.Status, ui.Count(int(c.Recipients)), minuteOf(c.Created), c.List}
		}
		return ui.Table(out, out.style, []ui.Column{
			{Title: "CAMPAIGN"}, // whole, since other commands are given it
			{Title: "STATUS"},
			{Title: "RECIPIENTS", Right: true},
			{Title: "BEGUN (UTC)"},
			{Title: "LIST", Spare: true}, // which "show" names too,
		}, rows)
	})
}

func showCampaign(ctx context.Context, r ledgerRun) error {
	info, totals, err := r.ledger.Show(ctx, r.args[0])
	if err != nil {
		return err
	}
	var took time.Duration
	if !totals.First.IsZero() {
		took = totals.Last.Sub(totals.First)
	}
	s, err := summarize(ctx, r.ledger, info.Name, took)
	if err != nil {
		return err
	}
	events, err := r.ledger.Events(ctx, info.Name, shownEvents)
	if err != nil {
		return err
	}
	return writeResult(r.env, r.s, func(out *output) error {
		if r.s.Format == "json" {
			return ui.WriteJSON(out, struct {
				ui.SendSummary
				Details campaignLine   `json:"details"`
				Events  []ui.EventLine `json:"events"`
			}{s, newCampaignLine(info), ui.EventLines(info.Name, events)})
		}
		ui.WriteFacts(out, out.style, [][2]string{
			{"status", joinNonEmpty(": ", string(info.Status), info.Reason)},
			{"list", info.Spec.List.Name},
			{"message", info.Spec.Message.Name},
			{"from", info.Spec.Sender.Name},
			{"via", info.Spec.Via.Name},
			{"begun", timestamp(info.Created)},
			{"ended", timestamp(info.Ended)},
		})
		if err := ui.WriteSendSummary(out, out.style, s); err != nil {
			return err
		}
		return ui.WriteEvents(out, out.style, events)
	})
}

// shownEvents is how many changes of pace a campaign is shown with.
const shownEvents = 20

func cancelCampaign(ctx context.Context, r ledgerRun) error {
	status, err := r.ledger.Cancel(ctx, r.args[0])
	if err != nil {
		return err
	}
	return writeResult(r.env, r.s, func(out *output) error {
		if r.s.Format == "json" {
			return ui.WriteJSON(out, struct {
				Schema   string        `json:"schema"`
				Campaign string        `json:"campaign"`
				Status   ledger.Status `json:"status"`
			}{"mailctl.cancel/1", r.args[0], status})
		}
		said := "is cancelled: whoever is left is never sent to"
		if status == ledger.StatusFinished {
			said = "is finished, and stays so: nobody waits to be sent to"
		}
		_, err := fmt.Fprintf(out, "campaign %q %s\n", r.args[0], said)
		return err
	})
}
