package sink

import (
	"crypto/tls"
	"fmt"
	"net"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// tooManyConnections is said to a client that is one too many.
var tooManyConnections = answer(421, delivery.EnhancedCode{Class: 4, Subject: 3, Detail: 2}, "too many connections, try again later")

// An admitter is a listener whose connections are known to the server.
type admitter struct {
	net.Listener
	server *Server
}

// Accept waits for the next client.
func (a admitter) Accept() (net.Conn, error) {
	nc, err := a.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return a.server.admit(nc), nil
}

// admit takes a connection in.
func (s *Server) admit(nc net.Conn) *conn {
	c := &conn{Conn: nc, server: s, remote: nc.RemoteAddr().String()}
	s.mu.Lock()
	s.lastID++
	c.id = s.lastID
	s.conns[c] = struct{}{}
	s.mu.Unlock()
	s.counters.count(func(t *Stats) { t.Connections++ })
	s.report(Event{Kind: EventConnect, Connection: c.id, Remote: c.remote})
	return c
}

// forget is told that a connection has ended.
func (s *Server) forget(c *conn) {
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	if c.handshake.Load() && !c.encrypted.Load() {
		s.report(Event{Kind: EventAbort, Connection: c.id, Remote: c.remote, Stage: delivery.StageTLS, Err: "the TLS handshake failed"})
	}
	s.report(Event{Kind: EventClose, Connection: c.id, Remote: c.remote, Messages: c.accepted.Load()})
}

// refuseConnection asks the rules about a new connection. When it is refused, it
// returns what to say in the place of the greeting (RFC 5321 §3.1), or nothing.
func (s *Server) refuseConnection(c *conn) (instead []byte, refused bool) {
	s.mu.Lock()
	open, ip := len(s.conns), hostOf(c.remote)
	fromClient := 0
	for other := range s.conns {
		if hostOf(other.remote) == ip {
			fromClient++
		}
	}
	s.mu.Unlock()
	if open > s.opt.MaxConnections {
		return s.turnAway(c, "", tooManyConnections), true
	}
	d := s.judge.decide(moment{stage: delivery.StageConnect, connection: c.id, ip: ip, open: fromClient})
	switch {
	case !s.wait(c, d.delay):
		return nil, true
	case d.rule == nil || d.rule.accept:
		return nil, false
	case d.rule.reply == nil:
		s.counters.count(func(t *Stats) { t.Dropped++ })
		s.report(Event{Kind: EventDrop, Connection: c.id, Remote: c.remote, Stage: delivery.StageConnect, Rule: d.rule.name})
		return nil, true
	}
	return s.turnAway(c, d.rule.name, fill(d.rule.reply, facts{ip: ip, host: s.host()})), true
}

// turnAway counts and reports a refused connection and returns the reply's bytes.
func (s *Server) turnAway(c *conn, rule string, r delivery.Reply) []byte {
	s.counters.refused(r.Code)
	s.report(Event{Kind: EventRefuse, Connection: c.id, Remote: c.remote, Stage: delivery.StageConnect, Rule: rule, Reply: r.String()})
	var b []byte
	for i, line := range r.Lines {
		separator := '-'
		if i == len(r.Lines)-1 {
			separator = ' '
		}
		if !r.Enhanced.IsZero() {
			line = r.Enhanced.String() + " " + line
		}
		b = fmt.Appendf(b, "%d%c%s\r\n", r.Code, separator, line)
	}
	return b
}

// watchHandshakes returns a TLS configuration that marks the connections on which
// a handshake begins; go-smtp tells nobody when one fails.
func watchHandshakes(config *tls.Config) *tls.Config {
	if config == nil {
		return nil
	}
	choose := config.GetConfigForClient
	config = config.Clone()
	config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if c, ok := hello.Conn.(*conn); ok {
			c.handshake.Store(true)
		}
		if choose == nil {
			return nil, nil //nolint:nilnil // means that this configuration serves
		}
		return choose(hello)
	}
	return config
}

// hostOf returns the address without the port.
func hostOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	return host
}
