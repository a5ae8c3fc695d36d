package ui

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/guptarohit/asciigraph"

	"github.com/mailctl/mailctl/pkg/warmup"
)

// WriteWarmup writes a plan for people: what it is, a table and a curve.
func WriteWarmup(w io.Writer, style Style, p *warmup.Plan) error {
	fmt.Fprintf(w, "%s\n", style.Bold(warmupTitle(p)))
	facts := [][2]string{
		{"from", p.Days[0].Date.String() + " to " + p.Days[len(p.Days)-1].Date.String()},
		{"days", warmupDays(p)},
		{"messages", Count(p.Total()) + " in all"},
		{"growth", warmupGrowth(p)},
		{"source", printable(p.Source)},
	}
	if p.IPs > 1 {
		facts = append(facts, [2]string{"addresses", Count(p.IPs) + ", which share every day evenly"})
	}
	if p.Hours != (warmup.Hours{}) {
		facts = append(facts, [2]string{"hours", fmt.Sprintf("from %02d:00 to %02d:00", p.Hours.From, p.Hours.To)})
	}
	if err := writeHanging(w, style, facts); err != nil {
		return err
	}
	fmt.Fprintln(w)
	if err := writeWarmupDays(w, style, p); err != nil {
		return err
	}
	if len(p.Days) < 2 {
		return nil
	}
	_, err := fmt.Fprintf(w, "\n%s\n", warmupCurve(style, p))
	return err
}

func warmupTitle(p *warmup.Plan) string {
	return fmt.Sprintf("Warm-up to %s messages a day", Count(p.Days[len(p.Days)-1].Total))
}

func warmupDays(p *warmup.Plan) string {
	if p.SkipWeekends {
		return Count(len(p.Days)) + " sending days, none at weekends"
	}
	return Count(len(p.Days))
}

// warmupGrowth says where the numbers come from.
func warmupGrowth(p *warmup.Plan) string {
	switch {
	case p.Schedule != "":
		return "by the schedule " + printable(p.Schedule)
	case len(p.Days) == 1:
		return "none"
	}
	return fmt.Sprintf("from %s, by the same factor every day", Count(p.Days[0].Total))
}

// rankedProviders returns the providers of a plan, those with the most messages
// first, and "other" last.
func rankedProviders(p *warmup.Plan) []string {
	names, last := p.Providers(), p.Days[len(p.Days)-1]
	slices.SortStableFunc(names, func(a, b string) int {
		if a == warmup.Other || b == warmup.Other {
			return cmp.Compare(boolInt(a == warmup.Other), boolInt(b == warmup.Other))
		}
		return cmp.Compare(last.Providers[b], last.Providers[a])
	})
	return names
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// writeWarmupDays writes one row for each day. The providers that do not fit the
// screen share a column.
func writeWarmupDays(w io.Writer, style Style, p *warmup.Plan) error {
	names := rankedProviders(p)
	for n := len(names); ; n-- {
		columns, rows := warmupTable(p, names[:n], names[n:])
		width := 0
		for _, w := range columnWidths(columns, rows) {
			width += w + 2
		}
		if width <= style.Width || n <= 1 {
			return Table(w, style, columns, rows)
		}
	}
}

// warmupTable returns a table of the days with columns for some providers and one
// for the rest.
func warmupTable(p *warmup.Plan, names, rest []string) ([]Column, [][]string) {
	columns := []Column{{Title: "DAY", Right: true}, {Title: "DATE"}, {Title: "TOTAL", Right: true}, {Title: "AN HOUR", Right: true}}
	if p.IPs > 1 {
		columns = append(columns, Column{Title: "EACH IP", Right: true})
	}
	for _, name := range names {
		columns = append(columns, Column{Title: strings.ToUpper(printable(name)), Right: true})
	}
	if len(rest) > 0 {
		columns = append(columns, Column{Title: "REST", Right: true})
	}
	rows := make([][]string, len(p.Days))
	for i, d := range p.Days {
		row := []string{strconv.Itoa(d.Day), d.Date.Weekday().String()[:3] + " " + d.Date.String(), Count(d.Total), Count(slices.Max(d.Hourly))}
		if p.IPs > 1 {
			row = append(row, Count(d.PerIP))
		}
		for _, name := range names {
			row = append(row, Count(d.Providers[name]))
		}
		if len(rest) > 0 {
			sum := 0
			for _, name := range rest {
				sum += d.Providers[name]
			}
			row = append(row, Count(sum))
		}
		rows[i] = row
	}
	return columns, rows
}

// warmupCurve draws the total of every day.
func warmupCurve(style Style, p *warmup.Plan) string {
	totals := make([]float64, len(p.Days))
	label := 0
	for i, d := range p.Days {
		totals[i] = float64(d.Total)
		label = max(label, len(Count(d.Total)))
	}
	first, last := p.Days[0].Date.String(), p.Days[len(p.Days)-1].Date.String()
	width := max(min(style.Width, 100)-label-6, 20)
	graph := asciigraph.Plot(totals,
		asciigraph.Height(10), asciigraph.Width(width), asciigraph.LowerBound(0), asciigraph.Precision(0),
		asciigraph.YAxisValueFormatter(func(v float64) string { return Count(int(v + 0.5)) }))
	indent := strings.Repeat(" ", label+2)
	return graph + "\n" + indent + first + strings.Repeat(" ", max(width-len(first)-len(last), 1)) + last
}

// WriteWarmupJSON writes a plan (schema mailctl.warmup/1).
func WriteWarmupJSON(w io.Writer, p *warmup.Plan) error { return WriteJSON(w, p) }
