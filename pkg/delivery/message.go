package delivery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
)

// blockSize is how much of a message is written at a time.
const blockSize = 64 << 10

// Finish writes the message and its final dot. With PIPELINING the envelope of
// next, when it is not nil, follows in the same write; without, it is written by
// the call of Ready that comes after Outcome. Either way next is begun by this
// call: Outcome tells of the current message, and Ready of next.
//
// An error of [Session.Check] for next leaves everything as it was, so that
// Finish can be called again without it. After any other error the session is
// over. The message was not delivered then, unless the error wraps
// [ErrOutcomeUnknown]: only when part of the final dot's line has left can the
// server take the message for complete.
func (s *Session) Finish(ctx context.Context, next *Mail) error {
	if err := s.expect(StageMessage, stateReady); err != nil {
		return err
	}
	if next != nil {
		if err := s.Check(next); err != nil {
			return err
		}
	}
	if s.wire.trace != nil {
		size := strconv.FormatInt(sizeOf(s.current.mail.Data), 10)
		s.wire.note(TraceClient, "("+size+" octets of message)")
	}
	if err := s.writeBody(ctx, s.current.mail.Data); err != nil {
		return s.brokenOff(ctx, err)
	}
	dot := len(s.wire.out)
	s.wire.command(".")
	end := len(s.wire.out)
	if next != nil {
		s.next = s.newTransaction(*next)
		if s.capabilities.Pipelining {
			s.queueEnvelope(s.next)
		}
	}
	n, err := s.wire.flush(ctx, s.timeouts.Block)
	switch {
	case err == nil:
	case n <= dot:
		return s.brokenOff(ctx, err)
	case n < end:
		s.dead = true
		return s.fail(StageMessage, Reply{}, fmt.Errorf("%w: %w", ErrOutcomeUnknown, err))
	default: // the message is complete, and its reply may come
		s.dead = true
		s.next = nil
	}
	s.state = stateSent
	return nil
}

// brokenOff reports a message whose end was not written.
func (s *Session) brokenOff(ctx context.Context, err error) error {
	s.dead = true
	s.next = nil
	return s.fail(StageMessage, s.wire.parting(ctx), err)
}

// writeBody queues the message with its dots doubled (RFC 5321 §4.5.2) and writes
// it block by block; the last block stays queued.
func (s *Session) writeBody(ctx context.Context, data []byte) error {
	dotted := bytes.HasPrefix(data, []byte("."))
	for rest := data; len(rest) > 0; {
		if dotted {
			s.wire.out = append(s.wire.out, '.')
		}
		segment := rest
		i := bytes.Index(rest, []byte("\n."))
		if dotted = i >= 0; dotted {
			segment = rest[:i+1]
		}
		rest = rest[len(segment):]
		if err := s.writeBlocks(ctx, segment); err != nil {
			return err
		}
	}
	if !endsLine(data) {
		s.wire.out = append(s.wire.out, "\r\n"...)
	}
	return nil
}

// writeBlocks queues data, writing whenever a block is full.
func (s *Session) writeBlocks(ctx context.Context, data []byte) error {
	for len(s.wire.out)+len(data) > blockSize {
		room := max(0, blockSize-len(s.wire.out))
		s.wire.out = append(s.wire.out, data[:room]...)
		data = data[room:]
		if _, err := s.wire.flush(ctx, s.timeouts.Block); err != nil {
			return err
		}
	}
	s.wire.out = append(s.wire.out, data...)
	return nil
}

// Outcome reads the reply to the message. An error means that the reply was lost:
// it wraps [ErrOutcomeUnknown], and the message may or may not have arrived.
func (s *Session) Outcome(ctx context.Context) (Result, error) {
	if s.state != stateSent {
		return Result{}, s.fail(StageMessage, Reply{}, ErrOutOfOrder)
	}
	t := s.current
	reply, err := s.read(ctx, StageMessage, s.timeouts.Message, replyAny)
	if err == nil && reply.Code/100 == 3 {
		err = s.outOfTurn(StageMessage, reply)
	}
	if err != nil {
		s.dead = true
		t.undecided(StageMessage, Reply{})
		return t.result, s.lost(err)
	}
	s.needReset = false // RFC 5321 §4.1.1.4: whatever the reply, the envelope is gone
	t.result.Accepted = reply.Code/100 == 2
	for i := range t.result.Recipients {
		if r := &t.result.Recipients[i]; r.Accepted {
			*r = RecipientResult{Accepted: t.result.Accepted, Stage: StageMessage, Reply: reply}
		}
	}
	result := t.result
	s.state = stateIdle
	if s.next != nil {
		s.current, s.next = s.next, nil
		s.state = stateBegun
	}
	return result, nil
}

// lost marks an error of the connection as one that hides the outcome.
func (s *Session) lost(err error) error {
	var failure *SessionError
	if !errors.As(err, &failure) {
		return err
	}
	marked := *failure
	marked.Err = fmt.Errorf("%w: %w", ErrOutcomeUnknown, failure.Err)
	return &marked
}

// sizeOf returns the size of a message as SIZE counts it: with the CRLF that will
// be added, and without doubled dots (RFC 1870 §5).
func sizeOf(data []byte) int64 {
	if endsLine(data) {
		return int64(len(data))
	}
	return int64(len(data)) + 2
}

// endsLine reports whether the final dot may follow data. An empty message needs
// no CRLF, for that of DATA stands before the dot (RFC 5321 §4.1.1.4).
func endsLine(data []byte) bool {
	return len(data) == 0 || bytes.HasSuffix(data, []byte("\r\n"))
}

// checkNewlines refuses a CR or LF that is not part of a CRLF.
func checkNewlines(data []byte) error {
	for rest := data; ; {
		i := bytes.IndexByte(rest, '\n')
		line := rest
		if i >= 0 {
			line = rest[:i]
			if i == 0 || line[i-1] != '\r' {
				return fmt.Errorf("%w: LF at octet %d", ErrBareNewline, len(data)-len(rest)+i)
			}
			line = line[:i-1]
		}
		if j := bytes.IndexByte(line, '\r'); j >= 0 {
			return fmt.Errorf("%w: CR at octet %d", ErrBareNewline, len(data)-len(rest)+j)
		}
		if i < 0 {
			return nil
		}
		rest = rest[i+1:]
	}
}
