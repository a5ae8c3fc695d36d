package testkit

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// PlaySMTP plays the server's side of a script on conn and closes it. It returns
// the messages it read, and an error when the client did not follow the script.
//
// A script is a dialogue, one line each:
//
//	> 220 mx.example ESMTP     the server says this
//	< EHLO *                   the client must say this; a last * stands for anything
//	! message                  the client must send a message and its final dot
//	! tls                      a TLS handshake as the server
//	! raw "250-a\r\n25"        the server writes exactly these bytes
//	! split 3                  from here on the server writes 3 bytes at a time
//	! wait 5m                  the server does nothing for so long
//	! eof                      the client must close the connection
//	! close                    the server closes the connection
//	! reset                    the server resets the connection
//	# a remark
func PlaySMTP(ctx context.Context, conn net.Conn, config *tls.Config, script string) ([]string, error) {
	p := &player{conn: conn, reader: bufio.NewReader(conn), config: config}
	defer func() { _ = p.conn.Close() }() // the client sees it end
	n := 0
	for line := range strings.Lines(script) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if err := p.step(ctx, line); err != nil {
			return p.messages, fmt.Errorf("script line %d: %q: %w", n, line, err)
		}
	}
	return p.messages, nil
}

// A player is a script in progress.
type player struct {
	conn     net.Conn
	reader   *bufio.Reader
	config   *tls.Config
	split    int
	messages []string
}

func (p *player) step(ctx context.Context, line string) error {
	rest := strings.TrimPrefix(line[1:], " ")
	switch line[0] {
	case '>':
		return p.write(rest + "\r\n")
	case '<':
		return p.expect(rest)
	case '!':
		return p.direct(ctx, rest)
	}
	return errors.New("not understood")
}

func (p *player) direct(ctx context.Context, directive string) error {
	verb, argument, _ := strings.Cut(directive, " ")
	switch verb {
	case "message":
		return p.message()
	case "tls":
		return p.handshake(ctx)
	case "raw":
		text, err := strconv.Unquote(argument)
		if err != nil {
			return err
		}
		return p.write(text)
	case "split":
		n, err := strconv.Atoi(argument)
		p.split = n
		return err
	case "wait":
		return wait(ctx, argument)
	case "eof":
		return p.eof()
	case "close":
		return p.conn.Close()
	case "reset":
		return p.reset()
	}
	return errors.New("not understood")
}

func (p *player) write(text string) error {
	step := len(text)
	if p.split > 0 {
		step = p.split
	}
	for text != "" {
		part := text[:min(step, len(text))]
		text = text[len(part):]
		if _, err := io.WriteString(p.conn, part); err != nil {
			return err
		}
	}
	return nil
}

func (p *player) line() (string, error) {
	line, err := p.reader.ReadString('\n')
	if err != nil {
		return line, fmt.Errorf("after %q: %w", line, err)
	}
	text, ok := strings.CutSuffix(line, "\r\n")
	if !ok {
		return line, fmt.Errorf("%q ends in a bare LF", line)
	}
	return text, nil
}

func (p *player) expect(want string) error {
	got, err := p.line()
	if err != nil {
		return err
	}
	prefix, open := strings.CutSuffix(want, "*")
	if got != want && !(open && strings.HasPrefix(got, prefix)) {
		return fmt.Errorf("the client says %q", got)
	}
	return nil
}

func (p *player) message() error {
	var b strings.Builder
	for {
		line, err := p.line()
		if err != nil {
			return err
		}
		if line == "." {
			p.messages = append(p.messages, b.String())
			return nil
		}
		b.WriteString(strings.TrimPrefix(line, ".") + "\r\n")
	}
}

func (p *player) handshake(ctx context.Context) error {
	conn := tls.Server(p.conn, p.config)
	if err := conn.HandshakeContext(ctx); err != nil {
		return err
	}
	p.conn = conn
	p.reader.Reset(conn)
	return nil
}

func (p *player) eof() error {
	c, err := p.reader.ReadByte()
	if err == nil {
		line, _ := p.reader.ReadString('\n') // only to say what came
		return fmt.Errorf("the client goes on with %q", string(c)+line)
	}
	return nil
}

// reset closes the connection so that the client gets an RST.
func (p *player) reset() error {
	if conn, ok := p.conn.(*net.TCPConn); ok {
		if err := conn.SetLinger(0); err != nil {
			return err
		}
	}
	return p.conn.Close()
}

func wait(ctx context.Context, text string) error {
	d, err := time.ParseDuration(text)
	if err != nil {
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
