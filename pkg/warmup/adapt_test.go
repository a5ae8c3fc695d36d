package warmup

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// ladder is a plan of one provider that doubles every day.
func ladder(t testing.TB, days int, o Options) *Plan {
	t.Helper()
	o.Target, o.Start, o.Days = 100<<(days-1), 100, days
	return planOf(t, o)
}

func TestAdapt(t *testing.T) {
	for _, tc := range []struct {
		name     string
		on       int // day of the plan
		decision Decision
		want     []int
	}{
		{"advance", 2, Advance, []int{100, 200, 400, 800}},
		{"no decision", 2, "", []int{100, 200, 400, 800}},
		{"hold", 2, Hold, []int{100, 200, 200, 400, 800}},
		{"hold on the last day", 4, Hold, []int{100, 200, 400, 800, 800}},
		{"back off", 3, BackOff, []int{100, 200, 400, 200, 400, 800}},
		{"back off on the first day", 1, BackOff, []int{100, 100, 200, 400, 800}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := ladder(t, 4, Options{})
			before := totals(p)
			moved := p.Adapt(first.Add(tc.on-1), map[string]Decision{Other: tc.decision})
			if diff := cmp.Diff(tc.want, totals(moved)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(before, totals(p)); diff != "" {
				t.Errorf("the plan itself changed: %s", diff)
			}
			if err := moved.check(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAdaptAgain backs off twice: what was repeated is not climbed twice.
func TestAdaptAgain(t *testing.T) {
	p := ladder(t, 5, Options{})
	for _, move := range []struct {
		on       int
		decision Decision
	}{{1, Hold}, {4, BackOff}, {5, BackOff}} {
		p = p.Adapt(first.Add(move.on-1), map[string]Decision{Other: move.decision})
	}
	want := []int{100, 100, 200, 400, 200, 100, 200, 400, 800, 1600}
	if diff := cmp.Diff(want, totals(p)); diff != "" {
		t.Error(diff)
	}
}

// TestAdaptOneProvider leaves the others where they are, and the calendar too.
func TestAdaptOneProvider(t *testing.T) {
	p := ladder(t, 4, Options{SkipWeekends: true, Mix: Mix{"gmail": 1, "yahoo": 1}, Hours: Hours{8, 20}})
	moved := p.Adapt(first.Add(1), map[string]Decision{"yahoo": Hold})
	for i, want := range []map[string]int{
		{"gmail": 50, "yahoo": 50},
		{"gmail": 100, "yahoo": 100},
		{"gmail": 200, "yahoo": 100},
		{"gmail": 400, "yahoo": 200},
		{"gmail": 400, "yahoo": 400},
	} {
		if diff := cmp.Diff(want, moved.Days[i].Providers); diff != "" {
			t.Errorf("day %d: %s", i+1, diff)
		}
	}
	if moved.Days[4].Date != (Date{2026, 12, 7}) || moved.Days[4].Hourly[7] != 0 || moved.Days[4].Hourly[8] == 0 {
		t.Errorf("the day that was added: %+v", moved.Days[4])
	}
	if moved = p.Adapt(Date{2027, 1, 1}, map[string]Decision{"yahoo": Hold}); len(moved.Days) != 4 {
		t.Error("a date that the plan does not have moved it")
	}
}

func TestFollow(t *testing.T) {
	rules := thresholds(t)
	p := ladder(t, 4, Options{})
	on := func(n int) Date { return first.Add(n - 1) }
	well := func(n int) map[string]Volume { return map[string]Volume{Other: {Sent: n, Delivered: n}} }
	bad := map[string]Volume{Other: {Sent: 200, Delivered: 150, Deferred: 50}}

	// Two days without mail are not days of the plan.
	h := History{on(1): well(100), on(4): well(200)}
	if diff := cmp.Diff([]int{100, 200, 200, 200, 400, 800}, totals(p.Follow(h, on(5), rules, false))); diff != "" {
		t.Error(diff)
	}
	// A bad day moves it only when that is wanted.
	h = History{on(1): well(100), on(2): bad}
	if diff := cmp.Diff([]int{100, 200, 400, 800}, totals(p.Follow(h, on(3), rules, false))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int{100, 200, 200, 400, 800}, totals(p.Follow(h, on(3), rules, true))); diff != "" {
		t.Error(diff)
	}
	// Today is not over.
	if diff := cmp.Diff([]int{100, 200, 400, 800}, totals(p.Follow(h, on(2), rules, true))); diff != "" {
		t.Error(diff)
	}
	if v := p.Verdicts(on(2), h, rules)[Other]; v.Decision != Hold {
		t.Errorf("%+v", v)
	}
}

// TestAdaptKeepsPlans moves plans at random: they stay plans, and no provider is
// ever given more than a level that it was planned for.
func TestAdaptKeepsPlans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, err := New(options(t))
		if err != nil {
			t.Fatal(err)
		}
		most := map[string]int{} // not always on the last day, because of rounding
		for _, name := range p.Providers() {
			most[name] = slices.Max(p.column(name))
		}
		for range rapid.IntRange(1, 6).Draw(t, "moves") {
			on := p.Days[rapid.IntRange(0, len(p.Days)-1).Draw(t, "day")].Date
			decisions := map[string]Decision{}
			for _, name := range p.Providers() {
				decisions[name] = rapid.SampledFrom([]Decision{Advance, Hold, BackOff}).Draw(t, name)
			}
			moved := p.Adapt(on, decisions)
			if err := moved.check(); err != nil {
				t.Fatal(err)
			}
			i := p.indexOf(on)
			if i+1 < len(moved.Days) {
				for name, d := range decisions {
					now, next := p.Days[i].Providers[name], moved.Days[i+1].Providers[name]
					if d == Hold && next != now || d == BackOff && i > 0 && next > now || next > most[name] {
						t.Fatalf("%s, %s: %d after %d", name, d, next, now)
					}
				}
			}
			p = moved
		}
	})
}
