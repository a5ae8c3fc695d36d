package delivery

import "context"

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
	if !t.mailWritten { // begun behind another message, on a server without PIPELINING
		s.queueEnvelope(t)
		if err := s.write(ctx, StageMail, s.timeouts.Mail); err != nil {
			return err
		}
	}
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

// readReset reads the reply to the RSET that was written before the envelope, if
// there was one.
func (s *Session) readReset(ctx context.Context, t *transaction) error {
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
