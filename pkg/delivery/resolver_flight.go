package delivery

import "sync"

// flights merge identical questions that are asked at the same time.
type flights struct {
	mu  sync.Mutex
	all map[Question]*flight
}

// A flight is a question under way.
type flight struct {
	done   chan struct{} // closed when answer and wave are set
	answer Answer
	line   *strand // of whoever asked; nil when nobody counts
	wave   int     // how deep that strand was with the answer
}

// join returns the flight of a question, and whether the caller has to fly it.
func (fs *flights) join(q Question, line *strand) (f *flight, lead bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f, ok := fs.all[q]; ok {
		return f, false
	}
	if fs.all == nil {
		fs.all = make(map[Question]*flight)
	}
	f = &flight{done: make(chan struct{}), line: line}
	fs.all[q] = f
	return f, true
}

// land asks the question and hands the answer to everyone who waits.
func (fs *flights) land(f *flight, q Question, ask func() Answer) Answer {
	f.answer = ask()
	if f.line != nil {
		f.wave = f.line.depthNow()
	}
	fs.mu.Lock()
	delete(fs.all, q)
	fs.mu.Unlock()
	close(f.done)
	return f.answer
}

// reachedBy is the wave that a strand has reached that waited for the flight:
// that of whoever asked, when both belong to one task, and otherwise none.
func (f *flight) reachedBy(line *strand) int {
	if line == nil || f.line == nil || line.rounds != f.line.rounds {
		return 0
	}
	return f.wave
}
