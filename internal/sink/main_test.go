package sink

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// journal keeps events for a test to look at.
type journal struct {
	mu     sync.Mutex
	events []Event
}

func (j *journal) add(e Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.events = append(j.events, e)
}

// of returns the events of a kind.
func (j *journal) of(kind EventKind) []Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	var some []Event
	for _, e := range j.events {
		if e.Kind == kind {
			some = append(some, e)
		}
	}
	return some
}

// rules makes a personality of a YAML text.
func rules(tb testing.TB, text string) *Personality {
	tb.Helper()
	p, err := parse("rules.yaml", []byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// personality returns one that comes with the program.
func personality(tb testing.TB, name string) *Personality {
	tb.Helper()
	p, err := ParsePersonality(name, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// start runs a server on loopback for the time of the test.
func start(tb testing.TB, opt Options) *Server {
	tb.Helper()
	s, err := Start(context.Background(), opt)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { closeNow(tb, s) })
	return s
}

// closeNow ends a server without patience.
func closeNow(tb testing.TB, s *Server) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		tb.Errorf("close: %v", err)
	}
}

// pipes is a listener whose connections are net.Pipes, for tests with a fake clock.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	err := net.ErrClosed
	p.once.Do(func() { close(p.done); err = nil })
	return err
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 25} }

// dial returns the client's end of a new connection.
func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.conns <- server
	return client
}

// errTest is an error that tests cause.
var errTest = errors.New("disk on fire")
