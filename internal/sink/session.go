package sink

import (
	"crypto/tls"
	"strings"
	"sync"

	smtp "github.com/emersion/go-smtp"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// shuttingDown is said to a client that the server does not wait for any longer.
var shuttingDown = answer(421, delivery.EnhancedCode{Class: 4, Subject: 3, Detail: 2}, "shutting down")

// session is what go-smtp asks about each command. With BDAT, Data runs beside
// the other methods, which is what the lock is for.
type session struct {
	server *Server
	conn   *conn
	helo   string
	tls    string

	mu       sync.Mutex
	user     string
	envelope envelope
	begun    bool // the rules wait for the message of a transaction
}

// envelope is a mail transaction so far.
type envelope struct {
	from     string
	to       []string
	eightBit bool // the client announced octets above 127
	signed   bool // at message, whether there is a DKIM signature
}

// newSession is called when a client says EHLO or HELO, and again after STARTTLS.
func (s *Server) newSession(sc *smtp.Conn) (smtp.Session, error) {
	nc, encryption := sc.Conn(), ""
	if encrypted, ok := nc.(*tls.Conn); ok {
		state := encrypted.ConnectionState()
		encryption = tls.VersionName(state.Version) + " " + tls.CipherSuiteName(state.CipherSuite)
		nc = encrypted.NetConn()
	}
	c, _ := nc.(*conn) // the listener returns nothing else
	c.encrypted.Store(encryption != "")
	ss := &session{server: s, conn: c, helo: readable(sc.Hostname()), tls: encryption}
	if err := ss.obey(ss.ask(delivery.StageHello, envelope{}), Event{}); err != nil {
		return nil, err
	}
	return ss, nil
}

// Mail begins a transaction.
func (s *session) Mail(from string, opts *smtp.MailOptions) error {
	if s.server.opt.Login != nil && s.login() == "" {
		return s.refuse(delivery.StageMail, "", authRequired, Event{})
	}
	s.conn.transactions.Add(1)
	e := envelope{from: mailbox(from), eightBit: opts.UTF8 || opts.Body == smtp.Body8BitMIME}
	s.abandon()
	v := s.ask(delivery.StageMail, e)
	s.begin(!v.refuses())
	if err := s.obey(v, Event{From: e.from}); err != nil {
		return err
	}
	s.conn.busy.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.envelope = e
	return nil
}

// Rcpt adds a recipient.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	e := s.current()
	e.to = []string{mailbox(to)}
	if err := s.obey(s.ask(delivery.StageRcpt, e), Event{From: e.from, To: e.to}); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.envelope.to = append(s.envelope.to, e.to[0])
	return nil
}

// begin notes whether the rules wait for a message, and returns whether they did.
func (s *session) begin(begun bool) (was bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was, s.begun = s.begun, begun
	return was
}

// abandon tells the rules that the transaction brings no message, if it is one.
func (s *session) abandon() {
	if s.begin(false) {
		s.server.judge.abandon(hostOf(s.conn.remote))
	}
}

// Reset forgets the transaction.
func (s *session) Reset() {
	s.abandon()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.envelope = envelope{}
	s.conn.busy.Store(false)
}

// Logout is told that the session is over.
func (s *session) Logout() error {
	s.abandon()
	s.conn.busy.Store(false)
	return nil
}

// current returns the transaction so far.
func (s *session) current() envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.envelope
}

// login returns who logged in.
func (s *session) login() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.user
}

// ask lets the rules decide.
func (s *session) ask(stage delivery.Stage, e envelope) ruling {
	return ruling{stage, s.server.judge.decide(moment{
		stage:       stage,
		connection:  s.conn.id,
		transaction: s.conn.transactions.Load(),
		accepted:    s.conn.accepted.Load(),
		from:        e.from,
		to:          e.to,
		ip:          hostOf(s.conn.remote),
		signed:      e.signed,
	})}
}

// ruling is a decision and where it fell.
type ruling struct {
	stage delivery.Stage
	decision
}

// obey carries a decision out, up to the point where the answer is yes. The
// error it returns is the reply that go-smtp is to write; the event tells what
// the decision was about.
func (s *session) obey(v ruling, about Event) error {
	if v.delay > 0 {
		if err := s.conn.flush(); err != nil {
			return err
		}
	}
	if !s.server.wait(s.conn, v.delay) {
		s.conn.hangUp()
		return wire(shuttingDown)
	}
	switch {
	case v.rule == nil || v.rule.accept || v.rule.reply != nil && v.rule.reply.Code/100 == 2:
		return nil
	case v.rule.reply != nil:
		if v.rule.hangUp {
			s.conn.hangUp()
		}
		return s.refuse(v.stage, v.rule.name, fill(v.rule.reply, s.facts(v, about)), about)
	}
	s.drop(v, about)
	return wire(shuttingDown) // never sent
}

// facts fill the placeholders of a reply.
func (s *session) facts(v ruling, about Event) facts {
	return facts{rcpt: v.to, from: about.From, ip: hostOf(s.conn.remote), helo: s.helo, host: s.server.host(), id: about.File}
}

// refuse counts and reports a refusal and returns it as go-smtp wants it. After
// 421 the connection ends (RFC 5321 §3.8).
func (s *session) refuse(stage delivery.Stage, rule string, r delivery.Reply, about Event) error {
	if r.Code == 421 {
		s.conn.hangUp()
	}
	s.server.counters.refused(r.Code)
	about.Kind, about.Stage, about.Rule, about.Reply = EventRefuse, stage, rule, r.String()
	s.report(about)
	return wire(r)
}

// drop ends the connection as a rule wants it.
func (s *session) drop(v ruling, about Event) {
	s.server.counters.count(func(t *Stats) { t.Dropped++ })
	about.Kind, about.Stage, about.Rule = EventDrop, v.stage, v.rule.name
	s.report(about)
	s.conn.drop()
}

// report tells of an event on this connection.
func (s *session) report(e Event) {
	if s.server.opt.OnEvent == nil {
		return
	}
	e.Connection, e.Remote, e.Helo, e.TLS, e.User = s.conn.id, s.conn.remote, s.helo, s.tls, s.login()
	s.server.report(e)
}

// mailbox returns an address as it is written in commands: go-smtp hands it over
// without its quotes.
func mailbox(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return readable(address)
	}
	return readable(delivery.Address{Local: address[:at], Domain: address[at+1:]}.String())
}

// readable makes text from a client fit for events: valid UTF-8 without control
// characters.
func readable(s string) string { return printable(strings.ToValidUTF8(s, "?")) }
