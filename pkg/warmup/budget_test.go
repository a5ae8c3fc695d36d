package warmup

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestBudgetKeepsCaps takes all it can at times drawn at random: no day's and no
// hour's cap is passed by one message.
func TestBudgetKeepsCaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := options(t)
		o.Target = min(o.Target, 500)
		o.Start, o.Days = min(o.Start, o.Target), min(o.Days, 5)
		p, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		now := p.Days[0].Date.At(0, time.UTC).Add(-time.Hour)
		b := NewBudget(p, now, nil, nil)
		type slot struct {
			name string
			at   string
		}
		taken := map[slot]int{}
		for range 40 {
			now = now.Add(time.Duration(rapid.IntRange(0, 14_400).Draw(t, "seconds")) * time.Second)
			for _, name := range p.Providers() {
				for range rapid.IntRange(0, 30).Draw(t, "messages") {
					again, ok := b.Take(name, now)
					if !ok {
						if !again.After(now) {
							t.Fatalf("at %s it says to ask again at %s", now, again)
						}
						break
					}
					taken[slot{name, now.Format(time.DateOnly)}]++
					taken[slot{name, now.Format("2006-01-02 15")}]++
				}
				caps := p.CapsOn(now)
				day, hour := taken[slot{name, now.Format(time.DateOnly)}], taken[slot{name, now.Format("2006-01-02 15")}]
				if day > caps.Today[name] || hour > caps.Hour[name] {
					t.Fatalf("%s: %d of %d today, %d of %d in this hour", name, day, caps.Today[name], hour, caps.Hour[name])
				}
			}
		}
	})
}

func TestBudget(t *testing.T) {
	p := planOf(t, Options{Target: 96, Start: 48, Days: 2})
	now := first.At(10, time.UTC)
	b := NewBudget(p, now, map[string]int{Other: 20}, map[string]int{Other: 1})
	if left := b.Left(now)[Other]; left != 28 {
		t.Errorf("%d are left", left)
	}
	if _, ok := b.Take(Other, now); !ok {
		t.Error("there is no room for the second of two in an hour")
	}
	again, ok := b.Take(Other, now)
	if ok || !again.Equal(first.At(11, time.UTC)) {
		t.Errorf("a third one in an hour: %v, again at %s", ok, again)
	}
	b.GiveBack(Other, now)
	if _, ok := b.Take(Other, now); !ok {
		t.Error("what was given back is lost")
	}
	if _, ok := b.Take(Other, now.Add(time.Hour)); !ok {
		t.Error("there is no room in the next hour")
	}
	if _, ok := b.Take(Other, now.Add(time.Hour)); !ok {
		t.Error("there is no room for the second one in it")
	}
	b.GiveBack(Other, now)
	if _, ok := b.Take(Other, now.Add(time.Hour)); ok {
		t.Error("room of an earlier hour was given to this one")
	}
	b = NewBudget(p, now, map[string]int{Other: 20}, map[string]int{Other: 1})
	if again, ok := b.Take(Other, now.Add(time.Hour-time.Second)); ok || !again.Equal(first.At(11, time.UTC)) {
		t.Errorf("in the last second of an hour: %v, again at %s", ok, again)
	}
	if again, ok := b.Take("gmail", now); ok || again.Before(first.Add(1).At(0, time.UTC)) {
		t.Errorf("a provider without a cap: %v, again at %s", ok, again)
	}
	b = NewBudget(p, now, map[string]int{Other: 48}, nil)
	if again, ok := b.Take(Other, now); ok || !again.Equal(first.Add(1).At(0, time.UTC)) {
		t.Errorf("a day that is used up: %v, again at %s", ok, again)
	}
	if _, ok := b.Take(Other, first.Add(1).At(0, time.UTC)); !ok {
		t.Error("nothing the day after")
	}
}
