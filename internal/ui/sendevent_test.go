package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/send"
)

func TestEventText(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for want, e := range map[string]send.Event{
		"yahoo: nothing is sent there for 2 h 00 min (TSS04): 421 no": {Kind: send.EventWaiting, Until: at.Add(2 * time.Hour), Reaction: "TSS04", Cause: "421 no"},
		"yahoo: accepts again":                             {Kind: send.EventResumed},
		"yahoo: all that is left waits for 5 min 00 s":     {Kind: send.EventIdle, Until: at.Add(5 * time.Minute)},
		"yahoo: at most 1 connection and 1/min":            {Kind: send.EventFewer, Connections: 1, Rate: 1.0 / 60},
		"yahoo: at most 3 connections: 421 too many":       {Kind: send.EventFewer, Connections: 3, Cause: "421 too many"},
		"yahoo: at most 2 connections: connect: refused":   {Kind: send.EventFewer, Connections: 2, Cause: "yahoo: connect: refused"},
		"yahoo: up to 4 connections, since that helps":     {Kind: send.EventMore, Connections: 4},
		"yahoo: at most 20 messages over one connection":   {Kind: send.EventShorter, Messages: 20},
		"yahoo: slowed down to 4.5/s (too fast): 421 slow": {Kind: send.EventSlower, Rate: 4.5, Reaction: "too fast", Cause: "421 slow"},
		"yahoo: up to 120/s":                               {Kind: send.EventFaster, Rate: 120.2},
		"yahoo: as fast as it answers again":               {Kind: send.EventFree},
		"yahoo: nothing more is sent there in this run":    {Kind: send.EventStopped},
	} {
		e.Time, e.Destination = at, "yahoo"
		if got := EventText(e); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for rate, want := range map[float64]string{5: "5/s", 4.26: "4.3/s", 10.0 / 60: "10/min", 1.0 / 3600: "1/h", 0.25 / 3600: "0.2/h"} {
		if got := PerTime(rate); got != want {
			t.Errorf("%v: %q, want %q", rate, got, want)
		}
	}
}

func TestWriteEvent(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	err := WriteEvent(&b, "welcome", send.Event{
		Time: at, Kind: send.EventWaiting, Destination: "yahoo", Until: at.Add(time.Hour), Rate: 1, Cause: "421 no", Reaction: "TSS04",
	})
	want := `{"schema":"mailctl.event/1","time":"2026-11-22T12:00:00Z","campaign":"welcome","event":"waiting","destination":"yahoo",` +
		`"until":"2026-11-22T13:00:00Z","per_second":1,"reaction":"TSS04","cause":"421 no"}` + "\n"
	if err != nil || b.String() != want {
		t.Errorf("%v\n got %s\nwant %s", err, b.String(), want)
	}
}
