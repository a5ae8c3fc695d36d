package ui

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"github.com/mailctl/mailctl/pkg/bounce/maillog"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// A LogEvent is one line of a mail log and what it means.
type LogEvent struct {
	File    string
	Event   maillog.Event
	Verdict delivery.Verdict
}

// logEventLine is an event as JSON (schema mailctl.logevent/1).
type logEventLine struct {
	Schema   string          `json:"schema"`
	Time     string          `json:"time"` // empty when the line has none
	File     string          `json:"file"`
	Line     int             `json:"line"`
	MTA      maillog.MTA     `json:"mta"`
	QueueID  string          `json:"queue_id"`
	Email    string          `json:"email"`
	Original string          `json:"original,omitempty"`
	Host     string          `json:"host"`
	IP       string          `json:"ip"`
	Code     int             `json:"code"`
	Enhanced string          `json:"enhanced"`
	Text     string          `json:"text"`
	Stage    delivery.Stage  `json:"stage"`
	Outcome  maillog.Outcome `json:"outcome"`
	Reason   delivery.Reason `json:"reason"`
	Bounce   delivery.Bounce `json:"bounce"`
	Action   delivery.Action `json:"action"`
	Provider string          `json:"provider"`
	Seconds  float64         `json:"seconds"`
}

func newLogEventLine(e LogEvent) logEventLine {
	reply := e.Event.Reply()
	line := logEventLine{
		Schema: "mailctl.logevent/1", File: e.File, Line: e.Event.Line, MTA: e.Event.MTA, QueueID: printable(e.Event.QueueID),
		Email: printable(e.Event.Recipient), Original: printable(e.Event.Original), Host: printable(e.Event.Host),
		Code: reply.Code, Enhanced: reply.Enhanced.String(), Text: reply.Text(), Stage: e.Event.Stage, Outcome: e.Event.Outcome,
		Reason: e.Verdict.Reason, Bounce: e.Verdict.Bounce, Action: e.Verdict.Action, Provider: e.Verdict.Provider,
		Seconds: e.Event.Delay.Seconds(),
	}
	if !e.Event.Time.IsZero() {
		line.Time = e.Event.Time.UTC().Format(time.RFC3339Nano)
	}
	if e.Event.IP.IsValid() {
		line.IP = e.Event.IP.String()
	}
	return line
}

// A LogEventWriter writes events one by one.
type LogEventWriter struct {
	w     io.Writer
	table *csv.Writer // nil for JSON
	begun bool
}

// NewLogEventWriter returns a writer of jsonl or csv.
func NewLogEventWriter(w io.Writer, format string) *LogEventWriter {
	e := &LogEventWriter{w: w}
	if format == "csv" {
		e.table = csv.NewWriter(w)
	}
	return e
}

// Write writes one event.
func (w *LogEventWriter) Write(e LogEvent) error {
	l := newLogEventLine(e)
	if w.table == nil {
		return WriteJSON(w.w, l)
	}
	if err := w.Begin(); err != nil {
		return err
	}
	code := ""
	if l.Code != 0 {
		code = strconv.Itoa(l.Code)
	}
	if err := w.table.Write([]string{
		l.Time, l.File, strconv.Itoa(l.Line), string(l.MTA), l.QueueID, l.Email, l.Original, l.Host, l.IP,
		code, l.Enhanced, l.Text, string(l.Stage), string(l.Outcome), string(l.Reason), string(l.Bounce), string(l.Action), l.Provider,
		strconv.FormatFloat(l.Seconds, 'f', -1, 64),
	}); err != nil {
		return err
	}
	w.table.Flush()
	return w.table.Error()
}

// Begin writes what stands above the first event. It is called at the latest when
// there is no event to come.
func (w *LogEventWriter) Begin() error {
	if w.table == nil || w.begun {
		return nil
	}
	w.begun = true
	err := w.table.Write([]string{
		"time", "file", "line", "mta", "queue_id", "email", "original", "host", "ip", "code", "enhanced", "text",
		"stage", "outcome", "reason", "bounce", "action", "provider", "seconds",
	})
	w.table.Flush()
	if err == nil {
		err = w.table.Error()
	}
	return err
}
