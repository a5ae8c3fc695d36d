package delivery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

const (
	// maxAliases bounds a chain of CNAMEs; RFC 1034 §3.6.2 sets no number, and
	// Unbound and BIND stop at about this many.
	maxAliases = 16
	// ednsSize is the datagram that fits every path (RFC 9715 §3).
	ednsSize = 1232
	// silentTooOften is after how many queries without an answer a server is asked
	// after the others.
	silentTooOften = 3
)

// resolve follows the aliases of a question to its answer. Recursive servers
// follow them themselves; those that do not are asked again.
func (c *Client) resolve(ctx context.Context, q Question) Answer {
	whole := c.ask(ctx, q.Name, q.Type)
	for whole.Status == "" {
		if len(whole.Chain) > maxAliases || isLoop(whole.Chain) {
			return aliasLoop(whole)
		}
		whole = extend(whole, c.ask(ctx, whole.Target(), q.Type))
	}
	return whole
}

// extend puts the answer to the end of a chain behind the chain.
func extend(begun, rest Answer) Answer {
	rest.Name = begun.Name
	rest.Chain = slices.Concat(begun.Chain, rest.Chain)
	rest.Secure = rest.Secure && begun.Secure
	rest.TTL = min(rest.TTL, begun.TTL)
	return rest
}

func aliasLoop(a Answer) Answer {
	looped := unknownAnswer(a.Name, a.Type, CauseAliasLoop, fmt.Errorf("the alias %s leads to no end: %s", a.Name, a.Target()))
	looped.Chain, looped.Server = a.Chain, a.Server
	return looped
}

// isLoop reports whether a chain comes back to a name it has been at.
func isLoop(chain []Alias) bool {
	seen := make(map[string]bool, len(chain))
	for _, alias := range chain {
		seen[alias.From] = true
		if seen[alias.To] {
			return true
		}
	}
	return false
}

// ask puts a question to the servers in turn until one can tell.
func (c *Client) ask(ctx context.Context, name string, qtype uint16) Answer {
	var failures []Answer
	servers := c.inOrder()
	for range c.opt.Attempts {
		var again []*upstream
		for _, up := range servers {
			a := c.askServer(ctx, up, name, qtype)
			if !a.Unknown() || a.Cause == CauseCanceled {
				return a
			}
			failures = append(failures, a)
			if a.Cause == CauseTimeout || a.Cause == CauseNetwork {
				again = append(again, up)
			}
		}
		servers = again
	}
	return gaveUp(failures)
}

// inOrder returns the servers in the order to ask them.
func (c *Client) inOrder() []*upstream {
	var servers, silent []*upstream
	for _, up := range c.upstreams {
		if up.silent.Load() >= silentTooOften {
			silent = append(silent, up)
		} else {
			servers = append(servers, up)
		}
	}
	return append(servers, silent...)
}

// causeRank orders causes by how much they tell, most first.
var causeRank = []LookupCause{
	CauseBogus, CauseAliasLoop, CauseServFail, CauseRefused, CauseLame, CauseRcode, CauseMalformed, CauseTimeout, CauseNetwork,
}

// gaveUp joins what several servers failed with: the cause that tells most, and
// an error that names every server once.
func gaveUp(failures []Answer) Answer {
	best := failures[0]
	var texts []string
	for _, a := range failures {
		if slices.Index(causeRank, a.Cause) < slices.Index(causeRank, best.Cause) {
			best = a
		}
		if text := a.Err.Error(); !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	if len(texts) > 1 {
		best.Err = errors.New(strings.Join(texts, "; "))
	}
	return best
}

// askServer puts a question to one server.
func (c *Client) askServer(ctx context.Context, up *upstream, name string, qtype uint16) Answer {
	a := c.query(ctx, up, name, qtype, queryPlain)
	if a.Cause == CauseRcode && errors.Is(a.Err, errFormat) {
		a = c.query(ctx, up, name, qtype, queryWithoutEDNS) // RFC 6891 §7
	}
	if a.Cause == CauseServFail {
		a = c.secondThought(ctx, up, a)
	}
	return a
}

// secondThought finds out whether a server failed because DNSSEC validation did:
// then it answers when it need not validate (RFC 4035 §3.2.2). A server that
// only failed for a moment answers the repeated question.
func (c *Client) secondThought(ctx context.Context, up *upstream, failed Answer) Answer {
	unchecked := c.query(ctx, up, failed.Name, failed.Type, queryUnchecked)
	if unchecked.Unknown() {
		return failed
	}
	again := c.query(ctx, up, failed.Name, failed.Type, queryPlain)
	if again.Cause == CauseServFail {
		again.Cause = CauseBogus
		again.Err = fmt.Errorf("%w; it answers when it need not validate", again.Err)
	}
	return again
}

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

// describe says in short what the errors of the network say at length.
func describe(cause LookupCause, err error) error {
	if cause == CauseTimeout {
		return fmt.Errorf("no answer in time: %w", context.DeadlineExceeded)
	}
	return err
}
