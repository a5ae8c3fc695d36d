package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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
