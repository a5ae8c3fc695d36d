// Package testkit holds what the tests of several packages share: servers that
// play scripts, real mail servers, DNS zones on loopback, and certificates.
package testkit

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"sync"
	"testing"
)

// An SMTPServer is an SMTP server on loopback that plays scripts; see [PlaySMTP].
type SMTPServer struct {
	// Addr is where it listens, "127.0.0.1:port".
	Addr string
	// Port is the port of Addr.
	Port int

	t        testing.TB
	listener net.Listener
	cancel   context.CancelFunc
	running  sync.WaitGroup

	mu       sync.Mutex
	messages []string
}

// SMTP starts a server that plays scripts[n] on its n-th connection, and the last
// one on every further connection. config is for the scripts that turn TLS on,
// and may be nil. A script that is not followed fails the test; the server ends
// with the test.
func SMTP(t testing.TB, config *tls.Config, scripts ...string) *SMTPServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &SMTPServer{
		Addr:     listener.Addr().String(),
		Port:     listener.Addr().(*net.TCPAddr).Port,
		t:        t,
		listener: listener,
		cancel:   cancel,
	}
	s.running.Go(func() { s.accept(ctx, config, scripts) })
	t.Cleanup(s.Close)
	return s
}

// Close stops the server and waits for its connections to end.
func (s *SMTPServer) Close() {
	s.cancel()
	_ = s.listener.Close() // it may be closed already
	s.running.Wait()
}

// Messages returns the messages that were received, their dots single again.
func (s *SMTPServer) Messages() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

func (s *SMTPServer) accept(ctx context.Context, config *tls.Config, scripts []string) {
	for n := 0; ; n++ {
		conn, err := s.listener.Accept()
		if err != nil {
			if !errors.Is(err, net.ErrClosed) {
				s.t.Error(err)
			}
			return
		}
		script := scripts[min(n, len(scripts)-1)]
		s.running.Go(func() { s.play(ctx, conn, config, script) })
	}
}

func (s *SMTPServer) play(ctx context.Context, conn net.Conn, config *tls.Config, script string) {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	messages, err := PlaySMTP(ctx, conn, config, script)
	s.mu.Lock()
	s.messages = append(s.messages, messages...)
	s.mu.Unlock()
	if err != nil && ctx.Err() == nil {
		s.t.Error(err)
	}
}
