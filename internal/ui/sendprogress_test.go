package ui

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestSendLine(t *testing.T) {
	begun := time.Date(2026, 11, 22, 12, 0, 0, 0, time.Local)
	waits := ""
	c := &SendCounts{Waits: func(time.Time) string { return waits }}
	c.Start(10, map[string]int{})
	for _, step := range []struct {
		after     time.Duration
		delivered int
		waits     string
		want      string
	}{
		{0, 0, "", "0/10  0 %"},
		{10 * time.Second, 1, "", "1/10  10 %  6/min  1 min 30 s left  delivered 1"},
		{20 * time.Second, 2, "next at 13:00 (rate 2/h)", "3/10  30 %  next at 13:00 (rate 2/h)  9/min  47 s left  delivered 3"},
	} {
		for range step.delivered {
			c.Add("delivered", "")
		}
		waits = step.waits
		if got := c.Line(begun.Add(step.after)); got != step.want {
			t.Errorf("after %v: %q, want %q", step.after, got, step.want)
		}
	}
}

// TestSendLineKnowsItsLimits shows no end that a budget for the hour does not allow.
func TestSendLineKnowsItsLimits(t *testing.T) {
	begun := time.Date(2026, 11, 22, 12, 0, 0, 0, time.Local)
	c := &SendCounts{Least: func(left int) time.Duration { return time.Duration(left/10) * time.Hour }}
	c.Start(100, map[string]int{})
	for range 10 {
		c.Add("delivered", "")
	}
	c.Line(begun.Add(-time.Second))
	for range 10 {
		c.Add("delivered", "")
	}
	if got, want := c.Line(begun), "20/100  20 %  10/s  8 h 00 min left  delivered 20"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestProgressRepeatsNoLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		begun := time.Now()
		p := StartProgress(&out, Style{}, func(now time.Time) string {
			if now.Sub(begun) > time.Minute {
				return "two"
			}
			return "one"
		})
		<-time.After(2 * time.Minute)
		p.Stop()
		if got := out.String(); got != "one\ntwo\n" {
			t.Errorf("wrote %q", got)
		}
	})
}

func TestClock(t *testing.T) {
	now := time.Date(2026, 11, 22, 23, 30, 0, 0, time.Local)
	for wait, want := range map[time.Duration]string{
		90 * time.Second: "23:31:30",
		20 * time.Minute: "23:50",
		time.Hour:        "2026-11-23 00:30",
		24 * time.Hour:   "2026-11-23 23:30",
	} {
		if got := Clock(now.Add(wait), now); got != want {
			t.Errorf("in %v: %q, want %q", wait, got, want)
		}
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		n, of int
		want  string
	}{
		{0, 0, ""},
		{0, 10, "0.0 %"},
		{1, 1_000_000, "< 0.1 %"},
		{1, 2000, "0.1 %"},
		{1, 3, "33.3 %"},
		{1999, 2000, "> 99.9 %"},
		{999, 1000, "99.9 %"},
		{10, 10, "100.0 %"},
	} {
		if got := share(test.n, test.of); got != test.want {
			t.Errorf("%d of %d: %q, want %q", test.n, test.of, got, test.want)
		}
	}
}

func TestMoreDestinations(t *testing.T) {
	t.Parallel()
	names := make([]string, maxDestinations+2)
	for _, test := range []struct {
		last string
		n    int
		want string
	}{
		{"z", maxDestinations, ""},
		{"z", maxDestinations + 2, "and 2 more; --format json lists them"},
		{OtherDestinations, maxDestinations + 2, "and more, of which --format json lists the larger ones"},
	} {
		names[test.n-1] = test.last
		if got := moreDestinations(names[:test.n]); got != test.want {
			t.Errorf("%d: %q, want %q", test.n, got, test.want)
		}
	}
}

func TestSummaryOfSeveralRuns(t *testing.T) {
	t.Parallel()
	for resumed, want := range map[bool]string{false: "10 recipients delivered  1.2 kB in 18 ms\n", true: "10 recipients delivered  1.2 kB in all, 18 ms in this run\n"} {
		var out strings.Builder
		s := SendSummary{Campaign: "c", Recipients: 10, Delivered: 10, Bytes: 1234, Seconds: 0.018, Resumed: resumed}
		if err := WriteSendSummary(&out, Style{}, s); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%v, %q, want %q", err, out.String(), want)
		}
	}
}
