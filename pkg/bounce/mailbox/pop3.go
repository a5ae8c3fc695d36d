package mailbox

import (
	"bufio"
	"bytes"
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

// POP3Options say how much of a message is kept, and what becomes of what was read.
type POP3Options struct {
	Bound  int           // of a message; 0 is [DefaultBound]
	Delete bool          // delete what was read
	Wait   time.Duration // for each answer; 0 is two minutes
}

// Bounds of what a POP3 server may say.
const (
	pop3Wait = 2 * time.Minute
	pop3Line = 4 << 10 // octets of an answer's first line (RFC 1939 §3 has 512)
)

// ReadPOP3 reads the mailbox of a POP3 server (RFC 1939). A message is deleted only
// after its visit, and the server deletes at the end of the session, so that a
// session that breaks loses nothing.
func ReadPOP3(ctx context.Context, s Server, login Login, opt POP3Options, visit Visit) error {
	conn, stop, err := login.connect(ctx, s)
	if err != nil {
		return err
	}
	defer stop()
	if opt.Wait <= 0 {
		opt.Wait = pop3Wait
	}
	r := pop3Reader{conn: conn, in: bufio.NewReaderSize(conn, pop3Line), server: s, opt: opt, message: newBounded(opt.Bound), visit: visit}
	err = r.read(ctx, login)
	if err != nil {
		return errors.Join(ended(ctx, err), r.conn.Close())
	}
	return r.conn.Close()
}

type pop3Reader struct {
	conn    net.Conn
	in      *bufio.Reader
	server  Server
	opt     POP3Options
	message *bounded
	visit   Visit
}

func (r *pop3Reader) read(ctx context.Context, login Login) error {
	if _, err := r.answer("greeting"); err != nil {
		return err
	}
	if err := r.secure(ctx, login); err != nil {
		return err
	}
	if _, err := r.command("USER "+r.server.User, "USER"); err != nil {
		return err
	}
	if _, err := r.command("PASS "+login.Password, "PASS"); err != nil {
		return fmt.Errorf("log in as %q: %w", r.server.User, err)
	}
	stat, err := r.command("STAT", "STAT")
	if err != nil {
		return err
	}
	count, _, _ := strings.Cut(stat, " ")
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 {
		return fmt.Errorf("%w to STAT: %q", ErrMalformed, stat)
	}
	for i := 1; i <= n; i++ {
		if err := r.one(i); err != nil {
			return err
		}
	}
	_, err = r.command("QUIT", "QUIT")
	return err
}

// secure turns TLS on where it is not there already (RFC 2595 §4).
func (r *pop3Reader) secure(ctx context.Context, login Login) error {
	if r.server.Implicit || r.server.Plain {
		return nil
	}
	if _, err := r.command("STLS", "STLS"); err != nil {
		return errors.Join(ErrTLSRequired, err)
	}
	if r.in.Buffered() > 0 { // somebody else speaks (RFC 3207 §6 says it for SMTP)
		return fmt.Errorf("%w: octets before the TLS handshake", ErrMalformed)
	}
	secure := tls.Client(r.conn, login.config(r.server))
	if err := secure.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("tls with %s: %w", r.server.Addr(), err)
	}
	r.conn = secure
	r.in.Reset(secure)
	return nil
}

// one reads a message, visits it and deletes it when that is wanted.
func (r *pop3Reader) one(i int) error {
	if _, err := r.command(fmt.Sprintf("RETR %d", i), "RETR"); err != nil {
		return err
	}
	if err := r.text(); err != nil {
		return err
	}
	if err := r.message.visit(fmt.Sprintf("%s;%d", r.server, i), r.visit); err != nil {
		return err
	}
	if !r.opt.Delete {
		return nil
	}
	_, err := r.command(fmt.Sprintf("DELE %d", i), "DELE")
	return err
}

// text reads lines up to the one with a single dot, and takes off the dots that
// were put before others (RFC 1939 §3).
func (r *pop3Reader) text() error {
	r.message.reset()
	whole := true // the piece begins a line
	for {
		if err := r.conn.SetReadDeadline(time.Now().Add(r.opt.Wait)); err != nil {
			return err
		}
		piece, err := r.in.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		if err != nil && !long {
			return noEOF(err)
		}
		if whole && len(piece) > 0 && piece[0] == '.' {
			if piece = piece[1:]; len(bytes.TrimRight(piece, "\r\n")) == 0 {
				return nil
			}
		}
		if _, err := r.message.Write(piece); err != nil {
			return err
		}
		whole = !long
	}
}

// command says something and returns the answer; name is what may be shown of it.
func (r *pop3Reader) command(line, name string) (string, error) {
	if strings.ContainsAny(line, "\r\n") {
		return "", fmt.Errorf("line end in the argument of %s", name)
	}
	if err := r.conn.SetWriteDeadline(time.Now().Add(r.opt.Wait)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(r.conn, line+"\r\n"); err != nil {
		return "", err
	}
	return r.answer(name)
}

// answer reads "+OK text" and returns the text.
func (r *pop3Reader) answer(name string) (string, error) {
	if err := r.conn.SetReadDeadline(time.Now().Add(r.opt.Wait)); err != nil {
		return "", err
	}
	line, err := r.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", fmt.Errorf("%w to %s: a line of more than %d octets", ErrMalformed, name, pop3Line)
	}
	if err != nil {
		return "", noEOF(err)
	}
	text := strings.TrimRight(string(line), "\r\n")
	if rest, ok := strings.CutPrefix(text, "+OK"); ok {
		return strings.TrimSpace(rest), nil
	}
	if rest, ok := strings.CutPrefix(text, "-ERR"); ok {
		return "", fmt.Errorf("pop3 server refused %s: %q", name, strings.TrimSpace(rest))
	}
	return "", fmt.Errorf("%w to %s: %q", ErrMalformed, name, text)
}

// noEOF makes the end of a connection in the middle of something an error that
// says so.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
