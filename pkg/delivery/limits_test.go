package delivery

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// mostInWindow returns the largest number of times that lie within any window
// of the given length, its ends included.
func mostInWindow(times []time.Time, window time.Duration) int {
	slices.SortFunc(times, time.Time.Compare)
	most, first := 0, 0
	for last := range times {
		for times[last].Sub(times[first]) > window {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}

// handOver sends n messages through the limits on so many connections at once,
// each of which takes up to latency from its start to its hand-over, and
// returns when they were handed over.
func handOver(t *testing.T, limits Limits, n, connections int, latency time.Duration) []time.Time {
	t.Helper()
	var mu sync.Mutex
	var times []time.Time
	var wg sync.WaitGroup
	left := make(chan struct{}, n)
	for range n {
		left <- struct{}{}
	}
	close(left)
	for range connections {
		wg.Go(func() {
			for range left {
				room, err := limits.Take(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				time.Sleep(rand.N(latency + 1))
				if err := room.Wait(t.Context()); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				times = append(times, time.Now())
				mu.Unlock()
				room.HandedOver()
			}
		})
	}
	wg.Wait()
	return times
}

func TestLimitHoldsInEveryWindow(t *testing.T) {
	for name, c := range map[string]struct {
		rate        string
		n           int
		connections int
		latency     time.Duration
	}{
		"one a second":         {"1/s", 20, 3, 10 * time.Millisecond},
		"fifty a second":       {"50/s", 1000, 10, 5 * time.Millisecond},
		"over a slow link":     {"50/s", 1000, 40, 300 * time.Millisecond},
		"fast":                 {"5000/s", 20000, 20, 2 * time.Millisecond},
		"by the minute":        {"600/m", 1500, 5, 50 * time.Millisecond},
		"a budget for an hour": {"100/h", 350, 5, 50 * time.Millisecond},
		"several in each lane": {"100000/h", 210000, 4, 0},
		"over a slow server":   {"10/s", 300, 20, 600 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rate, err := ParseRate(c.rate)
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				times := handOver(t, Limits{nil, NewLimit(rate, time.Now)}, c.n, c.connections, c.latency)
				if most := mostInWindow(times, rate.Per); most > rate.Count {
					t.Errorf("%d messages within %v, want at most %d", most, rate.Per, rate.Count)
				}
				if rate.Per > time.Minute {
					return // budgets are not spread evenly, so that there is no average to hold
				}
				took := time.Since(start)
				if ideal := rate.Interval() * time.Duration(c.n); took > ideal*105/100+c.latency {
					t.Errorf("took %v, want at most 5 %% more than %v", took, ideal)
				}
			})
		})
	}
}

func TestLimitsStack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wide, tight := Rate{100, time.Second}, Rate{30, time.Second}
		times := handOver(t, Limits{NewLimit(wide, time.Now), NewLimit(tight, time.Now)}, 300, 8, 10*time.Millisecond)
		if most := mostInWindow(times, tight.Per); most > tight.Count {
			t.Errorf("%d messages within %v, want at most %d", most, tight.Per, tight.Count)
		}
	})
}

func TestLimitSeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rate := Rate{Count: 10, Per: time.Hour}
		limit := NewLimit(rate, time.Now)
		earlier := []time.Time{time.Now().Add(-2 * time.Hour)}
		for i := range 7 {
			earlier = append(earlier, time.Now().Add(time.Duration(i-30)*time.Minute))
		}
		limit.Seed(earlier)
		times := append(earlier, handOver(t, Limits{limit}, 15, 2, 0)...)
		if most := mostInWindow(times, rate.Per); most > rate.Count {
			t.Errorf("%d messages within %v, want at most %d", most, rate.Per, rate.Count)
		}
	})
}

func TestLimitSeedWithMoreThanItHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := NewLimit(Rate{Count: 2, Per: time.Minute}, time.Now)
		now := time.Now()
		limit.Seed([]time.Time{now.Add(-40 * time.Second), now.Add(-30 * time.Second), now.Add(-20 * time.Second)})
		start := time.Now()
		handOver(t, Limits{limit}, 1, 1, 0)
		if waited := time.Since(start); waited < 30*time.Second || waited > 32*time.Second {
			t.Errorf("waited %v, want until the older of the last two is a minute old", waited)
		}
	})
}

func TestLimitCancelGivesRoomBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := NewLimit(Rate{Count: 1, Per: time.Hour}, time.Now)
		for range 3 {
			slot, err := limit.Take(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			slot.Cancel()
		}
		slot, ok := limit.TryTake()
		if !ok {
			t.Fatal("no room after it was given back")
		}
		slot.HandedOver()
		if _, ok := limit.TryTake(); ok {
			t.Error("room for a second message within the hour")
		}
	})
}

// TestLimitCancelIsCheap gives back room of a limit with many lanes, as happens
// before each message that no other follows at once.
func TestLimitCancelIsCheap(t *testing.T) {
	limit := NewLimit(Rate{Count: maxLanes, Per: time.Hour}, time.Now)
	allocations := testing.AllocsPerRun(100, func() {
		slot, _ := limit.TryTake()
		slot.Cancel()
	})
	if allocations > 1 { // the signal to whoever waits
		t.Errorf("%.0f allocations for each", allocations)
	}
}

func TestLimitTakeEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := NewLimit(Rate{Count: 1, Per: time.Hour}, time.Now)
		if _, err := limit.Take(t.Context()); err != nil {
			t.Fatal(err)
		}
		stopped := errors.New("stopped")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(stopped) })
		if _, err := limit.Take(ctx); !errors.Is(err, stopped) {
			t.Errorf("got %v, want the cause of the context's end", err)
		}
	})
}

func TestLimitNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimit(Rate{Count: 2, Per: time.Hour}, time.Now)
		begun := time.Now()
		for range 2 {
			slot, err := l.Take(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if at := l.Next(); !at.IsZero() {
				t.Errorf("next at %v though nobody waits", at)
			}
			slot.HandedOver()
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var waiting sync.WaitGroup
		waiting.Go(func() { _, _ = l.Take(ctx) })
		synctest.Wait()
		if wait := l.Next().Sub(begun); wait < time.Hour || wait > time.Hour+time.Second {
			t.Errorf("next after %v, want an hour", wait)
		}
		cancel()
		waiting.Wait()
		if at := l.Next(); !at.IsZero() {
			t.Errorf("next at %v though nobody waits any more", at)
		}
	})
}

func TestLimitNextUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimit(Rate{Count: 1, Per: time.Hour}, time.Now)
		slot, _ := l.TryTake()
		var waiting sync.WaitGroup
		waiting.Go(func() {
			if next, err := l.Take(t.Context()); err == nil {
				next.Cancel()
			}
		})
		synctest.Wait()
		if at := l.Next(); !at.IsZero() {
			t.Errorf("next at %v, which the message under way will tell", at)
		}
		slot.Cancel()
		waiting.Wait()
	})
}

func TestNoLimit(t *testing.T) {
	limit := NewLimit(Rate{}, time.Now)
	slot, ok := limit.TryTake()
	if !ok || limit.Rate() != (Rate{}) {
		t.Fatal("the zero rate limits")
	}
	if err := slot.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	slot.HandedOver()
}

func TestParseRate(t *testing.T) {
	for in, want := range map[string]Rate{
		"600/m":    {600, time.Minute},
		" 5 / s ":  {5, time.Second},
		"1000/h":   {1000, time.Hour},
		"100000/d": {100000, 24 * time.Hour},
	} {
		got, err := ParseRate(in)
		if err != nil || got != want {
			t.Errorf("ParseRate(%q) = %v, %v, want %v", in, got, err, want)
		}
		again, err := ParseRate(got.String())
		if err != nil || again != want {
			t.Errorf("ParseRate(%q) = %v, %v, want %v", got, again, err, want)
		}
	}
	for _, in := range []string{"", "5", "/s", "0/s", "-1/s", "5/w", "5/s/s", "1e3/s", "9999999999/s"} {
		if got, err := ParseRate(in); err == nil || len(Hints(err)) == 0 {
			t.Errorf("ParseRate(%q) = %v, %v, want an error with a hint", in, got, err)
		}
	}
}
