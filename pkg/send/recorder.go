package send

import (
	"context"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// maxGroup bounds the changes that share one transaction.
const maxGroup = 500

// An entry is a change on its way to the store.
type entry struct {
	change  Change
	item    *item
	release []int64 // recipients to give back, instead of a change
	known   bool    // the store knows the change, which is only told
	// stored, when not nil, is told once the change survives the death of the
	// process, or why it does not. It must have room for one.
	stored chan<- error
}

// A recorder is the one goroutine that writes to the store. Changes are stored
// in the order in which they were given; all that arrived while a transaction
// was under way share the next one.
type recorder struct {
	store   Store
	entries chan entry
	after   func(*item, *delivery.Attempt) // called once an attempt is stored
	failed  func(error)                    // called once, when the store fails
	kept    []entry                        // read and not stored yet
}

// next returns the next entry, and false once the channel is closed.
func (r *recorder) next() (entry, bool) {
	if len(r.kept) > 0 {
		e := r.kept[0]
		r.kept = r.kept[:0]
		return e, true
	}
	e, ok := <-r.entries
	return e, ok
}

// run stores changes until the channel is closed. Once the store has failed
// everything is refused, so that nothing leaves that would not be remembered.
func (r *recorder) run(ctx context.Context) {
	var broken error
	group := make([]entry, 0, maxGroup)
	changes := make([]Change, 0, maxGroup)
	for {
		first, ok := r.next()
		if !ok {
			return
		}
		if first.release != nil {
			if broken == nil {
				broken = r.store.Release(context.WithoutCancel(ctx), first.release)
			}
			first.stored <- broken
			continue
		}
		group = r.gather(append(group[:0], first))
		changes = appendChanges(changes[:0], group)
		if broken == nil && len(changes) > 0 {
			if broken = r.store.Record(ctx, changes); broken != nil {
				r.failed(broken)
			}
		}
		for _, e := range group {
			if e.stored != nil {
				e.stored <- broken
			}
			if broken == nil && e.change.Attempt != nil {
				r.after(e.item, e.change.Attempt)
			}
		}
	}
}

// appendChanges adds what of a group is to be stored.
func appendChanges(changes []Change, group []entry) []Change {
	for _, e := range group {
		if !e.known {
			changes = append(changes, e.change)
		}
	}
	return changes
}

// gather adds what is waiting to the group.
func (r *recorder) gather(group []entry) []entry {
	for len(group) < maxGroup {
		select {
		case e, ok := <-r.entries:
			if !ok {
				return group
			}
			if e.release != nil {
				r.kept = append(r.kept, e)
				return group
			}
			group = append(group, e)
		default:
			return group
		}
	}
	return group
}
