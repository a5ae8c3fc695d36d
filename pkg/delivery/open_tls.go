package delivery

import (
	"context"
	"net"
	"time"
)

// OpenForTLS opens a connection on which the next octet is the first of a TLS
// handshake: at once under [SecurityTLS], and otherwise behind the server's reply
// to STARTTLS, which must be offered. The caller makes the handshake, and closes
// the connection. Errors are of type *[SessionError].
func OpenForTLS(ctx context.Context, target Target, opt Options) (net.Conn, error) {
	s := &Session{target: target, opt: opt, timeouts: opt.Timeouts.orDefaults()}
	if err := s.checkOptions(); err != nil {
		return nil, err
	}
	if err := s.dial(ctx); err != nil {
		return nil, err
	}
	if target.Security != SecurityTLS {
		if err := s.askForTLS(ctx); err != nil {
			_ = s.wire.close() // the first error is the one that counts
			return nil, err
		}
	}
	s.wire.watcher.release()
	return s.wire.conn, s.wire.conn.SetDeadline(time.Time{})
}

// askForTLS leads a fresh connection to where the handshake comes.
func (s *Session) askForTLS(ctx context.Context) error {
	if err := s.greeting(ctx); err != nil {
		return err
	}
	if err := s.hello(ctx); err != nil {
		return err
	}
	if !s.capabilities.StartTLS {
		return s.fail(StageTLS, Reply{}, ErrTLSRequired)
	}
	reply, err := s.startTLSCommand(ctx)
	if err == nil && reply.Code != 220 {
		err = s.refused(StageTLS, reply)
	}
	return err
}
