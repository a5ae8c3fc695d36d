package delivery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/miekg/dns"
)

// A queryKind says what a query asks besides its question.
type queryKind int

const (
	queryPlain       queryKind = iota
	queryUnchecked             // with the CD bit
	queryWithoutEDNS           // for servers of the last century
)

// newQuery writes the question: recursion desired, and AD to learn whether the
// answer was validated (RFC 6840 §5.7).
func newQuery(name string, qtype uint16, kind queryKind) *dns.Msg {
	m := new(dns.Msg)
	m.SetQuestion(escapeName(name), qtype)
	m.AuthenticatedData = true
	m.CheckingDisabled = kind == queryUnchecked
	if kind != queryWithoutEDNS {
		m.SetEdns0(ednsSize, true)
	}
	return m
}

// query sends one query, again over TCP when the answer did not fit, and judges
// the answer.
func (c *Client) query(ctx context.Context, up *upstream, name string, qtype uint16, kind queryKind) Answer {
	transport := up.server.Transport
	m := newQuery(name, qtype, kind)
	reply, err := c.exchange(ctx, up, transport, m)
	if err == nil && reply.Truncated && transport == TransportUDP {
		reply, err = c.exchange(ctx, up, TransportTCP, m) // RFC 7766 §5
	}
	server := up.server.String()
	if err != nil {
		cause := causeOf(ctx, err)
		return atServer(unknownAnswer(name, qtype, cause, describe(cause, err)), server)
	}
	return atServer(judgeMessage(reply, name, qtype), server)
}

// atServer names the server in an answer and its error.
func atServer(a Answer, server string) Answer {
	a.Server = server
	if a.Err != nil {
		a.Err = fmt.Errorf("%s: %w", server, a.Err)
	}
	return a
}

// exchange sends one message and waits for its answer.
func (c *Client) exchange(ctx context.Context, up *upstream, transport DNSTransport, m *dns.Msg) (*dns.Msg, error) {
	line := strandOf(ctx)
	wave := line.next()
	c.queries.Add(1)
	limited, cancel := context.WithTimeout(ctx, c.opt.Timeout)
	defer cancel()
	started := c.opt.Now()
	reply, octets, err := up.send(limited, transport, m)
	line.reached(wave)
	if err == nil {
		up.silent.Store(0)
	} else if ctx.Err() == nil {
		up.silent.Add(1)
	}
	if c.opt.Trace != nil {
		c.opt.Trace(traceOf(up, transport, m, wave, c.opt.Now().Sub(started), reply, octets, err))
	}
	return reply, err
}

func traceOf(up *upstream, transport DNSTransport, m *dns.Msg, wave int, elapsed time.Duration, reply *dns.Msg, octets int, err error) LookupEvent {
	e := LookupEvent{
		Question: Question{plainName(m.Question[0].Name), m.Question[0].Qtype},
		Server:   up.server.String(), Transport: transport, Wave: wave, Elapsed: elapsed, Err: err,
	}
	if err == nil {
		e.Rcode, e.Records, e.Octets, e.Truncated = rcodeName(reply.Rcode), len(reply.Answer), octets, reply.Truncated
	}
	return e
}

// causeOf tells why an exchange failed. ctx is the caller's, not that of the one
// query.
func causeOf(ctx context.Context, err error) LookupCause {
	var network net.Error
	switch {
	case ctx.Err() != nil:
		return CauseCanceled
	case errors.Is(err, errMalformed), errors.Is(err, errForeign):
		return CauseMalformed
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &network) && network.Timeout():
		return CauseTimeout
	}
	return CauseNetwork
}

// describe says in short what the errors of the network say at length: the
// server is named beside it, and the port it was asked from says nothing.
func describe(cause LookupCause, err error) error {
	var call *os.SyscallError
	var operation *net.OpError
	switch {
	case cause == CauseTimeout:
		return fmt.Errorf("no answer in time: %w", context.DeadlineExceeded)
	case cause == CauseNetwork && errors.As(err, &call):
		return call.Err
	case cause == CauseNetwork && errors.As(err, &operation):
		return operation.Err
	}
	return err
}
