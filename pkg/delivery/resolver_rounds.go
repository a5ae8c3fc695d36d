package delivery

import (
	"context"
	"sync"
)

// A Question is a name and a record type.
type Question struct {
	Name string
	Type uint16
}

// Rounds counts the waves of look-ups of one task. A wave is a set of queries
// that wait for no other query of the set, so that the number of waves is the
// length of the longest chain of queries of which each needed the one before,
// and the time that the network alone makes the task last.
type Rounds struct {
	mu      sync.Mutex
	waves   int
	queries int
}

// Waves returns the number of waves until now.
func (r *Rounds) Waves() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.waves
}

// Queries returns the number of queries until now that went to a server.
func (r *Rounds) Queries() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.queries
}

// A strand is one line of work: what it asks next waits for all it asked before.
type strand struct {
	rounds *Rounds
	depth  int // waves behind this strand; guarded by rounds.mu
}

type strandKey struct{}

// CountRounds returns a context under which look-ups are counted. Look-ups of
// the same context that follow each other count as dependent; those that do not
// wait for each other belong into [Concurrently] or [LookupAll].
func CountRounds(ctx context.Context) (context.Context, *Rounds) {
	rounds := &Rounds{}
	return context.WithValue(ctx, strandKey{}, &strand{rounds: rounds}), rounds
}

func strandOf(ctx context.Context) *strand {
	s, _ := ctx.Value(strandKey{}).(*strand)
	return s
}

// next is the wave that a query asked now belongs to; 0 when nobody counts.
func (s *strand) next() int {
	if s == nil {
		return 0
	}
	s.rounds.mu.Lock()
	defer s.rounds.mu.Unlock()
	s.rounds.queries++
	s.rounds.waves = max(s.rounds.waves, s.depth+1)
	return s.depth + 1
}

// reached notes that the strand waited for a query of that wave.
func (s *strand) reached(wave int) {
	if s == nil {
		return
	}
	s.rounds.mu.Lock()
	defer s.rounds.mu.Unlock()
	s.depth = max(s.depth, wave)
}

// Concurrently runs the tasks at once, each in a goroutine, and returns when all
// have ended. Their look-ups are counted as independent of each other.
func Concurrently(ctx context.Context, tasks ...func(context.Context)) {
	parent := strandOf(ctx)
	strands := make([]*strand, len(tasks))
	var running sync.WaitGroup
	for i, task := range tasks {
		own := ctx
		if parent != nil {
			strands[i] = parent.fork()
			own = context.WithValue(ctx, strandKey{}, strands[i])
		}
		running.Go(func() { task(own) })
	}
	running.Wait()
	if parent != nil {
		for _, s := range strands {
			parent.reached(s.depthNow())
		}
	}
}

func (s *strand) fork() *strand {
	return &strand{rounds: s.rounds, depth: s.depthNow()}
}

func (s *strand) depthNow() int {
	s.rounds.mu.Lock()
	defer s.rounds.mu.Unlock()
	return s.depth
}

// LookupAll asks several questions at once and returns their answers in the same
// order.
func LookupAll(ctx context.Context, r Resolver, questions ...Question) []Answer {
	answers := make([]Answer, len(questions))
	tasks := make([]func(context.Context), len(questions))
	for i, q := range questions {
		tasks[i] = func(ctx context.Context) { answers[i] = r.Lookup(ctx, q.Name, q.Type) }
	}
	Concurrently(ctx, tasks...)
	return answers
}
