package delivery_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// TestPipelinedMessages sends three messages with the envelope of each behind the
// final dot of the one before, and counts the writes.
func TestPipelinedMessages(t *testing.T) {
	server := testkit.SMTP(t, nil, pipeliningOpening+`
		< MAIL FROM:<a@example.com>
		< RCPT TO:<b@example.com>
		< DATA
		> 250 ok
		> 250 ok
		> 354 go
		! message
		< MAIL FROM:<a@example.com>
		< RCPT TO:<c@example.com>
		< DATA
		> 250 queued 1
		> 250 ok
		> 250 ok
		> 354 go
		! message
		< MAIL FROM:<a@example.com>
		< RCPT TO:<d@example.com>
		< DATA
		> 552 too large
		> 250 ok
		> 550 unknown
		> 554 no recipients
		< QUIT
		> 221 bye`)
	dialer := &countingDialer{addr: server.Addr}
	session, err := delivery.Open(t.Context(), delivery.Target{Host: "mx.example", Security: delivery.SecurityNone},
		delivery.Options{LocalName: "client.example", Dialer: dialer})
	if err != nil {
		t.Fatal(err)
	}
	dialer.writes.Store(0)
	var got strings.Builder
	send := func(next *delivery.Mail) {
		result, err := session.Ready(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if result.Accepted {
			if err := session.Finish(t.Context(), next); err != nil {
				t.Fatal(err)
			}
			if result, err = session.Outcome(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		got.WriteString(outcomes(result))
	}
	b, c, d := mail("b@example.com"), mail("c@example.com"), mail("d@example.com")
	c.Data = []byte(".dots\r\n.\r\n..\r\nend\r\n")
	if err := session.Begin(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	send(&c)
	send(&d)
	if !session.Usable() {
		t.Error("a session with a message under way is not usable")
	}
	send(nil)
	if got, want := got.String(), "true message 250 queued 1\nfalse message 552 too large\nfalse rcpt 550 unknown\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if n := dialer.writes.Load(); n != 3 {
		t.Errorf("%d writes for three messages, want 3", n)
	}
	_ = session.Close(t.Context())
	server.Close()
	if got := server.Messages(); len(got) != 2 || got[0] != string(b.Data) || got[1] != string(c.Data) {
		t.Errorf("messages %q", got)
	}
}

// TestNextWithoutPipelining uses the same calls with a server that takes one
// command at a time.
func TestNextWithoutPipelining(t *testing.T) {
	const one = "< MAIL *\n> 250 ok\n< RCPT *\n> 250 ok\n< DATA\n> 354 go\n! message\n> 250 queued\n"
	session, _ := opened(t, plainOpening+one+one+"< QUIT\n> 221 bye")
	b, c := mail("b@example.com"), mail("c@example.com")
	if err := session.Begin(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	for _, next := range []*delivery.Mail{&c, nil} {
		if result, err := session.Ready(t.Context()); err != nil || !result.Accepted {
			t.Fatal(result, err)
		}
		if err := session.Finish(t.Context(), next); err != nil {
			t.Fatal(err)
		}
		if result, err := session.Outcome(t.Context()); err != nil || !result.Accepted {
			t.Fatal(result, err)
		}
	}
}

// TestFinishRefusesNext goes on without a next message that cannot be sent.
func TestFinishRefusesNext(t *testing.T) {
	session, _ := opened(t, pipeliningOpening+"< MAIL *\n< RCPT *\n< DATA\n> 250 ok\n> 250 ok\n> 354 go\n! message\n> 250 queued\n< QUIT\n> 221 bye")
	if err := session.Begin(t.Context(), mail("b@example.com")); err != nil {
		t.Fatal(err)
	}
	if _, err := session.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	bad := mail("c@example.com")
	bad.Data = []byte("a\n")
	wantFailure(t, session.Finish(t.Context(), &bad), delivery.StageMail, delivery.ErrBareNewline, "")
	if err := session.Finish(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if result, err := session.Outcome(t.Context()); err != nil || !result.Accepted {
		t.Error(result, err)
	}
}

// TestNextAfter421 does not believe that the next message was begun when the
// server closes the connection.
func TestNextAfter421(t *testing.T) {
	session, _ := opened(t, pipeliningOpening+"< MAIL *\n< RCPT *\n< DATA\n> 250 ok\n> 250 ok\n> 354 go\n! message\n> 421 enough")
	if err := session.Begin(t.Context(), mail("b@example.com")); err != nil {
		t.Fatal(err)
	}
	if _, err := session.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	next := mail("c@example.com")
	if err := session.Finish(t.Context(), &next); err != nil {
		t.Fatal(err)
	}
	result, err := session.Outcome(t.Context())
	if err != nil || outcomes(result) != "false message 421 enough\n" || session.Usable() {
		t.Errorf("%s, %v, usable %v", outcomes(result), err, session.Usable())
	}
	_, err = session.Ready(t.Context())
	wantFailure(t, err, delivery.StageMail, delivery.ErrSessionClosed, "")
}

func TestMessageForms(t *testing.T) {
	big := strings.Repeat("0123456789.\r\n.abcdef\r\n", 20000)
	tests := []struct{ name, data, wire string }{
		{"empty", "", ".\r\n"},
		{"one line", "a\r\n", "a\r\n.\r\n"},
		{"no end of line", "a", "a\r\n.\r\n"},
		{"a dot", ".", "..\r\n.\r\n"},
		{"a dot on its line", ".\r\n", "..\r\n.\r\n"},
		{"dots", ".a\r\n..b\r\nc.\r\n.\r\n", "..a\r\n...b\r\nc.\r\n..\r\n.\r\n"},
		{"a dot at the end", "a\r\n.", "a\r\n..\r\n.\r\n"},
		{"empty lines", "\r\n\r\n", "\r\n\r\n.\r\n"},
		{"large", big, strings.ReplaceAll(big, "\n.", "\n..") + ".\r\n"},
		{"long line", strings.Repeat("x", 200000) + "\r\n.y", strings.Repeat("x", 200000) + "\r\n..y\r\n.\r\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			conn := newFakeConn("220 hi\r\n250 mx\r\n250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n")
			session := openedOn(t, conn)
			m := mail("b@example.com")
			m.Data = []byte(test.data)
			if result, err := session.Send(t.Context(), m); err != nil || !result.Accepted {
				t.Fatal(result, err)
			}
			_, wire, _ := strings.Cut(conn.written.String(), "DATA\r\n")
			if wire != test.wire {
				t.Errorf("written is %.100q, want %.100q", wire, test.wire)
			}
		})
	}
}

// TestBrokenTransfer breaks the connection after every possible octet of a message
// with the next envelope behind it: the outcome is unknown exactly when part of
// the final dot's line has left.
func TestBrokenTransfer(t *testing.T) {
	const opening = "220 hi\r\n250-mx\r\n250 PIPELINING\r\n250 ok\r\n250 ok\r\n354 go\r\n"
	m, next := mail("b@example.com"), mail("c@example.com")
	dot := len(m.Data)
	end := dot + len(".\r\n")
	whole := end + len("MAIL FROM:<a@example.com>\r\nRCPT TO:<c@example.com>\r\nDATA\r\n")
	for allowed := range whole + 1 {
		for _, reply := range []string{"", "250 queued\r\n", "552 5.3.4 too large\r\n"} {
			conn := newFakeConn(opening)
			session := openedOn(t, conn)
			if err := session.Begin(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			if _, err := session.Ready(t.Context()); err != nil {
				t.Fatal(err)
			}
			conn.breakAfter(allowed, reply)
			err := session.Finish(t.Context(), &next)
			var result delivery.Result
			if err == nil {
				result, err = session.Outcome(t.Context())
			}
			complete := allowed >= end
			if got, want := err == nil, complete && reply != ""; got != want {
				t.Fatalf("after %d octets and %q: %v", allowed, reply, err)
			}
			if got, want := result.Accepted, complete && strings.HasPrefix(reply, "250"); got != want {
				t.Fatalf("after %d octets and %q: %+v", allowed, reply, result)
			}
			if got, want := errors.Is(err, delivery.ErrOutcomeUnknown), allowed > dot && err != nil; got != want {
				t.Fatalf("after %d octets of %d and %q: unknown is %v: %v", allowed, dot, reply, got, err)
			}
			if allowed <= dot && strings.HasPrefix(reply, "552") {
				wantFailure(t, err, delivery.StageMessage, io.ErrClosedPipe, "552 5.3.4 too large")
			}
			if allowed < whole && session.Usable() {
				t.Fatalf("after %d octets the session is usable", allowed)
			}
		}
	}
}

// TestBrokenLargeTransfer breaks off a message that is written in several blocks.
func TestBrokenLargeTransfer(t *testing.T) {
	m := mail("b@example.com")
	m.Data = []byte(strings.Repeat("0123456789\r\n", 20000))
	for _, allowed := range []int{0, 1, 64 << 10, 100000, 200000, len(m.Data)} {
		conn := newFakeConn("220 hi\r\n250 mx\r\n250 ok\r\n250 ok\r\n354 go\r\n")
		session := openedOn(t, conn)
		if err := session.Begin(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if _, err := session.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		conn.breakAfter(allowed, "")
		err := session.Finish(t.Context(), nil)
		wantFailure(t, err, delivery.StageMessage, io.ErrClosedPipe, "")
		if errors.Is(err, delivery.ErrOutcomeUnknown) || session.Usable() {
			t.Errorf("after %d octets: %v, usable %v", allowed, err, session.Usable())
		}
	}
}

// TestResetDuringMessage has a real connection reset under a message that the
// server does not want to read to its end.
func TestResetDuringMessage(t *testing.T) {
	session, _ := opened(t, plainOpening+"< MAIL *\n> 250 ok\n< RCPT *\n> 250 ok\n< DATA\n> 354 go\n! reset")
	m := mail("b@example.com")
	m.Data = bytes.Repeat([]byte("0123456789\r\n"), 1<<20)
	result, err := session.Send(t.Context(), m)
	wantFailure(t, err, delivery.StageMessage, err, "")
	if errors.Is(err, delivery.ErrOutcomeUnknown) || result.Accepted || outcomes(result) != "false message \n" {
		t.Errorf("%s, %v", outcomes(result), err)
	}
}

// TestBrokenTLSTransfer does over TLS what TestBrokenTransfer does in plaintext:
// whenever the server has the whole message, the client must not think that it
// was not sent. What the connection took of a record that it did not finish
// counts for nothing, for it cannot be decrypted.
func TestBrokenTLSTransfer(t *testing.T) {
	ca := testkit.NewCA(t)
	config := testkit.ServerTLS(ca.Valid(t, "mx.example"))
	m := mail("b@example.com")
	m.Data = bytes.Repeat([]byte("0123456789\r\n"), 300)
	safe, unknown := 0, 0
	for allowed := 0; allowed < 4200; allowed += 97 {
		raw, server := net.Pipe()
		client := &cutConn{Conn: raw}
		complete := make(chan bool, 1)
		go func() { complete <- takesWhole(tls.Server(server, config)) }()
		session, err := delivery.Open(t.Context(), delivery.Target{Host: "mx.example", Security: delivery.SecurityTLS},
			delivery.Options{LocalName: "client.example", Dialer: connDialer{client}, TLS: ca.ClientTLS()})
		if err != nil {
			t.Fatal(err)
		}
		if err := session.Begin(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if _, err := session.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		client.cut, client.room = true, allowed
		err = session.Finish(t.Context(), nil)
		if err == nil {
			_ = raw.Close()
			_, err = session.Outcome(t.Context())
		}
		_ = session.Close(t.Context())
		switch got := errors.Is(err, delivery.ErrOutcomeUnknown); {
		case err == nil:
			t.Fatalf("after %d octets: no error", allowed)
		case <-complete != got:
			t.Fatalf("after %d octets: unknown is %v: %v", allowed, got, err)
		case got:
			unknown++
		default:
			safe++
		}
	}
	if safe == 0 || unknown == 0 {
		t.Errorf("%d safe and %d unknown", safe, unknown)
	}
}

// takesWhole answers a client up to 354 and reports whether a whole message came.
func takesWhole(conn net.Conn) bool {
	defer conn.Close()
	r := bufio.NewReader(conn)
	for _, reply := range []string{"220 hi", "250 mx", "250 ok", "250 ok", "354 go"} {
		if _, err := io.WriteString(conn, reply+"\r\n"); err != nil {
			return false
		}
		if reply == "354 go" {
			break
		}
		if _, err := r.ReadString('\n'); err != nil {
			return false
		}
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			return true
		}
	}
}

// A cutConn takes a number of octets more, once it is cut, and then breaks.
type cutConn struct {
	net.Conn
	cut  bool
	room int
}

func (c *cutConn) Write(b []byte) (int, error) {
	if !c.cut {
		return c.Conn.Write(b)
	}
	n, err := c.Conn.Write(b[:min(len(b), c.room)])
	c.room -= n
	if err == nil && n < len(b) {
		err = errors.Join(io.ErrClosedPipe, c.Close())
	}
	return n, err
}

// TestOutcomeAfterClose asks for an outcome that cannot come any more.
func TestOutcomeAfterClose(t *testing.T) {
	session, _ := opened(t, plainOpening+"< MAIL *\n> 250 ok\n< RCPT *\n> 250 ok\n< DATA\n> 354 go\n! message\n! eof")
	if err := session.Begin(t.Context(), mail("b@example.com")); err != nil {
		t.Fatal(err)
	}
	if _, err := session.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := session.Finish(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := session.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := session.Outcome(t.Context())
	wantFailure(t, err, delivery.StageMessage, delivery.ErrSessionClosed, "")
	if !errors.Is(err, delivery.ErrOutcomeUnknown) {
		t.Error(err)
	}
}

// A countingDialer counts the writes to the connection it opens.
type countingDialer struct {
	addr   string
	writes atomic.Int32
}

func (d *countingDialer) DialContext(ctx context.Context, network, _ string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, d.addr)
	return &countingConn{conn, d}, err
}

type countingConn struct {
	net.Conn
	dialer *countingDialer
}

func (c *countingConn) Write(b []byte) (int, error) {
	c.dialer.writes.Add(1)
	return c.Conn.Write(b)
}

// A fakeConn says what it is told to and takes what is written, up to a point.
type fakeConn struct {
	net.Conn
	replies string
	written bytes.Buffer
	broken  bool
	room    int
}

func newFakeConn(replies string) *fakeConn {
	return &fakeConn{replies: replies}
}

// breakAfter makes the connection take n more octets and then fail. The server's
// last word is reply.
func (c *fakeConn) breakAfter(n int, reply string) {
	c.broken, c.room = true, n
	c.replies = reply
}

// Read reads a line at a time, as if each came only when it was asked for.
func (c *fakeConn) Read(b []byte) (int, error) {
	if c.replies == "" {
		return 0, io.EOF
	}
	n := copy(b, c.replies[:strings.IndexByte(c.replies, '\n')+1])
	c.replies = c.replies[n:]
	return n, nil
}

func (c *fakeConn) Write(b []byte) (int, error) {
	if !c.broken {
		return c.written.Write(b)
	}
	n := min(len(b), c.room)
	c.room -= n
	if n < len(b) {
		return n, io.ErrClosedPipe
	}
	return n, nil
}

func (c *fakeConn) Close() error                     { return nil }
func (c *fakeConn) RemoteAddr() net.Addr             { return &net.UnixAddr{} }
func (c *fakeConn) SetDeadline(time.Time) error      { return nil }
func (c *fakeConn) SetReadDeadline(time.Time) error  { return nil }
func (c *fakeConn) SetWriteDeadline(time.Time) error { return nil }

// openedOn opens a session on a connection that is there already.
func openedOn(t *testing.T, conn net.Conn) *delivery.Session {
	t.Helper()
	session, err := delivery.Open(t.Context(), delivery.Target{Host: "mx.example", Security: delivery.SecurityNone},
		delivery.Options{LocalName: "client.example", Dialer: connDialer{conn}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close(context.Background()) })
	return session
}
