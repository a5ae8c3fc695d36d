package warmup

import (
	"maps"
	"sync"
	"time"
)

// A Budget hands out what a plan allows, message by message. A Budget may be used
// by several goroutines.
//
// Nothing is handed out in the last seconds of an hour, so that a message leaves
// in the hour that it counts for.
type Budget struct {
	plan *Plan

	mu              sync.Mutex
	date            Date
	hour            int
	caps            Caps
	today, thisHour map[string]int // handed out
}

// hourEnd is how long before its end an hour is closed.
const hourEnd = 5 * time.Second

// NewBudget returns the budget of a plan at a time, when so many messages have
// been handed over on its date and in its hour before. The names are those that
// [Plan.Key] returns.
func NewBudget(p *Plan, now time.Time, today, thisHour map[string]int) *Budget {
	b := &Budget{plan: p}
	b.roll(now)
	maps.Copy(b.today, today)
	maps.Copy(b.thisHour, thisHour)
	return b
}

// roll begins a new hour or a new day when one has begun.
func (b *Budget) roll(now time.Time) {
	date, hour := DateOf(now), now.Hour()
	if date != b.date {
		b.today = map[string]int{}
	}
	if date != b.date || hour != b.hour || b.thisHour == nil {
		b.thisHour = map[string]int{}
		b.date, b.hour, b.caps = date, hour, b.plan.CapsOn(now)
	}
}

// Take takes the room for one message to a provider, named by [Plan.Key]. When
// there is none, it returns when to ask again.
func (b *Budget) Take(provider string, now time.Time) (again time.Time, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.roll(now)
	full := b.today[provider] >= b.caps.Today[provider]
	closing := DateOf(now.Add(hourEnd)) != b.date || now.Add(hourEnd).Hour() != b.hour
	if full || closing || b.thisHour[provider] >= b.caps.Hour[provider] {
		return b.next(provider, now, full), false
	}
	b.today[provider]++
	b.thisHour[provider]++
	return time.Time{}, true
}

// next returns when there is room again: in an hour of today or on the next day
// of the plan.
func (b *Budget) next(provider string, now time.Time, full bool) time.Time {
	if day := b.plan.on(b.date); day != nil && !full {
		for hour := b.hour + 1; hour < hoursOfDay; hour++ {
			if day.InHour(hour)[provider] > 0 {
				return b.date.At(hour, now.Location())
			}
		}
	}
	hour := 0
	if day := b.plan.on(b.caps.Next); day != nil {
		for hour < hoursOfDay-1 && day.InHour(hour)[provider] == 0 {
			hour++
		}
	}
	return b.caps.Next.At(hour, now.Location())
}

// GiveBack gives back the room that a message took at a time and that was not
// handed over after all. That of an hour that is over is lost.
func (b *Budget) GiveBack(provider string, taken time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if DateOf(taken) != b.date {
		return
	}
	b.today[provider] = max(b.today[provider]-1, 0)
	if taken.Hour() == b.hour {
		b.thisHour[provider] = max(b.thisHour[provider]-1, 0)
	}
}

// Left returns what may still be handed over to each provider today.
func (b *Budget) Left(now time.Time) map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.roll(now)
	left := map[string]int{}
	for name, n := range b.caps.Today {
		left[name] = max(n-b.today[name], 0)
	}
	return left
}
