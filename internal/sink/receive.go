package sink

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	smtp "github.com/emersion/go-smtp"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// What is said to messages that the rules have no say in.
var (
	storeFailed = answer(451, delivery.EnhancedCode{Class: 4, Subject: 3, Detail: 0}, "cannot keep the message")
	lineTooLong = answer(500, delivery.EnhancedCode{Class: 5, Subject: 5, Detail: 2}, "line too long")
	cutOff      = answer(451, delivery.EnhancedCode{Class: 4, Subject: 4, Detail: 2}, "message was cut off")
)

// errStore wraps what a [Store] returned.
var errStore = errors.New("store")

// Data is called after DATA or the first BDAT, and takes the message in. The
// error it returns is the reply to the message, also when that is 250.
func (s *session) Data(r io.Reader) error {
	if !s.server.beginMessage() {
		return wire(shuttingDown)
	}
	defer s.server.endMessage()

	e := s.current()
	about := Event{From: e.from, To: e.to}
	if err := s.goAhead(e, about); err != nil {
		return err
	}
	l, err := s.receive(r)
	if err != nil {
		return s.broken(err, about)
	}
	about.Size, about.Flaws = l.size, l.flaws(e.eightBit)
	about.Subject, about.MessageID = l.subject(), l.messageID()
	e.signed = headerField(l.header, "DKIM-Signature") != ""
	s.begin(false)
	v := s.ask(delivery.StageMessage, e)
	if err := s.obey(v, about); err != nil {
		s.discard(l)
		return err
	}
	return s.keep(l, v, about)
}

// goAhead lets the rules decide whether the message may come at all. Where the
// 354 can still be taken back, the client hears of it in its place.
func (s *session) goAhead(e envelope, about Event) error {
	v := s.ask(delivery.StageData, e)
	if v.rule == nil && v.delay == 0 {
		return nil
	}
	held := s.conn.holdGoAhead()
	err := s.obey(v, about)
	switch {
	case held == nil:
		return err
	case err != nil:
		s.conn.endData()
		return err
	default:
		return s.conn.gather(held)
	}
}

// A letter is a message as it comes in.
type letter struct {
	scanner
	draft Draft // nil when messages are only counted
}

// receive reads a message to its end.
func (s *session) receive(r io.Reader) (*letter, error) {
	l := &letter{}
	if store := s.server.opt.Store; store != nil {
		draft, err := store.Begin()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errStore, err)
		}
		l.draft = draft
	}
	if err := s.copy(l, r); err != nil {
		s.discard(l)
		return nil, err
	}
	return l, nil
}

// copy takes the octets of a message in.
func (s *session) copy(l *letter, r io.Reader) error {
	buffer, _ := s.server.buffers.Get().(*[]byte) // the pool holds nothing else
	defer s.server.buffers.Put(buffer)
	for {
		n, err := r.Read(*buffer)
		l.scan((*buffer)[:n])
		if l.draft != nil && n > 0 {
			if _, err := l.draft.Write((*buffer)[:n]); err != nil {
				return fmt.Errorf("%w: %w", errStore, err)
			}
		}
		if err == io.EOF { // not a wrapped one, which is no end of a message
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// discard forgets a message that is not kept.
func (s *session) discard(l *letter) {
	if l.draft == nil {
		return
	}
	if err := l.draft.Discard(); err != nil {
		s.report(Event{Kind: EventError, Err: fmt.Sprintf("%v: %v", errStore, err)})
	}
}

// broken answers a message that did not come in whole.
func (s *session) broken(err error, about Event) error {
	var said *smtp.SMTPError
	switch {
	case errors.Is(err, errStore):
		return s.notKept(err, about)
	case errors.Is(err, smtp.ErrTooLongLine):
		return s.refuse(delivery.StageMessage, "", lineTooLong, about)
	case errors.As(err, &said): // larger than allowed
		code := delivery.EnhancedCode{Class: said.EnhancedCode[0], Subject: said.EnhancedCode[1], Detail: said.EnhancedCode[2]}
		return s.refuse(delivery.StageMessage, "", answer(said.Code, code, said.Message), about)
	}
	s.server.counters.count(func(t *Stats) { t.Aborted++ })
	about.Kind, about.Stage, about.Err = EventAbort, delivery.StageMessage, err.Error()
	s.report(about)
	return wire(cutOff)
}

// notKept answers a message that the store failed on.
func (s *session) notKept(err error, about Event) error {
	failure := about
	failure.Kind, failure.Stage, failure.Err = EventError, delivery.StageMessage, err.Error()
	s.report(failure)
	return s.refuse(delivery.StageMessage, "", storeFailed, about)
}

// keep accepts a message.
func (s *session) keep(l *letter, v ruling, about Event) error {
	id := strconv.FormatInt(s.server.messages.Add(1), 10)
	if l.draft != nil {
		file, err := l.draft.Commit(Message{
			Time: s.server.opt.Clock(), From: about.From, To: about.To, Size: about.Size, Subject: about.Subject,
			MessageID: about.MessageID, Remote: s.conn.remote, Helo: s.helo, TLS: s.tls, User: s.login(), Flaws: about.Flaws,
		})
		if err != nil {
			return s.notKept(fmt.Errorf("%w: %w", errStore, err), about)
		}
		about.File, id = file, strings.TrimSuffix(filepath.Base(file), ".eml")
	}
	s.conn.accepted.Add(1)
	about.Duplicate = s.server.duplicate(about.MessageID, about.To)
	s.server.counters.accepted(&about)

	said := answer(250, delivery.EnhancedCode{Class: 2}, "Ok: queued as "+id)
	about.Kind, about.Stage = EventAccept, delivery.StageMessage
	if v.rule != nil {
		about.Rule = v.rule.name
		if v.rule.reply != nil {
			f := s.facts(v, about)
			f.id = id
			said = fill(v.rule.reply, f)
		}
	}
	about.Reply = said.String()
	if v.rule != nil && v.rule.hangUp {
		about.Reply = ""
		s.report(about)
		s.drop(v, about)
		return wire(shuttingDown) // never sent
	}
	s.report(about)
	return wire(said)
}

// duplicate remembers a message and reports whether it was accepted before for
// one of its recipients.
func (s *Server) duplicate(messageID string, to []string) bool {
	if messageID == "" {
		return false
	}
	again := false
	for _, rcpt := range to {
		again = s.seen.add(hash(0, messageID, strings.ToLower(rcpt))) || again
	}
	return again
}
