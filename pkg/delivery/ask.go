package delivery

import "context"

// Ask asks whether the server would take a message from one address for another,
// and takes the question back with RSET: no message is ever begun, for DATA is not
// sent. It returns the reply to RCPT, or that to MAIL when it was a refusal, and
// its stage. Ask may only be called between messages.
func (s *Session) Ask(ctx context.Context, from, to Address) (Stage, Reply, error) {
	if err := s.expect(StageMail, stateIdle); err != nil {
		return StageMail, Reply{}, err
	}
	for _, path := range []Address{from, to} {
		if err := checkPath(path); err != nil {
			return StageMail, Reply{}, s.fail(StageMail, Reply{}, err)
		}
	}
	s.wire.command("MAIL FROM:" + string(appendPath(nil, from)))
	s.mails++
	reply, err := s.exchange(ctx, StageMail, s.timeouts.Mail)
	if err != nil || reply.Code/100 != 2 {
		return StageMail, reply, err
	}
	s.wire.command("RCPT TO:" + string(appendPath(nil, to)))
	if reply, err = s.exchange(ctx, StageRcpt, s.timeouts.Rcpt); err != nil || s.dead {
		return StageRcpt, reply, err
	}
	return StageRcpt, reply, s.Reset(ctx)
}
