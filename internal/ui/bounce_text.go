package ui

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/mailctl/mailctl/pkg/bounce"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// bouncesText writes a table and a summary for people.
type bouncesText struct {
	w     io.Writer
	style Style
	all   bool
	rows  [][]string
	begun bool
}

// bouncePage is how many rows share the widths of a table, so that a large mailbox
// is not held in memory.
const bouncePage = 1000

func (b *bouncesText) Add(l BounceLine) error {
	if !b.all && (l.Kind == bounce.KindNone || l.Kind == bounce.KindDelivered) {
		return nil
	}
	recipient := l.Recipient.Unicode()
	if recipient == "" {
		recipient = "–"
	}
	kind, reason := string(l.Kind), string(l.Verdict.Reason)
	if l.Kind == bounce.KindBounce {
		kind = string(l.Verdict.Bounce)
	}
	if l.Kind == bounce.KindNone {
		recipient, kind, reason = filepath.Base(l.File), "–", string(l.Note)
	}
	text := l.Diagnostic
	if l.Reply.Code != 0 { // its code has a column of its own
		text = l.Reply.Text()
	}
	recipient = ansi.Truncate(printable(recipient), maxRecipient, "…")
	b.rows = append(b.rows, []string{recipient, kind, reason, codesOf(l.Reply), l.Campaign, printable(text)})
	if len(b.rows) < bouncePage {
		return nil
	}
	return b.flush()
}

// maxRecipient is how many columns an address may take; only the text is cut for it.
const maxRecipient = 40

// codesOf writes the codes of a reply, the more telling one when there are two.
func codesOf(r delivery.Reply) string {
	if !r.Enhanced.IsZero() {
		return r.Enhanced.String()
	}
	if r.Code != 0 {
		return strconv.Itoa(r.Code)
	}
	return ""
}

func (b *bouncesText) flush() error {
	if len(b.rows) == 0 {
		return nil
	}
	columns := []Column{{Title: "RECIPIENT"}, {Title: "KIND"}, {Title: "REASON"}, {Title: "CODE"}, {Title: "CAMPAIGN", Shrink: true}, {Title: "TEXT", Shrink: true}}
	rows := b.rows
	drop := func(column int) {
		columns = slices.Delete(columns, column, column+1)
		for i := range rows {
			rows[i] = slices.Delete(rows[i], column, column+1)
		}
	}
	if !slices.ContainsFunc(rows, func(r []string) bool { return r[campaignColumn] != "" }) {
		drop(campaignColumn)
	}
	if b.style.Width-tableWidth(columns[:len(columns)-1], rows) < minText {
		drop(len(columns) - 1)
	}
	b.rows, b.begun = nil, true
	return Table(b.w, b.style, columns, rows)
}

const (
	campaignColumn = 4
	minText        = 20 // a text that is cut to less says nothing
)

// tableWidth returns how wide a table of some columns would like to be.
func tableWidth(columns []Column, rows [][]string) int {
	width := 0
	for i, c := range columns {
		wanted := ansi.StringWidth(c.Title)
		for _, row := range rows {
			wanted = max(wanted, ansi.StringWidth(row[i]))
		}
		width += wanted + len("  ")
	}
	return width
}

// End writes the rest of the table and the summary.
func (b *bouncesText) End(s BounceSummary) error {
	if err := b.flush(); err != nil {
		return err
	}
	p := &checkText{w: b.w, style: b.style}
	if b.begun {
		p.line("")
	}
	p.line(b.style.Fold(fmt.Sprintf("%s read: %s", Plural(s.Messages, "message"), bounceCounts(b.style, s))))
	for _, r := range commonReasons(s.Reasons) {
		info := r.Info()
		p.line("")
		p.line(fmt.Sprintf("  %s  %s", b.style.Bold(string(r)), b.style.Faint(Count(s.Reasons[r]))))
		p.hanging("    ", 4, info.Meaning+" "+info.Advice)
	}
	for i, text := range bounceDeeds(s) {
		if i == 0 {
			p.line("")
		}
		p.line(text)
	}
	return p.err
}

// bounceCounts says how many there were of each kind.
func bounceCounts(style Style, s BounceSummary) string {
	var parts []string
	add := func(n int, noun string, color func(string) string) {
		if n > 0 {
			parts = append(parts, color(Plural(n, noun)))
		}
	}
	plain := func(text string) string { return text }
	add(s.Hard, "hard bounce", style.Bad)
	add(s.Soft, "soft bounce", style.Warn)
	add(s.Kinds[bounce.KindComplaint], "complaint", style.Bad)
	add(s.Kinds[bounce.KindDelay], "delay", style.Warn)
	if n := s.Kinds[bounce.KindDelivered]; n > 0 {
		parts = append(parts, Count(n)+" delivered")
	}
	if n := s.Kinds[bounce.KindNone]; n > 0 {
		parts = append(parts, plain(Count(n)+" not a bounce"))
	}
	if len(parts) == 0 {
		return "nothing in it"
	}
	return strings.Join(parts, ", ")
}

// mostReasons is how many reasons are explained.
const mostReasons = 3

// commonReasons returns the reasons that were met most.
func commonReasons(counts map[delivery.Reason]int) []delivery.Reason {
	reasons := make([]delivery.Reason, 0, len(counts))
	for r := range counts {
		reasons = append(reasons, r)
	}
	slices.SortFunc(reasons, func(a, b delivery.Reason) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	return reasons[:min(mostReasons, len(reasons))]
}

// bounceDeeds says what was done.
func bounceDeeds(s BounceSummary) []string {
	var deeds []string
	if s.Corrected > 0 {
		deeds = append(deeds, Plural(s.Corrected, "outcome")+" corrected in campaigns")
	}
	if s.Suppressed > 0 {
		text := "1 address"
		if s.Suppressed > 1 {
			text = Count(s.Suppressed) + " addresses"
		}
		deeds = append(deeds, text+" put on the suppression list")
	}
	return deeds
}
