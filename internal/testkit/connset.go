package testkit

import (
	"net"
	"sync"
)

// A connSet holds the open connections of a server, to end them with it.
type connSet struct {
	running sync.WaitGroup // what works on them

	mu    sync.Mutex
	ended bool
	conns []net.Conn
}

// add takes a connection in, unless the server has ended.
func (s *connSet) add(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns = append(s.conns, conn)
	return !s.ended
}

// end closes all connections and waits for what works on them.
func (s *connSet) end() {
	s.mu.Lock()
	s.ended = true
	for _, conn := range s.conns {
		_ = conn.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}
