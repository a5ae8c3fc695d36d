package cli

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// suppressSettings are the flags of suppress.
type suppressSettings struct {
	Reason string `mapstructure:"reason"`
}

func newSuppress(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "suppress",
		Short: "Keep the list of who must never be written to again",
		Long: `Keep the list of who must never be written to again. It holds for every campaign,
those that are under way included. An entry is an address or, for a whole domain,
@example.com.`,
		Example: `  mailctl suppress add anna@example.com --reason 'asked by phone'
  mailctl suppress import unsubscribed.csv`,
		Args: unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	add := withExamples(ledgerCommand(env, "add ADDR…", "Put addresses or @domains on the list", someAddresses, []string{"text", "json"}, addSuppressions),
		"mailctl suppress add anna@example.com --reason 'asked by phone'", "mailctl suppress add @example.com")
	add.Flags().String("reason", "", "why, for whoever reads the list later")
	cmd.AddCommand(
		add,
		withExamples(ledgerCommand(env, "remove ADDR…", "Take addresses or @domains off the list", someAddresses, []string{"text", "json"}, removeSuppressions),
			"mailctl suppress remove anna@example.com", "mailctl suppress remove @example.com ben@example.net"),
		withExamples(ledgerCommand(env, "list", "Show the list", noArguments, []string{"text", "json", "jsonl", "csv"}, listSuppressions),
			"mailctl suppress list", "mailctl suppress list --format jsonl"),
		withExamples(ledgerCommand(env, "import FILE", "Add every address of a file: one a line, CSV or JSON lines; - is standard input", oneFile, []string{"text", "json"}, importSuppressions),
			"mailctl suppress import unsubscribed.csv", "mailctl suppress import - < addresses.txt"),
		withExamples(ledgerCommand(env, "export", "Write the list as CSV", noArguments, []string{"text", "csv", "json", "jsonl"}, exportSuppressions),
			"mailctl suppress export --out suppressed.csv", "mailctl suppress export --format jsonl"),
	)
	return cmd
}

func someAddresses(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return nil
	}
	return delivery.Hint(fmt.Errorf("%q takes at least one address", cmd.CommandPath()), "name an address, or @example.com for a whole domain")
}

func oneFile(cmd *cobra.Command, args []string) error {
	if len(args) == 1 {
		return nil
	}
	return delivery.Hint(fmt.Errorf("%q takes one file", cmd.CommandPath()), "name a file, or - for standard input")
}

func addSuppressions(ctx context.Context, r ledgerRun) error {
	left := r.args
	added, err := r.ledger.Suppressions().Import(ctx, func() (ledger.Suppression, error) {
		if len(left) == 0 {
			return ledger.Suppression{}, io.EOF
		}
		address := left[0]
		left = left[1:]
		return ledger.Suppression{
			Address: address, Reason: r.s.Suppress.Reason, Source: "suppress add", Time: r.env.Now(),
		}, nil
	})
	if err != nil {
		return err
	}
	return reportSuppressed(r, suppressedLine{Added: &added}, len(r.args))
}

func removeSuppressions(ctx context.Context, r ledgerRun) error {
	removed := 0
	for _, address := range r.args {
		was, err := r.ledger.Suppressions().Remove(ctx, address)
		if err != nil {
			return err
		}
		if was {
			removed++
		}
	}
	return reportSuppressed(r, suppressedLine{Removed: &removed}, len(r.args))
}

// suppressedLine is how many entries changed the list, as JSON: of Added and Removed
// one is there.
type suppressedLine struct {
	Schema    string `json:"schema"`
	Added     *int   `json:"added,omitempty"`
	Removed   *int   `json:"removed,omitempty"`
	Unchanged int    `json:"unchanged"`
}

// reportSuppressed says how many entries, of so many, changed the list.
func reportSuppressed(r ledgerRun, line suppressedLine, of int) error {
	verb, changed := "added", line.Added
	if changed == nil {
		verb, changed = "removed", line.Removed
	}
	line.Schema, line.Unchanged = "mailctl.suppress/1", of-*changed
	return writeResult(r.env, r.s, func(out *output) error {
		if r.s.Format == "json" {
			return ui.WriteJSON(out, line)
		}
		text := fmt.Sprintf("%s %s", verb, ui.Plural(*changed, "entry"))
		if *changed != 1 {
			text = fmt.Sprintf("%s %s entries", verb, ui.Count(*changed))
		}
		if line.Unchanged > 0 {
			text += fmt.Sprintf("; %s made no difference", ui.Count(line.Unchanged))
		}
		_, err := fmt.Fprintln(out, text)
		return err
	})
}

// suppressionLine is an entry as JSON and CSV. A line of its own has the schema
// mailctl.suppression/1.
type suppressionLine struct {
	Schema  string `json:"schema,omitempty"`
	Address string `json:"address"`
	Reason  string `json:"reason"`
	Source  string `json:"source"`
	Time    string `json:"time"`
}

func newSuppressionLine(s ledger.Suppression) suppressionLine {
	return suppressionLine{Address: s.Address, Reason: s.Reason, Source: s.Source, Time: timestamp(s.Time)}
}

func listSuppressions(ctx context.Context, r ledgerRun) error {
	if r.s.Format != "text" {
		return exportSuppressions(ctx, r)
	}
	return writeResult(r.env, r.s, func(out *output) error {
		var rows [][]string
		flush := func() error {
			err := ui.WriteSuppressions(out, out.style, rows)
			rows = rows[:0]
			return err
		}
		some := false
		err := r.ledger.Suppressions().Each(ctx, func(s ledger.Suppression) error {
			some = true
			line := newSuppressionLine(s)
			rows = append(rows, []string{line.Address, line.Reason, line.Source, minuteOf(line.Time)})
			if len(rows) < tablePage {
				return nil
			}
			return flush()
		})
		if err != nil {
			return err
		}
		if !some {
			fmt.Fprintln(r.env.Stderr, "the suppression list is empty")
			return nil
		}
		if len(rows) == 0 {
			return nil
		}
		return flush()
	})
}

// tablePage is how many rows share the widths of a table, so that a long list
// is not held in memory.
const tablePage = 1000

func exportSuppressions(ctx context.Context, r ledgerRun) error {
	return writeResult(r.env, r.s, func(out *output) error {
		switch r.s.Format {
		case "jsonl":
			return r.ledger.Suppressions().Each(ctx, func(s ledger.Suppression) error {
				line := newSuppressionLine(s)
				line.Schema = "mailctl.suppression/1"
				return ui.WriteJSON(out, line)
			})
		case "json":
			list := ui.NewJSONList(out, "mailctl.suppressions/1", "suppressions")
			err := r.ledger.Suppressions().Each(ctx, func(s ledger.Suppression) error {
				return list.Add(newSuppressionLine(s))
			})
			return errors.Join(err, list.End())
		}
		table := csv.NewWriter(out)
		if err := table.Write([]string{"address", "reason", "source", "time"}); err != nil {
			return err
		}
		err := r.ledger.Suppressions().Each(ctx, func(s ledger.Suppression) error {
			line := newSuppressionLine(s)
			return table.Write([]string{line.Address, line.Reason, line.Source, line.Time})
		})
		table.Flush()
		return errors.Join(err, table.Error())
	})
}
