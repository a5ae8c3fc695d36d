package ui

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/warmup"
)

// samplePlan is the first fortnight of a plan for two addresses.
func samplePlan(t *testing.T) *warmup.Plan {
	t.Helper()
	mix, err := warmup.ParseMix("gmail=45%,outlook=25%,yahoo=15%,apple=5%,gmx=4%,orange=1%")
	if err != nil {
		t.Fatal(err)
	}
	s, err := warmup.FindSchedule("sparkpost")
	if err != nil {
		t.Fatal(err)
	}
	p, err := warmup.New(warmup.Options{
		Target: 400_000, Schedule: s, Mix: mix, IPs: 2, SkipWeekends: true,
		From: warmup.Date{Year: 2026, Month: 12, Day: 1}, Hours: warmup.Hours{From: 8, To: 20},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestWarmupForms(t *testing.T) {
	p := samplePlan(t)
	for name, write := range map[string]func(io.Writer) error{
		"warmup.txt":  func(w io.Writer) error { return WriteWarmup(w, Style{Width: 80}, p) },
		"warmup.json": func(w io.Writer) error { return WriteWarmupJSON(w, p) },
		"warmup.csv":  func(w io.Writer) error { return WriteWarmupCSV(w, p) },
		"warmup.svg":  func(w io.Writer) error { return WriteWarmupSVG(w, p) },
		"warmup.ics": func(w io.Writer) error {
			return WriteWarmupCalendar(w, p, time.Date(2026, 11, 30, 9, 0, 0, 5, time.UTC))
		},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			golden(t, name, strings.ReplaceAll(b.String(), "\r\n", "\n"))
		})
	}
}

// TestWarmupText fits the screen, also with long names and large numbers.
func TestWarmupText(t *testing.T) {
	p, err := warmup.New(warmup.Options{
		Target: 9_000_000, Days: 40, From: warmup.Date{Year: 2026, Month: 12, Day: 1},
		Mix: warmup.Mix{"gmail": 5, "microsoft365": 3, "yahoo": 2, "apple": 2, "orange": 1, "other": 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := WriteWarmup(&b, Style{Width: 80}, p); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// TestWarmupSVG is well-formed and has no script, whatever the providers are
// called, and a chart of one day is one too.
func TestWarmupSVG(t *testing.T) {
	one, err := warmup.New(warmup.Options{Target: 7, Days: 1, From: warmup.Date{Year: 2026, Month: 12, Day: 1}})
	if err != nil {
		t.Fatal(err)
	}
	strange := samplePlan(t)
	strange.Schedule = `<script>"&'` + "\x1b"
	for _, p := range []*warmup.Plan{one, strange} {
		var b strings.Builder
		if err := WriteWarmupSVG(&b, p); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "<script") || strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), "ZgotmplZ") {
			t.Error(b.String())
		}
		d := xml.NewDecoder(strings.NewReader(b.String()))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestNiceStep(t *testing.T) {
	for most, want := range map[int]int{0: 1, 5: 1, 6: 2, 26: 10, 100_000: 20_000, 99: 20, 400_000: 100_000} {
		if got := niceStep(most); got != want {
			t.Errorf("%d: steps of %d, want %d", most, got, want)
		}
	}
}
