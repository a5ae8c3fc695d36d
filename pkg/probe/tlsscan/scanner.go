package tlsscan

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A scanner asks one server.
type scanner struct {
	dial  Dial
	opt   Options
	slots chan struct{} // holds one value for each connection

	mu      sync.Mutex
	asked   int   // connections so far
	stopped error // why no more are made
	spoke   bool  // some answer was TLS
	chunked bool  // suites are offered in small numbers
}

// hello returns what to offer for a version.
func (s *scanner) hello(v Version, offered []uint16) *hello {
	return &hello{version: v, suites: offered, groups: allGroups(), serverName: s.opt.ServerName}
}

// ask makes a connection and offers h on it.
func (s *scanner) ask(ctx context.Context, h *hello) (answer, Outcome, error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return answer{}, Unknown, ctx.Err()
	}
	if err := s.admit(); err != nil {
		return answer{}, Unknown, err
	}
	a, err := s.exchange(ctx, h)
	if ctx.Err() != nil {
		return answer{}, Unknown, ctx.Err()
	}
	if alert := (*AlertError)(nil); err == nil || errors.As(err, &alert) {
		s.mu.Lock()
		s.spoke = true
		s.mu.Unlock()
	}
	outcome, err := h.judge(a, err)
	return a, outcome, err
}

// exchange sends the offer and reads the answer.
func (s *scanner) exchange(ctx context.Context, h *hello) (answer, error) {
	message, err := h.marshal()
	if err != nil {
		return answer{}, err
	}
	conn, err := s.dial(ctx)
	if err != nil {
		return answer{}, s.stop(fmt.Errorf("%w: %w", ErrConnect, err))
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if err := conn.SetDeadline(time.Now().Add(s.opt.Timeout)); err != nil {
		return answer{}, err
	}
	if _, err := conn.Write(message); err != nil {
		return answer{}, err
	}
	return readAnswer(conn)
}

// admit counts a connection, or says why it is not to be made.
func (s *scanner) admit() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped == nil && s.asked >= s.opt.Most {
		s.stopped = fmt.Errorf("%w: %d", ErrMost, s.opt.Most)
	}
	s.asked++
	return s.stopped
}

// stop makes no more connections, for the first reason that is given.
func (s *scanner) stop(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped == nil {
		s.stopped = err
	}
	return err
}

// speaksTLS tells whether the server has answered anything in TLS.
func (s *scanner) speaksTLS() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.spoke
}

// offerChunks offers suites in small numbers from now on.
func (s *scanner) offerChunks() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chunked = true
}

// lists returns the lists in which suites are offered.
func (s *scanner) lists(offered []uint16) [][]uint16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.chunked {
		return chunks(offered)
	}
	return [][]uint16{offered}
}
