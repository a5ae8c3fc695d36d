package ui

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/send"
)

// EventText says in one line what changed in the pace of a destination, and why.
func EventText(e send.Event) string {
	text := e.Destination + ": "
	switch e.Kind {
	case send.EventWaiting:
		text += "nothing is sent there for " + Duration(max(e.Until.Sub(e.Time), 0))
	case send.EventResumed:
		text += "accepts again"
	case send.EventIdle:
		text += "all that is left waits for " + Duration(max(e.Until.Sub(e.Time), 0))
	case send.EventFewer:
		text += "at most " + Plural(e.Connections, "connection")
		if e.Rate > 0 {
			text += " and " + PerTime(e.Rate)
		}
	case send.EventMore:
		text += "up to " + Plural(e.Connections, "connection") + ", since that helps"
	case send.EventShorter:
		text += "at most " + Plural(e.Messages, "message") + " over one connection"
	case send.EventSlower:
		text += "slowed down to " + PerTime(e.Rate)
	case send.EventFaster:
		text += "up to " + PerTime(e.Rate)
	case send.EventFree:
		text += "as fast as it answers again"
	case send.EventStopped:
		text += "nothing more is sent there in this run"
	}
	if e.Reaction != "" && e.Cause != "" {
		text += " (" + e.Reaction + ")"
	}
	if cause := EventCause(e); cause != "" {
		text += ": " + cause
	}
	return text
}

// EventCause says what moved a destination, without its name where that stands before.
func EventCause(e send.Event) string { return strings.TrimPrefix(e.Cause, e.Destination+": ") }

// PerTime writes a rate in the unit in which it is a small number.
func PerTime(perSecond float64) string {
	for _, unit := range []struct {
		seconds float64
		name    string
	}{{1, "s"}, {60, "min"}, {3600, "h"}} {
		if n := perSecond * unit.seconds; n >= 0.995 || unit.name == "h" {
			if n < 9.95 {
				return strings.TrimSuffix(fmt.Sprintf("%.1f", n), ".0") + "/" + unit.name
			}
			return fmt.Sprintf("%.0f/%s", n, unit.name)
		}
	}
	return ""
}

// EventLine is one change of pace as JSON (schema mailctl.event/1).
type EventLine struct {
	Schema      string  `json:"schema"`
	Time        string  `json:"time"`
	Campaign    string  `json:"campaign"`
	Event       string  `json:"event"`
	Destination string  `json:"destination"`
	Until       string  `json:"until,omitempty"`
	Connections int     `json:"connections,omitempty"`
	PerSecond   float64 `json:"per_second,omitempty"`
	Messages    int     `json:"messages,omitempty"`
	Reaction    string  `json:"reaction,omitempty"`
	Cause       string  `json:"cause,omitempty"`
}

// WriteEvent writes a change of pace as one line of JSON.
func WriteEvent(w io.Writer, campaign string, e send.Event) error {
	return WriteJSON(w, newEventLine(campaign, e))
}

// EventLines returns changes of pace as JSON; never nil.
func EventLines(campaign string, events []send.Event) []EventLine {
	all := make([]EventLine, len(events))
	for i, e := range events {
		all[i] = newEventLine(campaign, e)
	}
	return all
}

// WriteEvents writes a table of changes of pace, if there are any.
func WriteEvents(w io.Writer, style Style, events []send.Event) error {
	if len(events) == 0 {
		return nil
	}
	fmt.Fprintf(w, "\n")
	rows := make([][]string, len(events))
	for i, e := range events {
		rows[i] = []string{e.Time.UTC().Format(time.DateTime), EventText(e)}
	}
	return Table(w, style, []Column{{Title: "TIME (UTC)"}, {Title: "CHANGE OF PACE", Shrink: true}}, rows)
}

func newEventLine(campaign string, e send.Event) EventLine {
	line := EventLine{
		Schema: "mailctl.event/1", Time: e.Time.UTC().Format(time.RFC3339Nano), Campaign: campaign,
		Event: string(e.Kind), Destination: e.Destination, Connections: e.Connections, PerSecond: e.Rate,
		Messages: e.Messages, Reaction: e.Reaction, Cause: e.Cause,
	}
	if !e.Until.IsZero() {
		line.Until = e.Until.UTC().Format(time.RFC3339Nano)
	}
	return line
}
