package sink

import (
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Model plays a personality without sockets and in a time of its own: the
// decisions are those that a [Server] would take. It is one client with one
// connection at a time, which it ends after twenty messages, and whose messages
// are signed. Delays take no time. A Model must not be used by several goroutines.
type Model struct {
	judge *judge
	ip    string
	host  string
	now   time.Time

	connections uint64
	open        bool
	messages    int64 // accepted on the connection
	tries       int64 // transactions on the connection
	last        time.Time
}

// modelMessages is how many messages a [Model] sends over a connection.
const modelMessages = 20

// NewModel returns a model of a personality as a client sees it that sends from
// an address. The seed moves all chances, as [Options].Seed does.
func NewModel(p *Personality, seed uint64, ip string) *Model {
	m := &Model{ip: ip, host: p.host}
	if m.host == "" {
		m.host = defaultHost
	}
	m.judge = newJudge(p, seed, func() time.Time { return m.now }, defaultRemember)
	return m
}

// Deliver tries to hand a message over at a time, which must not be before that
// of an earlier call. It returns the reply that decides and the stage at which it
// fell; that of an accepted message is a 250 at [delivery.StageMessage]. A
// connection that ends without an answer has the zero reply.
func (m *Model) Deliver(now time.Time, from, to string) (delivery.Stage, delivery.Reply) {
	m.now = now
	if m.open && now.Sub(m.last) >= idleTimeout {
		m.open = false
	}
	m.last = now
	about := moment{from: from, ip: m.ip, signed: true}
	if !m.open {
		m.connections++
		m.messages, m.tries, m.open = 0, 0, true
		about.open = 1
		for _, stage := range []delivery.Stage{delivery.StageConnect, delivery.StageHello} {
			if reply, refused := m.ask(stage, about); refused {
				m.open = false
				return stage, reply
			}
		}
	}
	m.tries++
	for _, stage := range []delivery.Stage{delivery.StageMail, delivery.StageRcpt, delivery.StageData, delivery.StageMessage} {
		if stage == delivery.StageRcpt {
			about.to = []string{to}
		}
		if reply, refused := m.ask(stage, about); refused {
			if stage == delivery.StageRcpt || stage == delivery.StageData {
				m.judge.abandon(m.ip)
			}
			return stage, reply
		}
	}
	m.messages++
	m.open = m.messages < modelMessages
	return delivery.StageMessage, answer(250, delivery.EnhancedCode{Class: 2}, "Ok")
}

// Complains reports whether a recipient complains about a message that was
// delivered.
func (m *Model) Complains(to string) bool {
	return m.judge.clients != nil && m.judge.complaints(&moment{stage: delivery.StageMessage, to: []string{to}}) > 0
}

// Reputation returns what the receiver thinks of the client, from 0 to 1, and
// how many messages a day it takes from it; 0 for a personality that remembers
// nothing.
func (m *Model) Reputation() (reputation, volume float64) {
	if m.judge.clients == nil {
		return 0, 0
	}
	c := m.judge.clients
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.of(m.ip, m.now)
	return known.reputation, c.receiver.takes(known)
}

// ask lets the rules decide, and returns the reply when the answer is no.
func (m *Model) ask(stage delivery.Stage, about moment) (delivery.Reply, bool) {
	about.stage, about.connection, about.transaction, about.accepted = stage, m.connections, m.tries, m.messages
	d := m.judge.decide(about)
	r := d.rule
	switch {
	case r == nil, r.accept, r.reply != nil && r.reply.Code/100 == 2:
		return delivery.Reply{}, false
	case r.reply == nil:
		m.open = false
		return delivery.Reply{}, true
	}
	if r.hangUp || r.reply.Code == 421 {
		m.open = false // RFC 5321 §3.8
	}
	return fill(r.reply, facts{rcpt: d.to, from: about.from, ip: m.ip, host: m.host}), true
}
