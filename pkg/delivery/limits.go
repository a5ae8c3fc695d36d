package delivery

import "context"

// Limits stack: a message needs room in each of them, so that the tightest
// wins. Nil limits limit nothing.
type Limits []*Limit

// Take waits for room in every limit. The error is the context's.
func (ls Limits) Take(ctx context.Context) (Room, error) {
	var room Room
	for _, l := range ls {
		slot, err := l.Take(ctx)
		if err != nil {
			room.Cancel()
			return nil, err
		}
		room = append(room, slot)
	}
	return room, nil
}

// TryTake takes room in every limit if there is some now, and reports whether
// there was.
func (ls Limits) TryTake() (Room, bool) {
	var room Room
	for _, l := range ls {
		slot, ok := l.TryTake()
		if !ok {
			room.Cancel()
			return nil, false
		}
		room = append(room, slot)
	}
	return room, true
}

// Room is the room for one message in stacked limits.
type Room []Slot

// Wait is [Slot.Wait] for all of them.
func (r Room) Wait(ctx context.Context) error {
	for _, s := range r {
		if err := s.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// HandedOver is [Slot.HandedOver] for all of them.
func (r Room) HandedOver() {
	for _, s := range r {
		s.HandedOver()
	}
}

// Cancel is [Slot.Cancel] for all of them.
func (r Room) Cancel() {
	for _, s := range r {
		s.Cancel()
	}
}
