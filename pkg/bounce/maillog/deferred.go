package maillog

import "hash/maphash"

// maxDeferred is how many deferred recipients are remembered, to know whose
// message was delivered or given up in the end. Only these need memory: what is
// delivered or bounced does not change any more. When there are more, the one that
// was not heard of for the longest is forgotten: it stays deferred, and what comes
// after counts as another recipient.
const maxDeferred = 28_000

// A deferral is a recipient of a message that was last deferred.
type deferral struct {
	key, queue uint64 // hashes of queue id and recipient, and of the queue id
	place      place
	// The neighbours in the order of their last events, and among the recipients
	// of the same queue id. 0 is none.
	older, newer   int32
	before, behind int32
}

// deferrals remember up to limit of them.
type deferrals struct {
	limit int
	seed  maphash.Seed
	// slots hold them; slots[0] is the ring's end: its older is the newest, its
	// newer the oldest.
	slots   []deferral
	free    []int32
	byKey   map[uint64]int32
	byQueue map[uint64]int32 // the first recipient of each queue id
}

func newDeferrals(limit int) *deferrals {
	return &deferrals{
		limit: limit, seed: maphash.MakeSeed(), slots: make([]deferral, 1),
		byKey: map[uint64]int32{}, byQueue: map[uint64]int32{},
	}
}

// keys returns what an event is remembered by.
func (d *deferrals) keys(e Event) (key, queue uint64) {
	queue = maphash.String(d.seed, e.QueueID)
	return queue*31 + maphash.String(d.seed, e.Recipient), queue
}

// take forgets a recipient and returns where it was counted.
func (d *deferrals) take(e Event) (place, bool) {
	key, _ := d.keys(e)
	i, ok := d.byKey[key]
	if !ok {
		return place{}, false
	}
	at := d.slots[i].place
	d.remove(i)
	return at, true
}

// takeQueue forgets a recipient of a queue id, whichever; it reports false when
// there is none left.
func (d *deferrals) takeQueue(e Event) (place, bool) {
	_, queue := d.keys(e)
	i, ok := d.byQueue[queue]
	if !ok {
		return place{}, false
	}
	at := d.slots[i].place
	d.remove(i)
	return at, true
}

// put remembers a recipient that is not remembered, and reports whether another
// had to be forgotten.
func (d *deferrals) put(e Event, at place) (forgot bool) {
	if len(d.byKey) >= d.limit {
		d.remove(d.slots[0].newer)
		forgot = true
	}
	key, queue := d.keys(e)
	var i int32
	if n := len(d.free); n > 0 {
		i, d.free = d.free[n-1], d.free[:n-1]
	} else {
		d.slots = append(d.slots, deferral{})
		i = int32(len(d.slots) - 1) //nolint:gosec // limit is far below
	}
	newest := d.slots[0].older
	d.slots[i] = deferral{key: key, queue: queue, place: at, older: newest, behind: d.byQueue[queue]}
	d.slots[newest].newer = i
	d.slots[0].older = i
	if next := d.slots[i].behind; next != 0 {
		d.slots[next].before = i
	}
	d.byKey[key], d.byQueue[queue] = i, i
	return forgot
}

// remove forgets the recipient in a slot.
func (d *deferrals) remove(i int32) {
	s := d.slots[i]
	d.slots[s.older].newer = s.newer
	d.slots[s.newer].older = s.older
	switch {
	case s.before != 0:
		d.slots[s.before].behind = s.behind
	case s.behind != 0:
		d.byQueue[s.queue] = s.behind
	default:
		delete(d.byQueue, s.queue)
	}
	if s.behind != 0 {
		d.slots[s.behind].before = s.before
	}
	delete(d.byKey, s.key)
	d.slots[i] = deferral{}
	d.free = append(d.free, i)
}
