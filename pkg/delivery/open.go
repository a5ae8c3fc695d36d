package delivery

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"
)

// Open connects to target and brings the session up to where a message can be
// sent: connection, greeting, EHLO or HELO, TLS, authentication. The caller
// closes the session.
//
// ctx only limits Open itself; each later call has its own.
func Open(ctx context.Context, target Target, opt Options) (*Session, error) {
	if target.Security == "" {
		target.Security = SecuritySTARTTLS
	}
	s := &Session{target: target, opt: opt, timeouts: opt.Timeouts.orDefaults()}
	if err := s.checkOptions(); err != nil {
		return nil, err
	}
	if err := s.dial(ctx); err != nil {
		return nil, err
	}
	if err := s.start(ctx); err != nil {
		_ = s.wire.close() // the first error is the one that counts
		return nil, err
	}
	s.wire.watcher.release()
	return s, nil
}

// checkOptions refuses what cannot work, or must not, before anything is sent.
func (s *Session) checkOptions() error {
	if s.opt.LocalName != "" && !isSafeArgument(s.opt.LocalName) {
		return s.fail(StageHello, Reply{}, fmt.Errorf("%w: local name %q", ErrUnsafeArgument, s.opt.LocalName))
	}
	unprotected := s.target.Security == SecurityNone || s.target.Security == SecurityOpportunistic
	if s.opt.Auth != nil && unprotected && !s.opt.AllowPlaintextAuth {
		return s.fail(StageAuth, Reply{}, Hint(ErrAuthWithoutTLS, hintPlaintextAuth))
	}
	return nil
}

const hintPlaintextAuth = "use smtps://, or smtp:// with STARTTLS; ?auth=plaintext sends credentials unprotected all the same"

// dial opens the connection.
func (s *Session) dial(ctx context.Context) error {
	err := s.connect(ctx)
	s.observe(Step{Stage: StageConnect, Err: err})
	return err
}

func (s *Session) connect(ctx context.Context) error {
	dialer := s.opt.Dialer
	if dialer == nil {
		dialer = new(net.Dialer)
	}
	host := s.target.Host
	if s.target.Addr.IsValid() {
		host = s.target.Addr.String()
		s.ip = host
	}
	limited, cancel := context.WithTimeout(ctx, s.timeouts.Connect)
	defer cancel()
	conn, err := dialer.DialContext(limited, "tcp", net.JoinHostPort(host, strconv.Itoa(s.target.Port)))
	if err != nil {
		switch {
		case ctx.Err() != nil:
			err = ctx.Err()
		case limited.Err() != nil:
			err = fmt.Errorf("%w within %s", ErrTimeout, s.timeouts.Connect)
		}
		return s.fail(StageConnect, Reply{}, err)
	}
	if addr, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		s.ip = addr.AddrPort().Addr().Unmap().String()
	}
	if s.opt.LocalName == "" {
		s.opt.LocalName = LocalLiteral(conn)
	}
	s.wire.open(conn, s.opt)
	return nil
}

// start brings a fresh connection up.
func (s *Session) start(ctx context.Context) error {
	if s.target.Security == SecurityTLS {
		if err := s.handshake(ctx, StageConnect); err != nil {
			return err
		}
	}
	if err := s.greeting(ctx); err != nil {
		return err
	}
	if err := s.hello(ctx); err != nil {
		return err
	}
	if err := s.startTLS(ctx); err != nil {
		return err
	}
	if s.opt.Auth != nil {
		err := s.authenticate(ctx)
		s.observe(Step{Stage: StageAuth, Err: err})
		return err
	}
	return nil
}

// greeting reads the server's first reply (RFC 5321 §3.1).
func (s *Session) greeting(ctx context.Context) error {
	reply, err := s.read(ctx, StageGreeting, s.timeouts.Greeting, replyAny)
	s.observe(Step{Stage: StageGreeting, Reply: reply, Err: err})
	switch {
	case err != nil:
		return err
	case reply.Code == 220:
		return nil
	}
	return s.refused(StageGreeting, reply)
}

// refused makes the error of a reply other than the one that lets the session go
// on.
func (s *Session) refused(stage Stage, reply Reply) *SessionError {
	if reply.Code < 400 {
		return s.outOfTurn(stage, reply)
	}
	return s.fail(stage, reply, ErrRefused)
}

// exchange writes what is queued and reads the reply to it. After an error the
// session is of no use any more, and after a 421 neither.
func (s *Session) exchange(ctx context.Context, stage Stage, timeout time.Duration) (Reply, error) {
	if err := s.write(ctx, stage, timeout); err != nil {
		return Reply{}, err
	}
	return s.read(ctx, stage, timeout, replyAny)
}

// write writes what is queued, all of it commands.
func (s *Session) write(ctx context.Context, stage Stage, timeout time.Duration) error {
	if _, err := s.wire.flush(ctx, timeout); err != nil {
		s.dead = true
		return s.fail(stage, s.wire.parting(ctx), err)
	}
	return nil
}

// read reads one reply.
func (s *Session) read(ctx context.Context, stage Stage, timeout time.Duration, kind replyKind) (Reply, error) {
	reply, err := s.wire.read(ctx, timeout, kind)
	if err != nil {
		s.dead = true
		return Reply{}, s.fail(stage, Reply{}, err)
	}
	if reply.Code == 421 {
		s.dead = true // RFC 5321 §3.8: the server closes the connection
	}
	return reply, nil
}
