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
	changes []Change                       // of the group that is being stored; used again for the next
	broken  error                          // why nothing is stored any more; nil while all is well
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
	group := make([]entry, 0, maxGroup)
	for {
		first, ok := r.next()
		switch {
		case !ok:
			return
		case first.release != nil:
			if r.broken == nil {
				r.broken = r.store.Release(context.WithoutCancel(ctx), first.release)
			}
			first.stored <- r.broken
		default:
			group = r.gather(append(group[:0], first))
			r.record(ctx, group)
		}
	}
}

// record stores what of a group the store does not know, and tells of all of it.
func (r *recorder) record(ctx context.Context, group []entry) {
	r.changes = r.changes[:0]
	for _, e := range group {
		if !e.known {
			r.changes = append(r.changes, e.change)
		}
	}
	if r.broken == nil && len(r.changes) > 0 {
		if r.broken = r.store.Record(ctx, r.changes); r.broken != nil {
			r.failed(r.broken)
		}
	}
	for _, e := range group {
		if e.stored != nil {
			e.stored <- r.broken
		}
		if r.broken == nil && e.change.Attempt != nil {
			r.after(e.item, e.change.Attempt)
		}
	}
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
