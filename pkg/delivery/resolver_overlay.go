package delivery

import "context"

// Overlay returns a resolver that answers from the zone what the zone holds and
// asks next for everything else. Aliases are followed from one into the other in
// both directions.
func Overlay(z *Zone, next Resolver) Resolver {
	return &overlay{zone: z, next: next}
}

type overlay struct {
	zone *Zone
	next Resolver
}

// Lookup implements [Resolver].
func (o *overlay) Lookup(ctx context.Context, name string, qtype uint16) Answer {
	ascii, err := DNSName(name)
	if err != nil {
		return unknownAnswer(name, qtype, CauseInvalidName, err)
	}
	a := o.step(ctx, ascii, qtype)
	for a.Status == "" {
		if len(a.Chain) > maxAliases || isLoop(a.Chain) {
			return aliasLoop(a)
		}
		a = extend(a, o.step(ctx, a.Target(), qtype))
	}
	return a
}

// step answers up to the next alias that leads from the one side to the other.
func (o *overlay) step(ctx context.Context, name string, qtype uint16) Answer {
	a, held := o.zone.find(Question{name, qtype})
	if held {
		return a
	}
	a = o.next.Lookup(ctx, name, qtype)
	for i, alias := range a.Chain {
		if _, held := o.zone.find(Question{alias.To, qtype}); held {
			return Answer{Name: name, Type: qtype, Chain: a.Chain[:i+1], TTL: a.TTL, Secure: a.Secure, Server: a.Server}
		}
	}
	if a.Status == LookupNoName && o.zone.exists[a.Target()] {
		a.Status = LookupNoRecord // the records of the zone make the name exist
	}
	return a
}
