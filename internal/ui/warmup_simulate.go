package ui

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/mailctl/mailctl/pkg/warmup"
)

// WarmupSimulation is a plan that was played in simulated time (schema
// mailctl.warmup-simulation/1).
type WarmupSimulation struct {
	Schema        string            `json:"schema"`
	Seed          uint64            `json:"seed"`
	Personalities map[string]string `json:"personalities"` // by provider
	Runs          []WarmupRun       `json:"runs"`
}

// WarmupRun is one way of playing it.
type WarmupRun struct {
	Name  string             `json:"run"` // "blind" keeps to the plan, "adaptive" moves it every day
	Total warmup.RunTotal    `json:"total"`
	Days  []warmup.PlayedDay `json:"days"`
	// Receivers are those that remember the sender, as they are in the end.
	Receivers map[string]WarmupReceiver `json:"receivers"`
}

// WarmupReceiver is what a receiver thinks of the sender.
type WarmupReceiver struct {
	Reputation float64 `json:"reputation"` // from 0 to 1
	Takes      int     `json:"takes"`      // messages a day
}

// WriteWarmupSimulation writes the days of one of the runs and how all of them
// ended.
func WriteWarmupSimulation(w io.Writer, style Style, s WarmupSimulation, shown int) error {
	run := s.Runs[shown]
	fmt.Fprintf(w, "%s\n", style.Bold(fmt.Sprintf("%s in simulated time, the %s run", Plural(len(run.Days), "day"), run.Name)))
	var played [][2]string
	for _, name := range sortedNames(s.Personalities) {
		played = append(played, [2]string{printable(name), "played by " + printable(s.Personalities[name])})
	}
	if err := writeHanging(w, style, played); err != nil {
		return err
	}
	fmt.Fprintln(w)
	if err := writePlayedDays(w, style, run.Days); err != nil {
		return err
	}
	for _, run := range s.Runs {
		if err := writeRun(w, style, run); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, "\n"+style.Faint("The blind run keeps to the plan, the adaptive one moves it by the decisions.\nSHARE is what was delivered of what was planned."))
	return err
}

// writePlayedDays writes a row for each day. Who does not advance is named.
func writePlayedDays(w io.Writer, style Style, days []warmup.PlayedDay) error {
	rows := make([][]string, len(days))
	for i, d := range days {
		total := warmup.Sum(days[i : i+1])
		rows[i] = append([]string{strconv.Itoa(d.Day), Count(total.Planned)}, volumeCells(total.Volume)...)
		rows[i] = append(rows[i], decisionsText(style, d))
	}
	columns := append([]Column{{Title: "DAY", Right: true}, {Title: "PLANNED", Right: true}}, volumeColumns()...)
	return Table(w, style, append(columns, Column{Title: "DECISION", Shrink: true}), rows)
}

// decisionsText names the providers that do not advance.
func decisionsText(style Style, d warmup.PlayedDay) string {
	var parts []string
	for _, decision := range []warmup.Decision{warmup.BackOff, warmup.Hold} {
		var names []string
		for _, name := range sortedNames(d.Providers) {
			if d.Providers[name].Decision == decision {
				names = append(names, printable(name))
			}
		}
		if len(names) > 0 {
			parts = append(parts, decisionText(style, decision)+" "+strings.Join(names, ", "))
		}
	}
	if len(parts) == 0 {
		return decisionText(style, warmup.Advance)
	}
	return strings.Join(parts, "; ")
}

// writeRun writes how a run ended, provider by provider.
func writeRun(w io.Writer, style Style, run WarmupRun) error {
	fmt.Fprintf(w, "\n%s\n", style.Bold(fmt.Sprintf("The %s run: %s delivered", run.Name, share(run.Total.Delivered, run.Total.Planned))))
	columns := append([]Column{{Title: "PROVIDER", Shrink: true}, {Title: "PLANNED", Right: true}}, volumeColumns()...)
	columns = append(columns, Column{Title: "SHARE", Right: true})
	var rows [][]string
	add := func(name string, t warmup.RunTotal) {
		row := append([]string{name, Count(t.Planned)}, volumeCells(t.Volume)...)
		rows = append(rows, append(row, share(t.Delivered, t.Planned)))
	}
	for _, name := range sortedNames(run.Days[0].Providers) {
		add(printable(name), warmup.SumOf(run.Days, name))
	}
	add("all", run.Total)
	if err := Table(w, style, columns, rows); err != nil || len(run.Receivers) == 0 {
		return err
	}
	var takes []string
	for _, name := range sortedNames(run.Receivers) {
		takes = append(takes, printable(name)+" "+Count(run.Receivers[name].Takes))
	}
	return writeHanging(w, style, [][2]string{{"taken a day in the end", strings.Join(takes, ", ")}})
}

// sortedNames returns the keys of a map in order.
func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
