package delivery

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
)

// A Dialer opens connections; *net.Dialer is one.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Security says how TLS is used.
type Security string

// The kinds of security.
const (
	SecurityNone          Security = "none"          // plaintext
	SecurityOpportunistic Security = "opportunistic" // STARTTLS where offered, unverified (RFC 7435)
	SecuritySTARTTLS      Security = "starttls"      // STARTTLS required and verified (RFC 3207)
	SecurityTLS           Security = "tls"           // TLS from the first octet, verified (RFC 8314 §3)
)

// A Target is the server a session is opened with.
type Target struct {
	Host     string     // its name: dialed unless Addr is set, and verified by TLS
	Addr     netip.Addr // where to dial; the zero Addr means wherever Host leads
	Port     int
	Security Security // empty means SecuritySTARTTLS
	// Verify, when not nil, judges a TLS connection instead of the roots and names
	// of Options.TLS. It is not called under SecurityOpportunistic.
	Verify func(tls.ConnectionState) error
	// ServerName is the name that is asked for in the handshake; empty means Host.
	ServerName string
}

// Options say how to open a session. The zero value will do.
type Options struct {
	// LocalName is our name in EHLO: a domain name or an address literal. Empty
	// means the literal of the address that the connection comes from.
	LocalName string
	// Dialer opens the connection; nil means a plain net.Dialer.
	Dialer Dialer
	// TLS is copied and completed: ServerName is the target's host unless set,
	// MinVersion TLS 1.2 unless set. Nil means the system's roots.
	TLS *tls.Config
	// Auth holds the credentials; nil means not to log in.
	Auth *Auth
	// AllowPlaintextAuth lets credentials travel without verified TLS.
	AllowPlaintextAuth bool
	// Timeouts limit each step; zero fields mean those of RFC 5321 §4.5.3.2.
	Timeouts Timeouts
	// Trace, when it is not nil, is called with each line of the conversation,
	// from the goroutine that uses the session.
	Trace func(TraceEvent)
	// Observe, when it is not nil, is called as soon as each step of [Open] has ended,
	// from the goroutine that opens the session.
	Observe func(Step)
}

// A TraceSide says who wrote a line of the conversation.
type TraceSide string

// The sides.
const (
	TraceClient TraceSide = "client"
	TraceServer TraceSide = "server"
	TraceNote   TraceSide = "note" // about the connection, said by neither
)

// A TraceEvent is one line of the conversation. Secrets are shown as "***", and
// a message is one line that gives its size.
type TraceEvent struct {
	Side TraceSide
	Text string // without line end
}

// A Session is one SMTP connection, ready for messages. It is used by one
// goroutine at a time.
//
// [Session.Send] hands over one message. For more speed its four steps can be
// used apart, so that with PIPELINING (RFC 2920) the envelope of the next message
// travels behind the final dot of this one:
//
//	err := s.Begin(ctx, first)        // MAIL, RCPT and DATA
//	result, err := s.Ready(ctx)       // the replies to them; if result.Accepted:
//	err = s.Finish(ctx, &second)      // the message, and the next MAIL, RCPT and DATA
//	result, err = s.Outcome(ctx)      // the reply to the message
//	result, err = s.Ready(ctx)        // the replies to the next envelope
//
// A message that is refused is not an error: the [Result] says so. Errors are of
// type *[SessionError]; when [Session.Usable] still reports true after one,
// nothing was sent and the session can go on.
type Session struct {
	target   Target
	opt      Options
	timeouts Timeouts

	wire         wire
	ip           string
	tls          string // version and cipher suite; empty for plaintext
	verified     bool   // TLS is on and the server proved its name
	capabilities Capabilities

	state     sessionState
	dead      bool // no command may be sent any more
	needReset bool // the server still holds an envelope
	mails     int  // MAIL commands sent
	current   *transaction
	next      *transaction // begun behind the current one
	spare     [2]transaction
}

// A sessionState is how far the current transaction has come.
type sessionState int

const (
	stateIdle  sessionState = iota // none
	stateBegun                     // Begin was called
	stateReady                     // 354 was read
	stateSent                      // the final dot was written
)

// Capabilities returns what the server offers, as of its last EHLO.
func (s *Session) Capabilities() Capabilities { return s.capabilities }

// Host returns the target's name.
func (s *Session) Host() string { return s.target.Host }

// IP returns the server's address, or "" when the connection has none.
func (s *Session) IP() string { return s.ip }

// TLS returns version and cipher suite, such as
// "TLSv1.3 TLS_AES_128_GCM_SHA256", or "" for plaintext.
func (s *Session) TLS() string { return s.tls }

// Usable reports whether the session can carry on: the next step of a transaction
// that was begun, or another message. It is false after a 421, after an error of
// the connection, and when the server's limit of messages (RFC 9422) is reached.
func (s *Session) Usable() bool {
	return !s.dead && (s.state != stateIdle || !s.spent())
}

// spent reports whether the server wants no more messages on this connection.
func (s *Session) spent() bool {
	limit := s.capabilities.Limits.MailMax
	return limit > 0 && s.mails >= limit
}

// Reset sends RSET, which also shows that the server is still there. It may only
// be called between messages.
func (s *Session) Reset(ctx context.Context) error {
	if err := s.expect(StageReset, stateIdle); err != nil {
		return err
	}
	s.wire.command("RSET")
	reply, err := s.exchange(ctx, StageReset, s.timeouts.Reset)
	if err != nil {
		return err
	}
	return s.checkReset(reply)
}

func (s *Session) checkReset(reply Reply) error {
	if reply.Code/100 != 2 {
		s.dead = true
		return s.refused(StageReset, reply)
	}
	s.needReset = false
	return nil
}

// Close ends the session, politely with QUIT when no message is under way, the
// server is still listening and ctx is not done. It may be called more than once.
func (s *Session) Close(ctx context.Context) error {
	if s.wire.conn == nil {
		return nil
	}
	if !s.dead && s.state == stateIdle && ctx.Err() == nil {
		s.wire.command("QUIT")
		_, _ = s.exchange(ctx, StageQuit, s.timeouts.Quit) // goodbye is said either way
	}
	s.dead = true
	return s.wire.close()
}

// expect checks that a method is called in its turn.
func (s *Session) expect(stage Stage, state sessionState) error {
	if s.dead {
		return s.fail(stage, Reply{}, ErrSessionClosed)
	}
	if s.state != state {
		return s.fail(stage, Reply{}, ErrOutOfOrder)
	}
	return nil
}

// outOfTurn makes the error of a reply that cannot stand where it came, after
// which no reply of this session can be believed.
func (s *Session) outOfTurn(stage Stage, reply Reply) *SessionError {
	s.dead = true
	err := fmt.Errorf("%w %q", ErrUnexpectedReply, shorten(reply.String()))
	if reply.Code < 400 {
		reply = Reply{}
	}
	return s.fail(stage, reply, err)
}

// fail makes the error of this session.
func (s *Session) fail(stage Stage, reply Reply, err error) *SessionError {
	return &SessionError{Stage: stage, Host: s.target.Host, IP: s.ip, Reply: reply, Err: err}
}
