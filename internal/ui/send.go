package ui

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// SendSummary is what came of a mailing (schema mailctl.send/1).
type SendSummary struct {
	Schema     string  `json:"schema"`
	Campaign   string  `json:"campaign"`
	Recipients int     `json:"recipients"`
	Delivered  int     `json:"delivered"`
	Deferred   int     `json:"deferred"`
	Bounced    int     `json:"bounced"`
	Suppressed int     `json:"suppressed"`
	Skipped    int     `json:"skipped"`
	Unknown    int     `json:"unknown"`
	Pending    int     `json:"pending,omitempty"` // not tried yet
	Bytes      int64   `json:"bytes"`
	Seconds    float64 `json:"seconds"`
	// ByReason counts the recipients that were not delivered to.
	ByReason      map[string]int            `json:"by_reason"`
	ByDestination map[string]map[string]int `json:"by_destination"`
	DryRun        bool                      `json:"dry_run,omitempty"`
	// Paused says why the campaign stopped before its end.
	Paused string `json:"paused,omitempty"`
	// Resumed says that Seconds are those of the last of several runs.
	Resumed bool `json:"-"`
}

// outcomes are the columns of the summary, in the order of how well it went.
var outcomes = []string{"delivered", "deferred", "bounced", "unknown", "suppressed", "skipped", "pending"}

// count returns the number of recipients with an outcome.
func (s SendSummary) count(outcome string) int {
	return map[string]int{
		"delivered": s.Delivered, "deferred": s.Deferred, "bounced": s.Bounced, "unknown": s.Unknown,
		"suppressed": s.Suppressed, "skipped": s.Skipped, "pending": s.Pending,
	}[outcome]
}

// maxDestinations bounds the rows of the table a person reads.
const maxDestinations = 12

// WriteSendSummary writes the summary for people.
func WriteSendSummary(w io.Writer, style Style, s SendSummary) error {
	took := Duration(time.Duration(s.Seconds * float64(time.Second)))
	work := Bytes(s.Bytes) + " in " + took
	if s.Resumed {
		work = Bytes(s.Bytes) + " in all, " + took + " in this run"
	}
	headline := fmt.Sprintf("%s of %s delivered", Count(s.Delivered), Plural(s.Recipients, "recipient"))
	fmt.Fprintf(w, "\n%s  %s\n\n", style.Bold(s.Campaign+": "+headline),
		style.Faint(work))
	rows := make([][]string, 0, len(outcomes))
	for _, o := range outcomes {
		if n := s.count(o); n > 0 {
			rows = append(rows, []string{outcomeText(style, o), Count(n), share(n, s.Recipients)})
		}
	}
	columns := []Column{{Title: "OUTCOME"}, {Title: "RECIPIENTS", Right: true}, {Title: "SHARE", Right: true}}
	if err := Table(w, style, columns, rows); err != nil {
		return err
	}
	if err := writeReasons(w, style, s); err != nil {
		return err
	}
	return writeDestinations(w, style, s)
}

func writeReasons(w io.Writer, style Style, s SendSummary) error {
	if len(s.ByReason) == 0 {
		return nil
	}
	reasons := slices.SortedFunc(maps.Keys(s.ByReason), func(a, b string) int {
		return cmp.Or(s.ByReason[b]-s.ByReason[a], strings.Compare(a, b))
	})
	rows := make([][]string, len(reasons))
	for i, reason := range reasons {
		rows[i] = []string{reason, Count(s.ByReason[reason])}
	}
	fmt.Fprintln(w)
	return Table(w, style, []Column{{Title: "REASON"}, {Title: "RECIPIENTS", Right: true}}, rows)
}

func writeDestinations(w io.Writer, style Style, s SendSummary) error {
	if len(s.ByDestination) == 0 {
		return nil
	}
	total := func(name string) (n int) {
		for _, count := range s.ByDestination[name] {
			n += count
		}
		return n
	}
	names := slices.SortedFunc(maps.Keys(s.ByDestination), func(a, b string) int {
		return cmp.Or(last(a)-last(b), total(b)-total(a), strings.Compare(a, b))
	})
	columns := []Column{{Title: "DESTINATION", Shrink: true}}
	var shown []string
	for _, o := range outcomes {
		for _, name := range names {
			if s.ByDestination[name][o] > 0 {
				shown = append(shown, o)
				columns = append(columns, Column{Title: strings.ToUpper(o), Right: true})
				break
			}
		}
	}
	var rows [][]string
	for _, name := range names[:min(len(names), maxDestinations)] {
		row := []string{name}
		for _, o := range shown {
			row = append(row, countOrDash(s.ByDestination[name][o]))
		}
		rows = append(rows, row)
	}
	fmt.Fprintln(w)
	if err := Table(w, style, columns, rows); err != nil {
		return err
	}
	if more := moreDestinations(names); more != "" {
		fmt.Fprintf(w, "  %s\n", style.Faint(more))
	}
	return nil
}

