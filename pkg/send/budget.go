package send

import (
	"context"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Budget hands out room for messages by the calendar, such as the caps of a
// warm-up. It is used by several goroutines.
type Budget interface {
	// Take takes the room of one message. When there is none, it returns when there
	// is some again; the zero time is not in this run.
	Take(now time.Time) (again time.Time, ok bool)
	// GiveBack gives back the room that a message took at a time and that was not
	// handed over.
	GiveBack(taken time.Time)
	// Name says whose room it is, for people.
	Name() string
}

// A room is what an item needs to leave: that of its limits, and that of its
// budget. The zero room is none.
type room struct {
	slots  delivery.Room
	budget Budget // nil when there is none, or its room is used up
	taken  time.Time
}

// HandedOver says that the message left.
func (r *room) HandedOver() {
	r.slots.HandedOver()
	*r = room{}
}

// Cancel gives the room back, unless the message left.
func (r *room) Cancel() {
	r.slots.Cancel()
	if r.budget != nil {
		r.budget.GiveBack(r.taken)
	}
	*r = room{}
}

// Wait waits until the limits let the message go.
func (r *room) Wait(ctx context.Context) error { return r.slots.Wait(ctx) }

// afford takes the budget's room for a message that has that of its limits, as
// late as can be: what others cannot have they take for used up. Where there is
// none the queue rests, and it returns false.
func (q *queue) afford(slots delivery.Room) (room, bool) {
	budget, now := q.lane.Budget, q.run.opt.Clock()
	if budget == nil {
		return room{slots: slots}, true
	}
	again, ok := budget.Take(now)
	if ok {
		return room{slots, budget, now}, true
	}
	slots.Cancel()
	e := Event{Kind: EventWaiting, Destination: budget.Name(), Until: again, Cause: "its budget for now is used up"}
	if again.IsZero() {
		e.Kind, e.Cause = EventStopped, "its budget for today is used up"
	}
	if q.run.closeBudget(e.Destination, again) {
		q.run.tell(e)
	}
	q.rest(again)
	return room{}, false
}
