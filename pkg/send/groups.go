package send

// groupLocked returns the group of a lane. run.mu is held.
func (r *run) groupLocked(lane Lane) *group {
	g, ok := r.groups[lane.Group]
	if !ok {
		g = newGroup(r, lane.Group, lane)
		r.groups[lane.Group] = g
	}
	return g
}

// admit lets a destination be worked on by the group of a lane, which it returns;
// else it is parked until [run.leave] names it.
func (r *run) admit(lane Lane, destination string) (*group, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	g := r.groupLocked(lane)
	return g, g.admit(destination)
}

// leave ends the work on a destination of a group, and returns the one whose turn
// it is.
func (r *run) leave(g *group) (next []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	next = g.leave()
	r.forgetGroup(g)
	return next
}

// forgetGroup lets go of a group that nobody uses and that has nothing to
// remember. run.mu is held.
func (r *run) forgetGroup(g *group) {
	if r.apart() && g.queues == 0 && g.unremarkable() {
		delete(r.groups, g.name)
	}
}

// unremarkable reports whether there is nothing to remember.
func (g *group) unremarkable() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.sources == 0 && len(g.parked) == 0 && g.refused.IsZero() && g.shaper.unremarkable(g.run.opt.Clock())
}
