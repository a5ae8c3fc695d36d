package sink

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	smtp "github.com/emersion/go-smtp"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Server is a running sink. Its methods are safe for concurrent use.
type Server struct {
	opt      Options
	judge    *judge
	seen     *recent // Message-ID and recipient of accepted messages
	counters counters
	smtp     *smtp.Server
	listener net.Listener
	messages atomic.Int64 // number of the last message
	buffers  sync.Pool    // of *[]byte

	events sync.Mutex // serialises Options.OnEvent

	served chan struct{} // closed when no more connections are accepted
	close  chan struct{} // closed when Close begins
	stop   chan struct{} // closed when nothing is waited for any longer
	once   sync.Once
	ended  error // what Close returned

	mu        sync.Mutex // guards the following
	lastID    uint64
	conns     map[*conn]struct{}
	finished  bool           // no message may begin any more
	receiving sync.WaitGroup // messages on their way in; Add only while not finished
}

// Start opens a server and returns when it is listening. The context bounds only
// that; the server runs until Close.
func Start(ctx context.Context, opt Options) (*Server, error) {
	address, err := listenAddress(opt.Listen)
	if err != nil {
		return nil, delivery.Hint(fmt.Errorf("listen on %q: %w", opt.Listen, err), "give an address and a port, such as 127.0.0.1:2525")
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return serve(listener, opt), nil
}

// serve runs a server on a listener, which it will close.
func serve(listener net.Listener, opt Options) *Server {
	opt = opt.withDefaults()
	s := &Server{
		opt:      opt,
		judge:    newJudge(opt.Personality, opt.Seed, opt.Clock, opt.Remember),
		seen:     newRecent(opt.Remember),
		listener: listener,
		served:   make(chan struct{}),
		close:    make(chan struct{}),
		stop:     make(chan struct{}),
		conns:    make(map[*conn]struct{}),
	}
	s.buffers.New = func() any {
		buffer := make([]byte, bufferSize)
		return &buffer
	}
	s.smtp = s.newSMTP()
	go func() {
		defer close(s.served)
		if err := s.smtp.Serve(admitter{listener, s}); err != nil && !errors.Is(err, net.ErrClosed) {
			s.report(Event{Kind: EventError, Err: err.Error()})
		}
	}()
	return s
}

// newSMTP configures go-smtp.
func (s *Server) newSMTP() *smtp.Server {
	srv := smtp.NewServer(smtp.BackendFunc(s.newSession))
	srv.Domain = s.host()
	srv.TLSConfig = watchHandshakes(s.opt.TLS)
	srv.MaxMessageBytes = s.opt.MaxMessage
	srv.MaxLineLength = maxLine
	srv.MaxRecipients = defaultMaxRecipients
	if limit := s.opt.Personality.maxRecipients; limit > 0 {
		srv.MaxRecipients = limit
	}
	srv.ReadTimeout = idleTimeout // makes go-smtp call conn.SetReadDeadline
	srv.AllowInsecureAuth = s.opt.TLS == nil
	srv.EnableSMTPUTF8 = true
	srv.EnableDSN = true
	srv.ErrorLog = complaints{s}
	return srv
}

// host returns the server's own name.
func (s *Server) host() string {
	if host := s.opt.Personality.host; host != "" {
		return host
	}
	return defaultHost
}

// Addr returns the "ip:port" the server listens on.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Stats returns the totals so far.
func (s *Server) Stats() Stats { return s.counters.snapshot() }

// Close stops the server and returns when all its goroutines have ended. New
// connections are refused and idle ones closed at once; a message under way may
// be finished until the context is done, after which its connection is cut and
// Close returns the context's error. Later calls return what the first did.
func (s *Server) Close(ctx context.Context) error {
	s.once.Do(func() { s.ended = s.shutDown(ctx) })
	return s.ended
}

func (s *Server) shutDown(ctx context.Context) error {
	close(s.close)
	err := s.listener.Close()
	<-s.served
	s.cut(func(c *conn) bool { return c.waiting.Load() && !c.busy.Load() })

	handlers := make(chan struct{})
	go func() {
		defer close(handlers)
		_ = s.smtp.Shutdown(context.WithoutCancel(ctx)) // closes the listener again, which fails
	}()
	select {
	case <-handlers:
	case <-ctx.Done():
		err = ctx.Err()
		close(s.stop)
		s.cut(func(*conn) bool { return true })
		<-handlers
	}
	s.mu.Lock()
	s.finished = true
	s.mu.Unlock()
	s.receiving.Wait()
	return err
}

// cut ends the connections that are chosen.
func (s *Server) cut(chosen func(*conn) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		if chosen(c) {
			c.cut()
		}
	}
}

// closing reports whether Close has begun.
func (s *Server) closing() bool {
	select {
	case <-s.close:
		return true
	default:
		return false
	}
}

// wait lets a delay pass. It returns false when the server is closing and the
// client need not be waited for any longer.
func (s *Server) wait(c *conn, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	end := s.close
	if c.busy.Load() {
		end = s.stop
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-end:
		return false
	}
}

// beginMessage announces a message on its way in; endMessage must follow when it
// returns true.
func (s *Server) beginMessage() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.finished {
		return false
	}
	s.receiving.Add(1)
	return true
}

func (s *Server) endMessage() { s.receiving.Done() }

// report tells of an event.
func (s *Server) report(e Event) {
	if s.opt.OnEvent == nil {
		return
	}
	s.events.Lock()
	defer s.events.Unlock()
	e.Time = s.opt.Clock()
	s.opt.OnEvent(e)
}

// complaints makes events of what go-smtp logs.
type complaints struct{ server *Server }

func (c complaints) Printf(format string, v ...any) {
	c.server.report(Event{Kind: EventError, Err: fmt.Sprintf(format, v...)})
}

func (c complaints) Println(v ...any) {
	c.server.report(Event{Kind: EventError, Err: fmt.Sprint(v...)})
}
