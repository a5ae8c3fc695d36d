package send

import "sync"

// A line keeps the messages of a queue in the order in which their recipients were
// claimed, although several are rendered at once. The zero value is an empty one.
type line struct {
	mu     sync.Mutex
	issued int            // places
	served int            // places whose messages were let go
	early  map[int]func() // what is to be done for those that overtook others
}

// place returns the next place in the line. [line.done] must be called for it.
func (l *line) place() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.issued++
	return l.issued
}

// done has f called as soon as that was done for all earlier places.
func (l *line) done(place int, f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if place != l.served+1 {
		if l.early == nil {
			l.early = map[int]func(){}
		}
		l.early[place] = f
		return
	}
	for ok := true; ok; f, ok = l.early[l.served+1] {
		l.served++
		delete(l.early, l.served)
		f()
	}
}
