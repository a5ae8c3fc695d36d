package sink

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// flushAt is how many octets of replies are gathered at most.
const flushAt = 16 << 10

// conn is a client's connection as go-smtp sees it.
//
// Replies are gathered and leave together when the server needs to read again,
// so that a group of pipelined commands is answered by one packet (RFC 2920
// §3.2). It is also where the server gets a word in that go-smtp leaves no room
// for: before the greeting, in the place of 354, and after a reply that ends the
// connection.
type conn struct {
	net.Conn
	server *Server
	id     uint64
	remote string

	handshake    atomic.Bool  // TLS has begun
	encrypted    atomic.Bool  // a command came over TLS
	busy         atomic.Bool  // within a mail transaction
	waiting      atomic.Bool  // all replies are out and nothing is left to read
	accepted     atomic.Int64 // messages
	transactions atomic.Int64

	greeted bool // only its own goroutine writes before the greeting

	mu     sync.Mutex // guards the following
	out    []byte     // replies not yet sent
	in     []byte     // to be read before what the client sends
	last   bool       // the connection ends when the next command would be read
	closed bool
}

// errGone is what reading returns when the client has left. It is not io.EOF,
// because go-smtp takes that for the end of a BDAT chunk, and would accept a
// message that was cut off. (A client that ends TLS in the proper way within a
// chunk is beyond reach: crypto/tls itself makes an io.EOF of that.)
var errGone = fmt.Errorf("client is gone: %w", net.ErrClosed)

// Read sends what is to be sent and waits for the client.
func (c *conn) Read(p []byte) (int, error) {
	c.mu.Lock()
	if err := c.flushLocked(); err != nil {
		c.mu.Unlock()
		return 0, errGone
	}
	if len(c.in) > 0 {
		n := copy(p, c.in)
		c.in = c.in[n:]
		c.mu.Unlock()
		return n, nil
	}
	c.mu.Unlock()

	c.waiting.Store(true)
	defer c.waiting.Store(false)
	if c.leaving() {
		return 0, errGone
	}
	if err := c.Conn.SetReadDeadline(time.Now().Add(idleTimeout)); err != nil {
		return 0, errGone
	}
	n, err := c.Conn.Read(p)
	if err == io.EOF || n == 0 && err != nil && !isTimeout(err) { //nolint:errorlint // io.Reader returns io.EOF itself
		err = errGone
	}
	return n, err
}

// isTimeout reports whether an error is a deadline that passed.
func isTimeout(err error) bool {
	t, ok := err.(net.Error) //nolint:errorlint // as go-smtp asks
	return ok && t.Timeout()
}

// Write gathers a reply. The first one is the greeting, before which the rules
// are asked.
func (c *conn) Write(p []byte) (int, error) {
	if !c.greeted {
		c.greeted = true
		if instead, refused := c.server.refuseConnection(c); refused {
			c.hangUp()
			return len(p), c.gather(instead)
		}
	}
	return len(p), c.gather(p)
}

// gather puts a reply behind those that wait to be sent.
func (c *conn) gather(p []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	c.out = append(c.out, p...)
	if len(c.out) >= flushAt {
		return c.flushLocked()
	}
	return nil
}

// flush sends the replies that wait to be sent.
func (c *conn) flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.flushLocked()
}

func (c *conn) flushLocked() error {
	if len(c.out) == 0 {
		return nil
	}
	if err := c.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	_, err := c.Conn.Write(c.out)
	c.out = c.out[:0]
	return err
}

// SetReadDeadline is called by go-smtp before it reads each command. The
// deadline itself is set by Read; an error ends the connection.
func (c *conn) SetReadDeadline(time.Time) error {
	c.mu.Lock()
	end := c.closed || c.last
	c.mu.Unlock()
	if end || c.leaving() {
		return net.ErrClosed
	}
	return nil
}

// leaving reports whether the server is closing and this connection is not
// within a transaction.
func (c *conn) leaving() bool { return c.server.closing() && !c.busy.Load() }

// hangUp ends the connection once the reply to the present command is out.
func (c *conn) hangUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = true
}

// drop ends the connection at once, without a reply to the present command.
func (c *conn) drop() { _ = c.Close() } // the client is not owed anything any more

// holdGoAhead takes the 354 back, which go-smtp writes before anyone is asked
// about DATA, and returns it. It returns nil when there is none that can be
// taken back: with BDAT, and on an encrypted connection.
func (c *conn) holdGoAhead() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.encrypted.Load() {
		return nil
	}
	start := bytes.LastIndexByte(bytes.TrimSuffix(c.out, []byte("\n")), '\n') + 1
	if !bytes.HasPrefix(c.out[start:], []byte("354 ")) {
		return nil
	}
	held := bytes.Clone(c.out[start:])
	c.out = c.out[:start]
	return held
}

// endData lets go-smtp read the end of a message that the client, having been
// refused, does not send.
func (c *conn) endData() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.in = append(c.in, ".\r\n"...)
}

// Close sends what is to be sent and ends the connection.
func (c *conn) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return net.ErrClosed
	}
	flushed := c.flushLocked()
	c.closed = true
	c.mu.Unlock()
	err := c.Conn.Close()
	c.server.forget(c)
	if flushed != nil {
		return flushed
	}
	return err
}

// cut ends the connection from another goroutine, even while one is blocked on it.
func (c *conn) cut() { _ = c.Conn.Close() } // its own goroutine sees the error
