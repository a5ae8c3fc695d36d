package ui

import (
	"fmt"
	"io"
	"strings"

	"github.com/mailctl/mailctl/pkg/warmup"
)

// WarmupStatus is how a plan goes (schema mailctl.warmup-status/1).
type WarmupStatus struct {
	Schema   string          `json:"schema"`
	Date     warmup.Date     `json:"date"`     // today
	Day      int             `json:"day"`      // of the plan; 0 when nothing is sent today
	Days     int             `json:"days"`     // of the plan
	Decision warmup.Decision `json:"decision"` // the most careful one of all providers
	Planned  int             `json:"planned"`  // today
	Sent     int             `json:"sent"`     // today
	Next     warmup.Date     `json:"next"`     // the sending day after today
	// Providers by name.
	Providers map[string]WarmupProvider `json:"providers"`
	History   []WarmupDay               `json:"history"` // days on which something was sent, oldest first
}

// WarmupProvider is how a plan goes at a provider.
type WarmupProvider struct {
	Today int `json:"today"` // planned
	Left  int `json:"left"`  // of it, what may still be handed over
	// Date is the last day on which something was sent there, which is the one that
	// is judged; absent before.
	Date    *warmup.Date `json:"date,omitempty"`
	Planned int          `json:"planned"` // on that day
	warmup.Volume
	warmup.Verdict
}

// WarmupDay is what came of a day at all providers.
type WarmupDay struct {
	Date    warmup.Date `json:"date"`
	Planned int         `json:"planned"`
	warmup.Volume
}

// statusDays is how many days the text shows.
const statusDays = 7

// WriteWarmupStatus writes how a plan goes for people.
func WriteWarmupStatus(w io.Writer, style Style, s WarmupStatus) error {
	headline := fmt.Sprintf("Day %d of %d: %s of %s sent today", s.Day, s.Days, Count(s.Sent), Count(s.Planned))
	if s.Day == 0 {
		headline = fmt.Sprintf("Nothing may be sent today; the next day is %s", s.Next)
	}
	fmt.Fprintf(w, "%s  %s\n\n", style.Bold(headline), decisionText(style, s.Decision))
	if err := writeStatusProviders(w, style, s); err != nil {
		return err
	}
	if len(s.History) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	return writeStatusDays(w, style, s.History[max(0, len(s.History)-statusDays):])
}

func writeStatusProviders(w io.Writer, style Style, s WarmupStatus) error {
	columns := []Column{
		{Title: "PROVIDER", Shrink: true},
		{Title: "LEFT TODAY", Right: true},
		{Title: "JUDGED"},
		{Title: "SENT", Right: true},
		{Title: "DELIVERED", Right: true},
		{Title: "DEAD", Right: true},
		{Title: "COMPLAINTS", Right: true},
		{Title: "DECISION"},
	}
	var rows [][]string
	var reasons [][2]string
	for _, name := range sortedNames(s.Providers) {
		p := s.Providers[name]
		date := "–"
		if p.Date != nil {
			date = p.Date.String()[len("2026-"):]
		}
		rows = append(rows, []string{
			printable(name), Count(p.Left), date, Count(p.Sent), share(p.Delivered, p.Sent),
			Count(p.Bounced), Count(p.Complaints), decisionText(style, p.Decision),
		})
		reasons = append(reasons, [2]string{printable(name), p.Reason})
	}
	if err := Table(w, style, columns, rows); err != nil {
		return err
	}
	fmt.Fprintln(w)
	return writeHanging(w, style, reasons)
}

func writeStatusDays(w io.Writer, style Style, days []WarmupDay) error {
	rows := make([][]string, len(days))
	for i, d := range days {
		rows[i] = append([]string{d.Date.String(), Count(d.Planned)}, volumeCells(d.Volume)...)
		rows[i] = append(rows[i], share(d.Delivered, d.Sent))
	}
	columns := append([]Column{{Title: "DATE"}, {Title: "PLANNED", Right: true}}, volumeColumns()...)
	return Table(w, style, append(columns, Column{Title: "SHARE", Right: true}), rows)
}

// volumeColumns and volumeCells are what came of a day in a table.
func volumeColumns() []Column {
	var columns []Column
	for _, title := range []string{"SENT", "DELIVERED", "DEFERRED", "DEAD", "BLOCKED"} {
		columns = append(columns, Column{Title: title, Right: true})
	}
	return columns
}

func volumeCells(v warmup.Volume) []string {
	return []string{Count(v.Sent), Count(v.Delivered), Count(v.Deferred), Count(v.Bounced), Count(v.Blocked)}
}

// decisionText colours a decision.
func decisionText(style Style, d warmup.Decision) string {
	switch d {
	case warmup.Advance:
		return style.Good(string(d))
	case warmup.BackOff:
		return style.Bad(string(d))
	default:
		return style.Warn(strings.TrimSpace(string(d)))
	}
}
