package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/list"
)

// An asideRow is a row of a list that is set aside. Of one whose address came
// before, the address is not known again.
type asideRow struct {
	row     int
	address delivery.Address
	outcome delivery.Outcome // skipped or suppressed
	reason  string
	text    string // with the line
}

// whySuppressed says why a recipient is suppressed before anything is sent.
const whySuppressed = "on the suppression list, or marked as suppressed in its row"

// tell tells who wants to know that a row is set aside, and why.
func (in *intake) tell(row int, to delivery.Address, p *list.Problem) {
	if in.aside != nil {
		in.aside(asideRow{row, to, delivery.OutcomeSkipped, string(p.Kind), p.Error()})
	}
}

// tellSuppressed does so for a row whose recipient must not be written to.
func (in *intake) tellSuppressed(row list.Row) {
	if in.aside != nil {
		in.aside(suppressedRow(in.name, row.Line, row.Number, row.Address))
	}
}

func suppressedRow(name string, line, row int, to delivery.Address) asideRow {
	return asideRow{row, to, delivery.OutcomeSuppressed, string(list.KindSuppressed), fmt.Sprintf("%s:%d: %s", name, line, whySuppressed)}
}

// namedAside is how many of the rows that are set aside are named on standard
// error.
const namedAside = 10

// nameAside names the bad rows that are set aside, the first of them if they are
// many, and says where the rest is.
func (in *intake) nameAside(c *console, rest string) {
	bad := in.count(func(k list.ProblemKind) bool { return !k.Harmless() })
	if bad == 0 {
		return
	}
	slices.SortFunc(in.problems, func(a, b *list.Problem) int { return a.Line - b.Line })
	c.warn(fmt.Sprintf("%s of %s set aside:", ui.Plural(bad, "row"), in.name))
	for _, p := range in.problems[:min(len(in.problems), namedAside)] {
		c.say(c.style.Fold("  " + p.Error()))
	}
	if more := bad - namedAside; more > 0 {
		c.say(c.style.Fold(fmt.Sprintf("  and %s more: %s", ui.Count(more), rest)))
	}
}

// writeAside writes a line for each row that was set aside when the list was taken
// in, which the run before did when the campaign is resumed.
func (r *running) writeAside(ctx context.Context, out *output) error {
	if r.s.Format != "jsonl" || r.resumed || r.before.Skipped+r.before.Suppressed == 0 {
		return nil
	}
	return r.campaign.Aside(ctx, func(s ledger.Recipient) error {
		if s.Problem == nil {
			return writeAsideLine(out, r.name(), r.env.Now(), suppressedRow(r.list.name, s.Line, s.Row, s.Address))
		}
		text := fmt.Sprintf("%s:%d: %s", r.list.name, s.Line, s.Problem.Text)
		return writeAsideLine(out, r.name(), r.env.Now(), asideRow{s.Row, s.Address, s.Outcome, s.Problem.Reason, text})
	})
}

// writeAsideLine writes a row that is set aside as one line of JSON, as an attempt
// that never was.
func writeAsideLine(out *output, campaign string, now time.Time, a asideRow) error {
	destination := ""
	if !a.address.IsZero() {
		destination = label(a.address.Domain)
	}
	return ui.WriteAttempt(out, campaign, a.row, destination, delivery.Attempt{
		Time: now, Recipient: a.address, Outcome: a.outcome, Err: strings.TrimSpace(a.text),
		Verdict: delivery.Verdict{Reason: delivery.Reason(a.reason)},
	})
}
