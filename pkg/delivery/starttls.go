package delivery

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"
)

// startTLS turns TLS on by STARTTLS where the target's security asks for it (RFC
// 3207). What was learned before is forgotten and asked for again (§4.2).
func (s *Session) startTLS(ctx context.Context) error {
	switch s.target.Security {
	case SecurityNone, SecurityTLS:
		return nil
	case SecurityOpportunistic:
		if !s.capabilities.StartTLS {
			return nil
		}
	case SecuritySTARTTLS:
		if !s.capabilities.StartTLS {
			return s.fail(StageTLS, Reply{}, Hint(ErrTLSRequired,
				"ask the server's operator, try smtps:// on port 465, or take what there is with ?tls=opportunistic"))
		}
	}
	reply, err := s.startTLSCommand(ctx)
	if err != nil {
		return err
	}
	if reply.Code != 220 {
		if s.target.Security == SecurityOpportunistic && reply.Code >= 400 && !s.dead {
			return nil
		}
		return s.refused(StageTLS, reply)
	}
	if err := s.handshake(ctx, StageTLS); err != nil {
		return err
	}
	s.capabilities = Capabilities{}
	return s.hello(ctx)
}

// startTLSCommand says STARTTLS. Behind a reply of 220 nothing may come before
// the handshake.
func (s *Session) startTLSCommand(ctx context.Context) (Reply, error) {
	s.wire.command("STARTTLS")
	reply, err := s.exchange(ctx, StageTLS, s.timeouts.TLS)
	if err == nil && reply.Code == 220 && s.wire.reader.Buffered() > 0 {
		err = s.fail(StageTLS, Reply{}, ErrStartTLSInjection)
	}
	s.observe(Step{Stage: StageTLS, Reply: reply, Err: err})
	return reply, err
}

// handshake makes the connection a TLS connection.
func (s *Session) handshake(ctx context.Context, stage Stage) error {
	state, err := s.secure(ctx, stage)
	s.observe(Step{Stage: stage, TLS: state, Err: err})
	return err
}

func (s *Session) secure(ctx context.Context, stage Stage) (*tls.ConnectionState, error) {
	config := s.tlsConfig()
	conn := tls.Client(s.wire.conn, config)
	s.wire.watcher.watch(ctx)
	err := conn.SetDeadline(time.Now().Add(s.timeouts.TLS))
	if err == nil {
		err = conn.HandshakeContext(ctx)
	}
	if err != nil {
		err = s.wire.cause(ctx, err, s.timeouts.TLS)
		if stage == StageConnect && answeredPlainly(err) {
			err = ErrNotImplicitTLS
		}
		if ctx.Err() == nil {
			err = fmt.Errorf("%w: %w", ErrTLSHandshake, err)
		}
		return nil, s.fail(stage, Reply{}, err)
	}
	state := conn.ConnectionState()
	s.tls = strings.Replace(tls.VersionName(state.Version), "TLS ", "TLSv", 1) + " " + tls.CipherSuiteName(state.CipherSuite)
	s.verified = !config.InsecureSkipVerify || config.VerifyConnection != nil
	s.wire.secure(conn)
	s.wire.note(TraceNote, s.TLS())
	return &state, nil
}

// answeredPlainly reports whether a handshake failed for the server's first
// octets, which are the code of an SMTP reply.
func answeredPlainly(err error) bool {
	record, ok := errors.AsType[tls.RecordHeaderError](err)
	if !ok {
		return false
	}
	first := record.RecordHeader
	return first[0] >= '2' && first[0] <= '5' && isDigit(first[1]) && isDigit(first[2])
}

// tlsConfig completes the configuration that was handed in.
func (s *Session) tlsConfig() *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.opt.TLS != nil {
		config = s.opt.TLS.Clone()
	}
	if config.MinVersion == 0 {
		config.MinVersion = tls.VersionTLS12 // RFC 9325 §3.1.1
	}
	if config.ServerName == "" {
		config.ServerName = strings.TrimSuffix(cmp.Or(s.target.ServerName, s.target.Host), ".")
	}
	if s.target.Verify != nil {
		config.InsecureSkipVerify = true
		config.VerifyConnection = s.target.Verify
	}
	if s.target.Security == SecurityOpportunistic {
		// RFC 7435 §3: encryption without authentication is better than none. Such a
		// connection counts as unverified, so that no credentials travel over it.
		config.InsecureSkipVerify = true
		config.VerifyConnection = nil
	}
	return config
}
