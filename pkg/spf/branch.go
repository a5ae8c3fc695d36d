package spf

import (
	"fmt"
	"net/netip"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// follow finds out what is behind a term of the record of a domain.
func (w *walk) follow(domain string, b *Branch, path []string) {
	switch b.Term.Kind {
	case KindIP4, KindIP6:
		if b.Term.Network.IsValid() {
			b.set = newAddrSet(b.Term.Network)
		}
		return
	case KindAll, KindExp, KindReporting, KindUnknown, KindInvalid:
		return
	case KindInclude, KindA, KindMX, KindPTR, KindExists, KindRedirect:
	}
	b.Cost.Lookups = 1
	w.aim(domain, b)
	switch b.Term.Kind {
	case KindPTR:
		b.exact, w.named = false, true
	case KindInclude, KindRedirect:
		if b.asks() {
			w.descend(b, path)
		}
	case KindA:
		w.addresses(b)
	case KindMX:
		w.exchangers(b)
	case KindExists:
		w.exists(b)
	default:
	}
}

// aim finds the domain that a term is about.
func (w *walk) aim(domain string, b *Branch) {
	spec := b.Term.Domain
	if spec.Uses("p") && !w.named {
		b.Cost.Lookups++ // as in [evaluation.target]
		w.named = true
	}
	if spec.Uses("slopihvcrt") {
		b.Dynamic, b.exact = true, false
		return
	}
	b.Target = domain
	if !spec.IsZero() {
		// What is left depends on the domain of the record alone.
		b.Target = fitName(spec.expand(func(byte) string { return domain }))
	}
	ascii, err := delivery.DNSName(b.Target)
	if err != nil {
		b.Err = fmt.Errorf("%q is %w", shorten(b.Target), ErrNoDomain)
		return
	}
	b.Target = ascii
}

// asks reports whether there is a name to ask for.
func (b *Branch) asks() bool { return !b.Dynamic && b.Err == nil }

// descend goes on with the record of an include or redirect.
func (w *walk) descend(b *Branch, path []string) {
	b.Below = w.tree(b.Target, path)
	b.Cost = b.Cost.plus(b.Below.Cost)
	if b.Below.Err != nil {
		b.Err = fmt.Errorf("%s: %w", b.Term.Kind, b.Below.Err)
	}
}

// addresses looks up what an "a" matches.
func (w *walk) addresses(b *Branch) {
	if !b.asks() {
		return
	}
	v4, v6, ok := w.bothFamilies(b, b.Target)
	if !ok {
		return
	}
	b.match(v4)
	b.match(v6)
	b.voids(v4.Absent(), v6.Absent())
}

// bothFamilies looks up the addresses of a host.
func (w *walk) bothFamilies(b *Branch, host string) (v4, v6 delivery.Answer, ok bool) {
	v4, ok4 := w.known(host, delivery.TypeA)
	v6, ok6 := w.known(host, delivery.TypeAAAA)
	if !ok4 || !ok6 {
		b.exact = false
		return v4, v6, false
	}
	b.note(v4)
	b.note(v6)
	return v4, v6, true
}

// note keeps an answer, and that it could not be told.
func (b *Branch) note(answer delivery.Answer) {
	b.Answers = append(b.Answers, answer)
	if !couldNotTell(answer) {
		return
	}
	b.exact = false
	if b.Err == nil {
		b.Err = lookupError(answer)
	}
}

// couldNotTell reports whether an answer is missing. Nobody need be asked for a
// name that the DNS cannot hold.
func couldNotTell(answer delivery.Answer) bool {
	return answer.Unknown() && answer.Cause != delivery.CauseInvalidName
}

// match adds the networks of addresses.
func (b *Branch) match(answer delivery.Answer) {
	var networks []netip.Prefix
	for _, addr := range answer.Addrs() {
		bits := b.Term.Bits6
		if addr.Is4() {
			bits = b.Term.Bits4
		}
		networks = append(networks, netip.PrefixFrom(addr, bits))
	}
	b.set = b.set.union(newAddrSet(networks...))
}

func (b *Branch) voids(v4, v6 bool) {
	if v4 {
		b.Cost.Void4++
	}
	if v6 {
		b.Cost.Void6++
	}
}

// exchangers looks up what an "mx" matches.
func (w *walk) exchangers(b *Branch) {
	if !b.asks() {
		return
	}
	answer, ok := w.known(b.Target, delivery.TypeMX)
	if !ok {
		b.exact = false
		return
	}
	b.note(answer)
	b.MX = answer.MX()
	if len(b.MX) > MaxMX {
		b.Err = fmt.Errorf("%w: %s has %d", ErrTooManyMX, b.Target, len(b.MX))
		b.exact = false
		return
	}
	void4, void6 := !answer.Unknown(), !answer.Unknown()
	for _, mx := range b.MX {
		if mx.Host == "." { // RFC 7505
			void4, void6 = false, false
			continue
		}
		v4, v6, _ := w.bothFamilies(b, mx.Host)
		b.match(v4)
		b.match(v6)
		void4, void6 = void4 && v4.Absent(), void6 && v6.Absent()
	}
	b.voids(void4, void6)
}

// exists looks up whether an "exists" matches everybody or nobody.
func (w *walk) exists(b *Branch) {
	if !b.asks() {
		return
	}
	answer, ok := w.known(b.Target, delivery.TypeA)
	if !ok {
		b.exact = false
		return
	}
	b.note(answer)
	b.voids(answer.Absent(), answer.Absent())
	if answer.Found() {
		b.set = everyone()
	}
}
