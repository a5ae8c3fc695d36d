package tlsscan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// maxChunk is how many suites the old servers look at that do not take them all;
// scsvRenegotiation is one more.
const maxChunk = 63

// chunks cuts a list into lists that such servers take.
func chunks(offered []uint16) [][]uint16 {
	return slices.Collect(slices.Chunk(offered, maxChunk))
}

// details asks for all that a version's result holds.
func (s *scanner) details(ctx context.Context, r *VersionResult) {
	chosen, err := s.suites(ctx, r.Version)
	found := make([]uint16, len(chosen))
	for i, a := range chosen {
		found[i] = a.suite
		r.Ciphers = append(r.Ciphers, a.cipher())
	}
	if err == nil {
		r.ServerPreference, err = s.preference(ctx, r.Version, found)
	}
	if err == nil && r.Version >= TLSv12 {
		r.Groups, err = s.groups(ctx, r.Version, found)
	}
	r.Err = err
}

// minPrimeBits is the least size of a finite field (RFC 9325 §4.5).
const minPrimeBits = 2048

// cipher returns what is known about the suite, and about how the server uses it.
func (a *answer) cipher() Cipher {
	c := cipherOf(a.suite)
	c.PrimeBits = a.primeBits
	if 0 < c.PrimeBits && c.PrimeBits < minPrimeBits {
		c.Strength = FlawShortPrime.Strength()
		c.Flaws = append([]Flaw{FlawShortPrime}, c.Flaws...)
		slices.SortStableFunc(c.Flaws, func(a, b Flaw) int { return gravity(a) - gravity(b) })
	}
	return c
}

// gravity orders the flaws that matter more before the others.
func gravity(f Flaw) int {
	if f.Strength() == Weak {
		return 0
	}
	return 1
}

// suites returns the suites that the server accepts, in the order in which it
// chooses them.
func (s *scanner) suites(ctx context.Context, v Version) ([]answer, error) {
	var found []answer
	lists := s.lists(suitesOf(v))
	for _, offered := range lists {
		some, err := s.choices(ctx, v, offered)
		found = append(found, some...)
		if err != nil {
			return found, err
		}
	}
	if len(lists) > 1 { // the order across them is not known yet
		offered := make([]uint16, len(found))
		for i, a := range found {
			offered[i] = a.suite
		}
		ordered, err := s.choices(ctx, v, offered)
		if len(ordered) == len(found) {
			return ordered, err
		}
		return found, err
	}
	return found, nil
}

// choices offers suites without those that the server has chosen, until it
// refuses the rest. An error says why it stopped before.
func (s *scanner) choices(ctx context.Context, v Version, offered []uint16) ([]answer, error) {
	var chosen []answer
	left := slices.Clone(offered)
	for len(left) > 0 {
		a, outcome, err := s.ask(ctx, s.hello(v, left))
		switch outcome {
		case Refused:
			return chosen, nil
		case Unknown:
			return chosen, err
		}
		chosen = append(chosen, a)
		left = slices.DeleteFunc(left, func(id uint16) bool { return id == a.suite })
	}
	return chosen, nil
}

// errTakenBack means that an answer does not hold.
var errTakenBack = errors.New("the server refuses what it has accepted before")

// preference finds out who chooses: a server that follows its client chooses the
// suite that it would like least when that comes first. ChaCha20 does not, since
// some servers heed only such clients as seem to be without AES in hardware.
// It also shows that the server answers still, and has not grown tired of the
// scan, which a server that hangs up leaves open.
func (s *scanner) preference(ctx context.Context, v Version, found []uint16) (*bool, error) {
	if len(found) == 0 {
		return nil, errTakenBack
	}
	offered := slices.Clone(found)
	slices.Reverse(offered)
	slices.SortStableFunc(offered, func(a, b uint16) int { return chacha(a) - chacha(b) })
	a, outcome, err := s.ask(ctx, s.hello(v, offered))
	switch {
	case outcome == Refused:
		return nil, fmt.Errorf("%w: %w", errTakenBack, err)
	case outcome == Unknown || len(offered) < 2:
		return nil, err
	}
	own := a.suite != offered[0]
	return &own, nil
}

// chacha is 1 for a suite with ChaCha20, and 0 for any other.
func chacha(id uint16) int {
	if strings.Contains(cipherOf(id).Name, "CHACHA20") {
		return 1
	}
	return 0
}

// groups offers groups without those that the server has chosen, until it refuses
// the rest. In TLS 1.3 no key comes with them, so that the server names the one
// that it wants in a HelloRetryRequest.
func (s *scanner) groups(ctx context.Context, v Version, found []uint16) ([]Group, error) {
	if v < TLSv13 {
		found = slices.DeleteFunc(slices.Clone(found), func(id uint16) bool { return exchangeOf(id) != exchangeElliptic })
		if len(found) == 0 {
			return nil, nil
		}
	}
	var chosen []Group
	left := allGroups()
	for len(left) > 0 {
		h := s.hello(v, found)
		h.groups, h.noKeyShare = left, true
		a, outcome, err := s.ask(ctx, h)
		switch {
		case outcome == Refused:
			return chosen, nil
		case outcome == Unknown:
			return chosen, err
		case !slices.Contains(left, a.group):
			return chosen, fmt.Errorf("%w: it chose the group %s, which was not offered", ErrProtocol, a.group)
		}
		chosen = append(chosen, a.group)
		left = slices.DeleteFunc(left, func(g Group) bool { return g == a.group })
	}
	return chosen, nil
}
