package probe

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// tryInjection puts a harmless NOOP behind STARTTLS in the same packet, as an
// attacker between would put a command (CVE-2011-0411). A server that obeys it
// within TLS answers once too often.
func (p *Prober) tryInjection(ctx context.Context, e Endpoint, r *Result) {
	ctx, cancel := context.WithTimeout(ctx, p.opt.Limit)
	defer cancel()
	conn, err := delivery.OpenForTLS(ctx, e.target(), p.sessionOptions(e, injector{p.opt.Dialer}))
	if failed := new(delivery.SessionError); errors.As(err, &failed) {
		n := note{id: "smtp-starttls-injection-unknown", record: causeText(err)}
		if failed.Stage == delivery.StageTLS {
			n = note{id: "smtp-starttls-injection-none"} // it does not go on behind such a packet, which is as good
		}
		r.add(e, n)
		return
	}
	defer func() { _ = conn.Close() }() // nothing depends on it
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if obeys(conn, p.opt) {
		r.add(e, note{id: "smtp-starttls-injection"})
		return
	}
	r.add(e, note{id: "smtp-starttls-injection-none"})
}

// obeys says EHLO and QUIT within TLS, and reports whether the reply to the
// command in front of TLS stands before theirs.
func obeys(conn net.Conn, opt Options) bool {
	if conn.SetDeadline(time.Now().Add(opt.Timeouts.TLS)) != nil {
		return false
	}
	private := tls.Client(conn, anyTLS())
	reader := bufio.NewReader(private)
	last := delivery.Reply{}
	for _, command := range []string{"EHLO " + cmp.Or(opt.LocalName, delivery.LocalLiteral(conn)), "QUIT"} {
		if _, err := private.Write([]byte(command + "\r\n")); err != nil {
			return false
		}
		reply, err := delivery.ReadReply(reader, delivery.ReplyBounds{})
		if err != nil {
			return false
		}
		last = reply
	}
	return last.Code == 250 // the reply to EHLO, where that to QUIT belongs
}

// An injector opens connections on which a NOOP follows STARTTLS.
type injector struct{ delivery.Dialer }

// DialContext implements [delivery.Dialer].
func (d injector) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.Dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return injected{conn}, nil
}

type injected struct{ net.Conn }

func (c injected) Write(b []byte) (int, error) {
	const command = "STARTTLS\r\n"
	if string(b) != command {
		return c.Conn.Write(b)
	}
	n, err := c.Conn.Write([]byte(command + "NOOP\r\n"))
	return min(n, len(b)), err
}
