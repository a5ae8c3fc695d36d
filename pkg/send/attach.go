package send

import (
	"maps"
	"slices"
)

// attach puts a source on the queues of its lanes, which are made where there
// are none.
func (r *run) attach(s *source) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sources[s] = true
	for _, lane := range s.route.Lanes {
		q, ok := r.queues[lane.Queue]
		if ok {
			_, rests := q.rests()
			ok = !rests // who is still on that one ends
		}
		if !ok {
			q = newQueue(r, lane)
			r.queues[lane.Queue], r.open[q] = q, true
		}
		q.sources[s] = true
		s.queues = append(s.queues, q)
	}
}

// detach takes a source off its queues, ends those that nobody uses any more,
// and gives back whoever was claimed and not tried.
func (r *run) detach(s *source) {
	var unused []*queue
	r.mu.Lock()
	delete(r.sources, s)
	for _, q := range s.queues {
		delete(q.sources, s)
		if len(q.sources) > 0 {
			continue
		}
		unused = append(unused, q)
		if r.queues[q.key] == q {
			delete(r.queues, q.key)
		}
	}
	r.mu.Unlock()
	for _, q := range unused {
		q.close()
	}
	r.giveBack(s.untried())
}

// giveBack gives recipients back to the store, behind every change that was given
// to the recorder before.
func (r *run) giveBack(ids []int64) {
	if len(ids) == 0 {
		return
	}
	stored := make(chan error, 1)
	r.recorder.entries <- entry{release: ids, stored: stored}
	if err := <-stored; err != nil {
		r.stop(err)
	}
}

// restGroup makes all queues of a group rest as long as the group does.
func (r *run) restGroup(g *group) {
	for _, q := range r.openQueues() {
		if q.group == g {
			if wait, forGood := g.left(); forGood {
				q.restForGood()
			} else {
				q.restFor(wait)
			}
		}
	}
}

// openQueues returns the queues that have workers.
func (r *run) openQueues() []*queue {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(maps.Keys(r.open))
}
