package send

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
			q = newQueue(r, lane, r.groups[lane.Group])
			r.queues[lane.Queue] = q
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
	r.release(s.untried())
}

// release gives recipients back to the store, behind every change that was given
// to the recorder before.
func (r *run) release(ids []int64) {
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
	r.mu.Lock()
	var all []*queue
	for _, q := range r.queues {
		if q.group == g {
			all = append(all, q)
		}
	}
	r.mu.Unlock()
	for _, q := range all {
		q.restFor(g.left())
	}
}

// healthOf returns the health of a queue, which outlives it.
func (r *run) healthOf(queue string) *health {
	r.mu.Lock()
	defer r.mu.Unlock()
	h, ok := r.healths[queue]
	if !ok {
		h = &health{clock: r.opt.Clock, retry: r.opt.Retry, apart: r.apart()}
		r.healths[queue] = h
	}
	return h
}
