package testkit

import (
	"bytes"
	"io"
	"log"
	"net"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// Received is one message as a server under test handed it on. A message to
// several recipients may arrive in one piece or once for each of them.
type Received struct {
	From  string   // reverse-path, "" for the null one
	To    []string // forward-paths, in any order
	Trace []byte   // the Received field that the server put on top
	Data  []byte   // all below it, byte for byte, with CRLF line ends
}

// nextHop is the server to which a server under test relays everything.
type nextHop struct {
	addr   string
	refuse func(to string) error // nil takes everybody

	mu  sync.Mutex
	got []Received
}

// newNextHop starts a next hop that ends with the test.
func newNextHop(t testing.TB) *nextHop {
	t.Helper()
	hop := &nextHop{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hop.addr = listener.Addr().String()
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &nextHopSession{hop: hop}, nil
	}))
	server.Domain = "next-hop.example"
	server.MaxLineLength = 1 << 20
	server.EnableSMTPUTF8 = true
	server.ErrorLog = log.New(io.Discard, "", 0) // a server that stops hangs up without QUIT
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(promptListener{listener})
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-served
	})
	return hop
}

// promptListener accepts connections that acknowledge what they read at once.
// OpenSMTPD writes the final dot apart from the message and without TCP_NODELAY:
// it would wait 40 ms for each delayed acknowledgement.
type promptListener struct{ net.Listener }

func (l promptListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return promptConn{conn}, nil
}

type promptConn struct{ net.Conn }

func (c promptConn) Read(p []byte) (int, error) {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		if err := acknowledge(tcp); err != nil {
			return 0, err
		}
	}
	return c.Conn.Read(p)
}

// messages returns what arrived so far.
func (h *nextHop) messages() []Received {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]Received(nil), h.got...)
}

// nextHopSession is one connection to the next hop.
type nextHopSession struct {
	hop  *nextHop
	from string
	to   []string
}

// Mail, Rcpt and Data take everything they are told.
func (s *nextHopSession) Mail(from string, _ *smtp.MailOptions) error {
	s.from, s.to = from, nil
	return nil
}

func (s *nextHopSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.hop.refuse != nil {
		if err := s.hop.refuse(to); err != nil {
			return err
		}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *nextHopSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	trace, data := splitTrace(raw)
	s.hop.mu.Lock()
	defer s.hop.mu.Unlock()
	s.hop.got = append(s.hop.got, Received{From: s.from, To: s.to, Trace: trace, Data: data})
	return nil
}

func (s *nextHopSession) Reset() {}

func (s *nextHopSession) Logout() error { return nil }

// splitTrace cuts a message behind its first field when that is a Received
// field, the one thing a relay adds on top (RFC 5321 §4.4), and else before it.
func splitTrace(raw []byte) (trace, data []byte) {
	if !bytes.HasPrefix(raw, []byte("Received:")) {
		return nil, raw
	}
	for end := 0; ; {
		line := bytes.IndexByte(raw[end:], '\n')
		if line < 0 {
			return raw, nil
		}
		end += line + 1
		if end == len(raw) || (raw[end] != ' ' && raw[end] != '\t') {
			return raw[:end], raw[end:]
		}
	}
}
