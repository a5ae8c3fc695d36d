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

// Ready reads the replies to the envelope, and writes what of it had to wait for
// them. When the result is accepted, the message comes next. Otherwise this
// message is over and the session, if it is usable, free for another.
//
// With an error, the result tells what was learned before it; nothing was
// delivered.
func (s *Session) Ready(ctx context.Context) (Result, error) {
	if err := s.expect(StageMail, stateBegun); err != nil {
		return Result{}, err
	}
	t := s.current
	err := s.envelope(ctx, t)
	if err != nil {
		s.dead = true
		return t.result, err
	}
	s.state = stateIdle
	if t.result.Accepted {
		s.state = stateReady
	}
	return t.result, nil
}

// envelope leads t to 354 or to a refusal.
func (s *Session) envelope(ctx context.Context, t *transaction) error {
	if err := s.readReset(ctx, t); err != nil {
		return err
	}
	if err := s.readMail(ctx, t); err != nil || s.dead {
		return err
	}
	if t.mailAccepted || t.written > 0 {
		if err := s.readRecipients(ctx, t); err != nil || s.dead {
			return err
		}
	}
	if t.accepted > 0 && !t.dataWritten {
		s.wire.command("DATA")
		if err := s.write(ctx, StageData, s.timeouts.Data); err != nil {
			return err
		}
		t.dataWritten = true
	}
	s.needReset = t.mailAccepted
	if !t.dataWritten {
		return nil
	}
	return s.readData(ctx, t)
}

// readReset reads the reply to an RSET that was written before the envelope.
func (s *Session) readReset(ctx context.Context, t *transaction) error {
	if !t.mailWritten { // a message begun behind another, on a server without PIPELINING
		s.queueEnvelope(t)
		if err := s.write(ctx, StageMail, s.timeouts.Mail); err != nil {
			return err
		}
	}
	if !t.resetWritten {
		return nil
	}
	reply, err := s.read(ctx, StageReset, s.timeouts.Reset, replyAny)
	if err != nil {
		return err
	}
	return s.checkReset(reply)
}

func (s *Session) readMail(ctx context.Context, t *transaction) error {
	reply, err := s.read(ctx, StageMail, s.timeouts.Mail, replyMail)
	if err != nil {
		t.undecided(StageMail, Reply{})
		return err
	}
	if reply.Code/100 == 3 {
		return s.outOfTurn(StageMail, reply)
	}
	t.mailAccepted = reply.Code/100 == 2
	if !t.mailAccepted {
		t.undecided(StageMail, reply)
	}
	return nil
}

// readRecipients reads the reply to each RCPT, and writes those that had to wait.
func (s *Session) readRecipients(ctx context.Context, t *transaction) error {
	for i := range t.result.Recipients {
		if i == t.written {
			if !t.mailAccepted {
				return nil
			}
			if err := s.writeRecipients(ctx, t); err != nil {
				t.undecided(StageRcpt, Reply{})
				return err
			}
		}
		reply, err := s.read(ctx, StageRcpt, s.timeouts.Rcpt, replyRcpt)
		if err != nil {
			t.undecided(StageRcpt, Reply{})
			return err
		}
		if reply.Code/100 == 3 {
			return s.outOfTurn(StageRcpt, reply)
		}
		if s.dead { // 421 ends it for those accepted before, too
			t.undecided(StageRcpt, reply)
			return nil
		}
		if t.mailAccepted {
			t.decide(i, reply)
		}
	}
	return nil
}

// writeRecipients writes the RCPT commands that may go without waiting.
func (s *Session) writeRecipients(ctx context.Context, t *transaction) error {
	n := 1
	if s.capabilities.Pipelining {
		n = rcptWindow
	}
	s.queueRecipients(t, n)
	return s.write(ctx, StageRcpt, s.timeouts.Rcpt)
}

// decide takes the reply to the RCPT of recipient i in.
func (t *transaction) decide(i int, reply Reply) {
	accepted := reply.Code/100 == 2
	t.result.Recipients[i] = RecipientResult{Accepted: accepted, Stage: StageRcpt, Reply: reply}
	if accepted {
		t.accepted++
	}
}

// undecided gives every recipient that the server has not refused yet the stage
// and the reply that decided for all of them, against the message.
func (t *transaction) undecided(stage Stage, reply Reply) {
	t.result.Accepted = false
	for i := range t.result.Recipients {
		r := &t.result.Recipients[i]
		if r.Accepted || r.Reply.IsZero() {
			*r = RecipientResult{Stage: stage, Reply: reply}
		}
	}
	t.accepted = 0
}

// readData reads the reply to DATA.
func (s *Session) readData(ctx context.Context, t *transaction) error {
	reply, err := s.read(ctx, StageData, s.timeouts.Data, replyData)
	switch {
	case err != nil:
		t.undecided(StageData, Reply{})
		return err
	case reply.Code/100 == 2:
		t.undecided(StageData, Reply{})
		return s.outOfTurn(StageData, reply)
	case reply.Code/100 == 3 && t.accepted > 0:
		t.result.Accepted = true
		return nil
	case reply.Code/100 == 3:
		return s.nothingToSay(ctx)
	case t.accepted > 0:
		t.undecided(StageData, reply)
	}
	return nil
}

// nothingToSay ends a message that the server waits for although it refused the
// sender or every recipient: RFC 2920 §3.1 has the client send a lone dot, and
// whatever the server says to it, nobody received anything.
func (s *Session) nothingToSay(ctx context.Context) error {
	s.wire.command(".")
	if _, err := s.exchange(ctx, StageMessage, s.timeouts.Message); err != nil {
		return err
	}
	s.needReset = false
	return nil
}
