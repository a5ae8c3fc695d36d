package ui

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/bounce/maillog"
)

// A ReplyLog is what mail logs come to.
type ReplyLog struct {
	Files   []string
	Input   maillog.Stats
	Summary maillog.Summary
	// Top is how many domains are listed.
	Top int
	// Suppressed is how many addresses went to the suppression list; nil when
	// that was not asked for.
	Suppressed *int
}

// replyLogView is a summary as programs get it.
type replyLogView struct {
	Schema string        `json:"schema"`
	Files  []string      `json:"files"`
	Input  maillog.Stats `json:"input"`
	maillog.Summary
	Suppressed *int `json:"suppressed,omitempty"`
}

// WriteReplyLogJSON writes a summary as one object (schema mailctl.replylog/1).
func WriteReplyLogJSON(w io.Writer, r ReplyLog) error {
	s := r.Summary
	s.From, s.Until = s.From.UTC(), s.Until.UTC()
	s.Domains = slices.Clone(s.Domains[:min(r.Top, len(s.Domains))])
	for i := range s.Domains {
		s.Domains[i].Name = printable(s.Domains[i].Name)
	}
	return WriteJSON(w, replyLogView{"mailctl.replylog/1", r.Files, r.Input, s, r.Suppressed})
}

// WriteReplyLog writes a summary as text: what came of the mail, why, where and
// when, and what to do first.
func WriteReplyLog(w io.Writer, style Style, r ReplyLog) error {
	p := &checkText{w: w, style: style}
	s := r.Summary
	p.hanging("", 0, logSpan(r))
	p.outcomes(s)
	for _, note := range logNotes(r) {
		p.hanging("", 0, note)
	}
	if s.Recipients == 0 {
		return p.err
	}
	var reasons [][]string
	for _, reason := range s.Reasons {
		reasons = append(reasons, []string{
			spaced(string(reason.Reason)), Count(reason.Bounced), Count(reason.Hard), Count(reason.Deferred), Count(reason.Attempts),
		})
	}
	p.table([]Column{{Title: "REASON", Shrink: true}, right("BOUNCED"), right("HARD"), right("DEFERRED"), right("ATTEMPTS")}, reasons)
	p.counts("PROVIDER", s.Providers, "others")
	p.counts("DOMAIN", s.Domains[:min(r.Top, len(s.Domains))], "(local)")
	if more := len(s.Domains) - r.Top; more > 0 {
		p.line("  " + p.style.Faint(fmt.Sprintf("and %s; --top shows more", Plural(more, "domain"))))
	}
	p.counts("DAY", s.Days, "")
	p.advice(s.Reasons)
	return p.err
}

// logSpan says what was read.
func logSpan(r ReplyLog) string {
	name := Plural(len(r.Files), "log")
	if len(r.Files) == 1 {
		name = r.Files[0]
	}
	if name == "-" {
		name = "standard input"
	}
	text := fmt.Sprintf("%s: %s", printable(name), Plural(r.Input.Lines, "line"))
	if s := r.Summary; !s.From.IsZero() {
		const minute = "2006-01-02 15:04"
		text += fmt.Sprintf(", mail from %s to %s", s.From.Format(minute), s.Until.Format(minute))
	}
	return text
}

// outcomes says what came of the mail.
func (p *checkText) outcomes(s maillog.Summary) {
	p.line(p.style.Bold(Plural(s.Recipients, "recipient")))
	width := len(Count(max(s.Delivered, s.Deferred, s.Bounced)))
	for _, o := range []struct {
		n     int
		what  string
		some  int
		which string
	}{
		{s.Delivered, p.style.Good("delivered"), s.Late, "after being deferred"},
		{s.Deferred, p.style.Warn("deferred"), 0, ""},
		{s.Bounced, p.style.Bad("bounced"), s.Hard, "hard: never write to them again"},
	} {
		line := fmt.Sprintf("  %*s %s", width, Count(o.n), o.what)
		if o.some > 0 {
			line += ", " + Count(o.some) + " of them " + o.which
		}
		p.line(line)
	}
}

// logNotes are what a reader must know to trust the numbers.
func logNotes(r ReplyLog) []string {
	var notes []string
	if n := r.Input.Refused; n > 0 {
		notes = append(notes, "Not counted: incoming mail was refused "+Plural(n, "time")+".")
	}
	if n := r.Input.Broken; n > 0 {
		notes = append(notes, Plural(n, "line")+" could not be read: too long, torn or binary.")
	}
	if n := r.Summary.Forgotten; n > 0 {
		notes = append(notes, Count(n)+" deferred recipients were too many to remember; those that ended later count twice.")
	}
	if r.Summary.DomainsMissed > 0 {
		notes = append(notes, "There were too many domains to count each: those with few recipients are left out.")
	}
	if r.Suppressed != nil {
		notes = append(notes, fmt.Sprintf("New on the suppression list: %s", Count(*r.Suppressed)))
	}
	return notes
}

// counts writes a table of recipients.
func (p *checkText) counts(title string, counts []maillog.NameCount, unnamed string) {
	var rows [][]string
	for _, c := range counts {
		name := printable(c.Name)
		if name == "" {
			name = unnamed
		}
		rows = append(rows, []string{name, Count(c.Recipients), Count(c.Delivered), Count(c.Deferred), Count(c.Bounced)})
	}
	p.table([]Column{{Title: title, Shrink: true}, right("RECIPIENTS"), right("DELIVERED"), right("DEFERRED"), right("BOUNCED")}, rows)
}

func right(title string) Column { return Column{Title: title, Right: true} }

// table writes a table below an empty line, and nothing when it has no rows.
func (p *checkText) table(columns []Column, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	p.line("")
	if p.err == nil {
		p.err = Table(p.w, p.style, columns, rows)
	}
}

// maxAdvice is for how many reasons it is said what to do.
const maxAdvice = 3

// advice says what to do about the reasons that hit the most recipients.
func (p *checkText) advice(reasons []maillog.ReasonCount) {
	for i, reason := range reasons[:min(maxAdvice, len(reasons))] {
		if i == 0 {
			p.line("")
			p.line(p.style.Bold("What to do first"))
		}
		p.line("")
		p.line(fmt.Sprintf("  %d. %s", i+1, p.style.Bold(spaced(string(reason.Reason)))))
		p.wrapped("     ", reason.Meaning+" "+reason.Advice)
		if reason.Example != "" {
			p.hanging("     "+p.style.Faint("said: "), len("     said: "), reason.Example)
		}
	}
}

func spaced(word string) string { return strings.ReplaceAll(word, "-", " ") }

// LogProgress says in one line how far the reading of a log is.
func LogProgress(octets int64, c maillog.Counts, elapsed time.Duration) string {
	return fmt.Sprintf("read %s  %s delivered, %s deferred, %s bounced  %s",
		Bytes(octets), Count(c.Delivered), Count(c.Deferred), Count(c.Bounced), Duration(elapsed))
}
