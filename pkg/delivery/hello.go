package delivery

import "context"

// hello says EHLO, and HELO to a server that does not know EHLO (RFC 5321 §3.2).
func (s *Session) hello(ctx context.Context) error {
	reply, err := s.helloCommand(ctx, "EHLO ")
	if err == nil && reply.Code == 250 {
		s.capabilities = parseCapabilities(reply.Lines)
	}
	s.observe(Step{Stage: StageHello, Reply: reply, Capabilities: s.capabilities, Err: err})
	if err != nil {
		return err
	}
	if reply.Code == 250 {
		return nil
	}
	if !unknownCommand(reply) {
		return s.refused(StageHello, reply)
	}
	reply, err = s.helloCommand(ctx, "HELO ")
	if err == nil && reply.Code == 250 {
		s.capabilities = Capabilities{Name: firstWord(reply)}
	}
	s.observe(Step{Stage: StageHello, Reply: reply, Capabilities: s.capabilities, Err: err})
	if err != nil {
		return err
	}
	if reply.Code != 250 {
		return s.refused(StageHello, reply)
	}
	return nil
}

func (s *Session) helloCommand(ctx context.Context, verb string) (Reply, error) {
	s.wire.command(verb + s.opt.LocalName)
	return s.exchange(ctx, StageHello, s.timeouts.Hello)
}

// unknownCommand reports whether reply says that the command is not understood,
// rather than that the client is not welcome.
func unknownCommand(reply Reply) bool { return reply.Code >= 500 && reply.Code <= 504 }

func firstWord(reply Reply) string {
	return parseCapabilities(reply.Lines[:min(1, len(reply.Lines))]).Name
}