// moreDestinations says how many destinations the table has no room for.
func moreDestinations(names []string) string {
	more := len(names) - maxDestinations
	switch {
	case more <= 0:
		return ""
	case last(names[len(names)-1]) == 0:
		return fmt.Sprintf("and %s more; --format json lists them", Count(more))
	default: // nobody counted how many they are
		return "and more, of which --format json lists the larger ones"
	}
}

// last puts the destinations that are counted together behind all others.
func last(destination string) int {
	if destination == OtherDestinations {
		return 1
	}
	return 0
}

// OtherDestinations is the name under which small destinations are counted
// together.
const OtherDestinations = "other"

func outcomeText(style Style, outcome string) string {
	switch outcome {
	case "delivered":
		return style.Good(outcome)
	case "bounced", "unknown":
		return style.Bad(outcome)
	case "deferred", "pending":
		return style.Warn(outcome)
	default:
		return outcome
	}
}

func countOrDash(n int) string {
	if n == 0 {
		return "–"
	}
	return Count(n)
}

// share writes a part of a whole. What is rounded is never all or nothing: few who were
// not delivered to are not to be overlooked.
func share(n, of int) string {
	if of == 0 {
		return ""
	}
	percent := float64(n) * 100 / float64(of)
	switch {
	case n > 0 && percent < 0.05:
		return "< 0.1 %"
	case n < of && percent >= 99.95:
		return "> 99.9 %"
	}
	return fmt.Sprintf("%.1f %%", percent)
}

// A SendPlan is what a mailing will do, shown before the first message.
type SendPlan struct {
	Campaign  string
	List      string
	Total     int // rows that will be sent to
	Left      int // of these, not settled by an earlier run
	SetAside  []SetAside
	From      string
	Subject   string
	Via       string
	Rate      string
	SignedBy  []string
	Resumed   bool
	Estimated time.Duration // zero when there is no rate to tell by
	Warnings  []string
}

// SetAside counts rows that will not be sent to, and why.
type SetAside struct {
	Reason string
	Rows   int
}

// WriteSendPlan writes the plan for people.
func WriteSendPlan(w io.Writer, style Style, p SendPlan, now time.Time) {
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "  %s%s\n", style.Faint(fmt.Sprintf("%-11s", name)), value)
		}
	}
	title := "Campaign " + p.Campaign
	if p.Resumed {
		title += ", resumed"
	}
	fmt.Fprintln(w, style.Bold(title))
	to := Plural(p.Total, "recipient") + " of " + p.List
	if p.Left != p.Total {
		to += fmt.Sprintf(", %s still to be sent to", Count(p.Left))
	}
	line("to", to)
	for _, aside := range p.SetAside {
		line("set aside", fmt.Sprintf("%s: %s", Plural(aside.Rows, "row"), aside.Reason))
	}
	line("from", p.From)
	line("subject", p.Subject)
	line("via", p.Via)
	line("signed by", strings.Join(p.SignedBy, ", "))
	line("rate", p.Rate)
	if p.Estimated > 0 {
		line("ends", fmt.Sprintf("%s at the earliest, in %s", now.Add(p.Estimated).Format("2006-01-02 15:04"), Duration(p.Estimated)))
	}
	for _, warning := range p.Warnings {
		fmt.Fprintf(w, "  %s %s\n", style.Warn("warning:"), warning)
	}
	fmt.Fprintln(w)
}

// WriteDryRun writes for people what a mailing would do.
func WriteDryRun(w io.Writer, style Style, s SendSummary) error {
	fmt.Fprintf(w, "%s  %s\n", style.Bold(fmt.Sprintf("dry run: %s made, none sent", Plural(s.Pending, "message"))), style.Faint(Bytes(s.Bytes)))
	if s.Skipped+s.Suppressed == 0 {
		return nil
	}
	rows := [][]string{}
	for _, reason := range slices.Sorted(maps.Keys(s.ByReason)) {
		rows = append(rows, []string{reason, Count(s.ByReason[reason])})
	}
	if s.Suppressed > 0 {
		rows = append(rows, []string{"suppressed", Count(s.Suppressed)})
	}
	fmt.Fprintln(w)
	return Table(w, style, []Column{{Title: "SET ASIDE"}, {Title: "ROWS", Right: true}}, rows)
}
