package spf

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// try evaluates one mechanism against the client and notes how it went.
func (e *evaluation) try(ctx context.Context, term Term, domain string, step *Step) (StepOutcome, error) {
	lookups, void := e.lookups, e.void
	match, err := e.match(ctx, term, domain, step)
	step.Lookups, step.VoidLookups = e.lookups-lookups, e.void-void
	switch {
	case err != nil:
		step.Outcome, step.Problem = outcomeOf(err), err.Error()
	case match:
		step.Outcome = StepMatch
	default:
		step.Outcome = StepNoMatch
	}
	return step.Outcome, err
}

// match reports whether a mechanism matches the client (§5).
func (e *evaluation) match(ctx context.Context, term Term, domain string, step *Step) (bool, error) {
	switch term.Kind {
	case KindAll:
		return true, nil
	case KindIP4, KindIP6:
		return term.Network.Contains(e.ip), nil
	case KindInclude, KindA, KindMX, KindPTR, KindExists:
	case KindRedirect, KindExp, KindReporting, KindUnknown, KindInvalid:
		return false, nil
	}
	if err := e.count(); err != nil {
		return false, err
	}
	target, ok, err := e.target(ctx, term.Domain, domain, step)
	if err != nil {
		return false, err
	}
	step.Target = target
	if term.Kind == KindInclude {
		return e.matchInclude(ctx, target, ok, step)
	}
	if !ok {
		// What to do with a name that no DNS can hold is undefined (§4.8): like a
		// name that does not exist, it does not match. Nobody was asked, so nothing
		// was void.
		return false, nil
	}
	switch term.Kind {
	case KindMX:
		return e.matchMX(ctx, target, term, step)
	case KindPTR:
		return e.matchPTR(ctx, target, step)
	case KindExists:
		answer, err := e.records(ctx, target, delivery.TypeA, step) // also for IPv6 clients (§5.7)
		return answer.Found(), err
	default:
		answer, err := e.records(ctx, target, e.addressType(), step)
		return e.within(answer.Addrs(), term), err
	}
}

// records asks the question that a term is about; the error is that the DNS
// could not tell, or that too much was void.
func (e *evaluation) records(ctx context.Context, name string, qtype uint16, step *Step) (delivery.Answer, error) {
	answer := e.ask(ctx, &step.Asked, name, qtype)
	if answer.Unknown() {
		return answer, lookupError(answer)
	}
	if answer.Absent() {
		return answer, e.countVoid()
	}
	return answer, nil
}

func (e *evaluation) addressType() uint16 {
	if e.ip.Is4() {
		return delivery.TypeA
	}
	return delivery.TypeAAAA
}

// within reports whether the client is in the network of one of the addresses.
func (e *evaluation) within(addrs []netip.Addr, term Term) bool {
	bits := term.Bits6
	if e.ip.Is4() {
		bits = term.Bits4
	}
	for _, addr := range addrs {
		if network, err := addr.Prefix(bits); err == nil && network.Contains(e.ip) {
			return true
		}
	}
	return false
}

// matchInclude evaluates the record of another domain (§5.2).
func (e *evaluation) matchInclude(ctx context.Context, target string, ok bool, step *Step) (bool, error) {
	if !ok {
		return false, fmt.Errorf("include of %q: %w", shorten(target), ErrNoDomain)
	}
	v := e.checkHost(ctx, target)
	step.Include = v.visits
	switch v.status {
	case Pass:
		return true, nil
	case TempError, PermError, None:
		return false, fmt.Errorf("include: %w", v.err)
	case Fail, SoftFail, Neutral:
	}
	return false, nil
}

// matchMX compares the client with the addresses of the mail exchangers (§5.4).
// They are looked up at once, and judged in order as if one after the other.
func (e *evaluation) matchMX(ctx context.Context, target string, term Term, step *Step) (bool, error) {
	answer, err := e.records(ctx, target, delivery.TypeMX, step)
	if err != nil || !answer.Found() {
		return false, err
	}
	hosts := answer.MX()
	if len(hosts) > MaxMX {
		return false, fmt.Errorf("%w: %s has %d", ErrTooManyMX, target, len(hosts))
	}
	var questions []delivery.Question
	for _, mx := range hosts {
		if mx.Host != "." { // RFC 7505
			questions = append(questions, delivery.Question{Name: mx.Host, Type: e.addressType()})
		}
	}
	found := false
	for _, addresses := range delivery.LookupAll(ctx, e.resolver, questions...) {
		step.Asked = append(step.Asked, note(addresses))
		if couldNotTell(addresses) {
			return false, lookupError(addresses)
		}
		if e.within(addresses.Addrs(), term) {
			return true, nil
		}
		found = found || addresses.Found()
	}
	if !found && len(questions) > 0 {
		return false, e.countVoid()
	}
	return false, nil
}

// matchPTR looks for a validated name of the client at or below the target (§5.5).
func (e *evaluation) matchPTR(ctx context.Context, target string, step *Step) (bool, error) {
	names := e.clientNames(ctx, &step.Asked)
	for _, name := range names.validated {
		if isAtOrBelow(name, target) {
			return true, nil
		}
	}
	if names.void {
		return false, e.countVoid()
	}
	return false, nil
}
