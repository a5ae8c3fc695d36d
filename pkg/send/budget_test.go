package send

import (
	"sync"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// hourly is a budget of so many messages in each hour of a run, for some hours.
type hourly struct {
	begun time.Time
	most  int
	hours int

	mu    sync.Mutex
	taken map[int]int
}

func (b *hourly) hour(now time.Time) int { return int(now.Sub(b.begun) / time.Hour) }

func (b *hourly) Take(now time.Time) (again time.Time, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	hour := b.hour(now)
	switch {
	case hour >= b.hours, hour == b.hours-1 && b.taken[hour] >= b.most:
		return time.Time{}, false
	case b.taken[hour] >= b.most:
		return b.begun.Add(time.Duration(hour+1) * time.Hour), false
	}
	b.taken[hour]++
	return time.Time{}, true
}

func (b *hourly) GiveBack(taken time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.taken[b.hour(taken)]--
}

func (b *hourly) Name() string { return "gmail" }

// TestRunKeepsBudget sends 70 messages of 1,000 in three hours, and to everyone
// else at once.
func TestRunKeepsBudget(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 2000, func(i int) string { return []string{"gmail", "other"}[i%2] })
		server := newFakeServer(store)
		server.latency = time.Millisecond
		opt := options(server)
		budget := &hourly{begun: time.Now(), most: 70, hours: 3, taken: map[int]int{}}
		opt.Budget = func(destination string) Budget {
			if destination == "gmail" {
				return budget
			}
			return nil
		}
		var events []Event
		opt.OnEvent = func(e Event) {
			if e.Kind == EventWaiting || e.Kind == EventStopped {
				events = append(events, e)
			}
		}
		begun := time.Now()
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if got := store.count(delivery.OutcomeDelivered); got != 1000+3*70 {
			t.Errorf("%d delivered, want 1000 and 210", got)
		}
		for hour := range 3 {
			if budget.taken[hour] != 70 {
				t.Errorf("%d messages in hour %d", budget.taken[hour], hour)
			}
		}
		if took := time.Since(begun); took < 2*time.Hour || took > 2*time.Hour+time.Minute {
			t.Errorf("it took %v", took)
		}
		if len(events) != 3 || events[0].Kind != EventWaiting || events[2].Kind != EventStopped || events[0].Destination != "gmail" {
			t.Errorf("events: %+v", events)
		}
		if pending := store.count(""); pending != 1000-210 {
			t.Errorf("%d are pending", pending)
		}
	})
}
