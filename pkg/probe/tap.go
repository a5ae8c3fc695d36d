package probe

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// tapped is how many octets of what a server says first are kept.
const tapped = 1024

// A tap opens the one connection of a session, keeps what the server says first
// as it is, and lets the connection outlive the session until it is let go.
type tap struct {
	dialer delivery.Dialer

	mu    sync.Mutex
	conn  net.Conn // nil unless it was opened
	first []byte
}

// DialContext implements [delivery.Dialer].
func (t *tap) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := t.dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	t.conn = conn
	t.mu.Unlock()
	return &tapConn{Conn: conn, tap: t}, nil
}

// heard returns what the server said first.
func (t *tap) heard() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.first
}

// nudge begins to talk to a server that said nothing, and returns what that brings
// forth: one that waits for the client to begin answers a TLS handshake, or a QUIT
// behind it, in its own way.
func (t *tap) nudge(ctx context.Context, within time.Duration) []byte {
	t.mu.Lock()
	conn := t.conn
	t.mu.Unlock()
	if conn == nil || conn.SetDeadline(time.Now().Add(within/2)) != nil {
		return nil
	}
	_ = tls.Client(&tapConn{conn, t}, anyTLS()).HandshakeContext(ctx) // what comes is what counts
	if answer := t.heard(); len(answer) > 0 || conn.SetDeadline(time.Now().Add(within/2)) != nil {
		return answer
	}
	if _, err := conn.Write([]byte("\r\nQUIT\r\n\r\n")); err != nil {
		return nil
	}
	answer := make([]byte, tapped)
	n, _ := conn.Read(answer) // what came before the error is what counts
	return answer[:n]
}

// close lets the connection go.
func (t *tap) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.conn != nil {
		_ = t.conn.Close() // nothing depends on it
	}
}

// A tapConn is the connection as the session has it.
type tapConn struct {
	net.Conn
	tap *tap
}

func (c *tapConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.tap.mu.Lock()
	if room := tapped - len(c.tap.first); room > 0 && n > 0 {
		c.tap.first = append(c.tap.first, b[:min(n, room)]...)
	}
	c.tap.mu.Unlock()
	return n, err
}

// Close leaves the connection to the tap.
func (c *tapConn) Close() error { return nil }
