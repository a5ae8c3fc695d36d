package delivery

import (
	"context"
	"fmt"
)

// rcptWindow is the most RCPT commands that are written before their replies are
// read, so that with both sides writing and neither reading no buffer fills up
// (RFC 2920 §3.1).
const rcptWindow = 100

// A Result is what came of a message so far. The results that Ready and Outcome
// return for one message share their Recipients.
type Result struct {
	// Accepted says, after [Session.Ready], that the server waits for the message,
	// and after [Session.Outcome] or [Session.Send], that it took responsibility for
	// it on behalf of every recipient that is accepted below.
	Accepted bool
	// Recipients holds what the server said of each recipient, in the order of the
	// envelope.
	Recipients []RecipientResult
}

// A RecipientResult is what the server said of one recipient so far.
type RecipientResult struct {
	Accepted bool
	// Stage is where the deciding reply came, or would have come.
	Stage Stage
	// Reply is the deciding reply; zero when none came.
	Reply Reply
}

// A transaction is one message on its way.
type transaction struct {
	mail   Mail
	result Result

	resetWritten bool // RSET came before it
	mailWritten  bool
	written      int // RCPT commands
	dataWritten  bool
	mailAccepted bool
	accepted     int // recipients
}

// Send hands over one message: Begin, Ready, Finish and Outcome in one.
func (s *Session) Send(ctx context.Context, m Mail) (Result, error) {
	if err := s.Begin(ctx, m); err != nil {
		return Result{}, err
	}
	result, err := s.Ready(ctx)
	if err != nil || !result.Accepted {
		return result, err
	}
	if err := s.Finish(ctx, nil); err != nil {
		s.current.undecided(StageMessage, Reply{})
		return s.current.result, err
	}
	return s.Outcome(ctx)
}

// Check reports whether m can be sent in this session at all: whether the server
// offers what it needs, takes its size, and whether message and envelope hold
// nothing that must not be sent. Nothing is written. Begin and Finish check too.
func (s *Session) Check(m *Mail) error {
	if err := s.check(m); err != nil {
		return s.fail(StageMail, Reply{}, err)
	}
	return nil
}

func (s *Session) check(m *Mail) error {
	c := &s.capabilities
	if s.spent() {
		return fmt.Errorf("%w: the server takes no more than %d messages", ErrSessionClosed, s.mails)
	}
	if len(m.Envelope.To) == 0 {
		return ErrNoRecipients
	}
	if most := c.Limits.RcptMax; most > 0 && len(m.Envelope.To) > most {
		return fmt.Errorf("%w: %d of %d", ErrTooManyRecipients, len(m.Envelope.To), most)
	}
	if err := checkPath(m.Envelope.From); err != nil {
		return err
	}
	for _, to := range m.Envelope.To {
		if to.IsZero() {
			return ErrNoRecipients
		}
		if err := checkPath(to); err != nil {
			return err
		}
	}
	if err := m.Envelope.DSN.check(); err != nil {
		return err
	}
	switch {
	case needsSMTPUTF8(&m.Envelope) && !c.SMTPUTF8:
		return ErrNeedsSMTPUTF8
	case m.EightBit && !c.EightBitMIME:
		return ErrNeeds8BitMIME
	case c.Size > 0 && sizeOf(m.Data) > c.Size:
		return fmt.Errorf("%w: %d octets of %d", ErrTooLarge, sizeOf(m.Data), c.Size)
	}
	return checkNewlines(m.Data)
}

// Begin starts a message. With PIPELINING, MAIL, RCPT and DATA are written at
// once; without, only MAIL is. m.Data must not change before the outcome.
//
// An error of [Session.Check] leaves the session as it was.
func (s *Session) Begin(ctx context.Context, m Mail) error {
	if err := s.expect(StageMail, stateIdle); err != nil {
		return err
	}
	if err := s.Check(&m); err != nil {
		return err
	}
	if s.wire.reader.Buffered() > 0 {
		return s.outOfStep(ctx)
	}
	if s.needReset && !s.capabilities.Pipelining {
		if err := s.Reset(ctx); err != nil {
			return err
		}
	}
	s.current = s.newTransaction(m)
	s.state = stateBegun
	if s.needReset {
		s.wire.command("RSET")
		s.current.resetWritten = true
	}
	s.queueEnvelope(s.current)
	return s.write(ctx, StageMail, s.timeouts.Mail)
}

// outOfStep reports a reply that came although nothing was asked. Reading on
// would take it for the reply to the next command, and every later one for its
// neighbour's.
func (s *Session) outOfStep(ctx context.Context) error {
	reply, err := s.read(ctx, StageMail, s.timeouts.Mail, replyAny)
	if err != nil {
		return err
	}
	return s.outOfTurn(StageMail, reply)
}

// newTransaction takes one of the two transactions that can be under way.
func (s *Session) newTransaction(m Mail) *transaction {
	t := &s.spare[0]
	if t == s.current {
		t = &s.spare[1]
	}
	*t = transaction{mail: m, result: Result{Recipients: make([]RecipientResult, len(m.Envelope.To))}}
	return t
}

// queueEnvelope queues as much of the envelope as may be written now.
func (s *Session) queueEnvelope(t *transaction) {
	start := len(s.wire.out)
	s.wire.out = appendMail(s.wire.out, &t.mail, &s.capabilities)
	s.wire.end(start)
	s.mails++
	t.mailWritten = true
	if s.capabilities.Pipelining {
		s.queueRecipients(t, rcptWindow)
	}
}

// queueRecipients queues the next n RCPT commands, and DATA behind the last one
// of all when the server can take them together.
func (s *Session) queueRecipients(t *transaction, n int) {
	to := t.mail.Envelope.To
	for _, address := range to[t.written:min(t.written+n, len(to))] {
		start := len(s.wire.out)
		s.wire.out = appendRcpt(s.wire.out, address, &t.mail.Envelope.DSN, &s.capabilities)
		s.wire.end(start)
		t.written++
	}
	if s.capabilities.Pipelining && t.written == len(to) {
		s.wire.command("DATA")
		t.dataWritten = true
	}
}
