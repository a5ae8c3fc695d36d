package sink

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// dial opens a connection to the server.
func dial(tb testing.TB, s *Server) net.Conn {
	tb.Helper()
	c, err := new(net.Dialer).DialContext(tb.Context(), "tcp", s.Addr())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		tb.Fatal(err)
	}
	return c
}

// A peer speaks the client's part of a script.
type peer struct {
	conn  net.Conn
	lines *bufio.Reader
}

func newPeer(c net.Conn) *peer { return &peer{c, bufio.NewReader(c)} }

// talk goes through a script. Lines that begin with ">" are sent, those that
// follow each other in one write; "\" at the end leaves the line end out. Lines
// that begin with "<" must be the beginning of the server's next line; "<EOF" is
// the end of the connection, and "<..." skips to the last line of a reply.
func (p *peer) talk(tb testing.TB, script string) {
	tb.Helper()
	var out bytes.Buffer
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		if sent, ok := strings.CutPrefix(line, ">"); ok {
			sent = strings.TrimPrefix(sent, " ")
			if cut, ok := strings.CutSuffix(sent, `\`); ok {
				out.WriteString(cut)
			} else {
				out.WriteString(sent + "\r\n")
			}
			continue
		}
		if out.Len() > 0 {
			if _, err := p.conn.Write(out.Bytes()); err != nil {
				tb.Fatalf("before %q: %v", line, err)
			}
			out.Reset()
		}
		if expected, ok := strings.CutPrefix(line, "<"); ok {
			p.expect(tb, strings.TrimPrefix(expected, " "))
		}
	}
	if out.Len() > 0 {
		if _, err := p.conn.Write(out.Bytes()); err != nil {
			tb.Fatal(err)
		}
	}
}

// expect reads one line, or the rest of a reply.
func (p *peer) expect(tb testing.TB, expected string) {
	tb.Helper()
	for {
		line, err := p.lines.ReadString('\n')
		switch {
		case expected == "EOF" && line == "" && (errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)):
			return
		case err != nil:
			tb.Fatalf("waiting for %q: %q, %v", expected, line, err)
		case expected == "..." && line[3] == '-':
			continue
		case expected != "..." && !strings.HasPrefix(line, expected):
			tb.Fatalf("got  %q\nwant %q", line, expected)
		}
		return
	}
}

// hello is how most scripts begin.
const hello = `
< 220 
> EHLO client.example
< ...
`

// envelopeOf opens a transaction for one recipient.
func envelopeOf(rcpt string) string {
	return `
> MAIL FROM:<news@acme.example>
> RCPT TO:<` + rcpt + `>
< 250 2.0.0
< 250 2.0.0
`
}

// letterTo sends a whole message to one recipient.
func letterTo(rcpt string) string {
	return envelopeOf(rcpt) + `
> DATA
< 354
> Subject: hello
> Message-ID: <` + rcpt + `>
>
> text
> .
`
}
