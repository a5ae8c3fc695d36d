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
	found, err := s.suites(ctx, r.Version)
	for _, id := range found {
		r.Ciphers = append(r.Ciphers, cipherOf(id))
	}
	if err == nil {
		r.ServerPreference, err = s.preference(ctx, r.Version, found)
	}
	if err == nil && r.Version == TLSv13 {
		r.Groups, err = s.groups(ctx, found)
	}
	r.Err = err
}

// suites returns the suites that the server accepts, in the order in which it
// chooses them.
func (s *scanner) suites(ctx context.Context, v Version) ([]uint16, error) {
	var found []uint16
	lists := s.lists(suitesOf(v))
	for _, offered := range lists {
		some, err := s.choices(ctx, v, offered)
		found = append(found, some...)
		if err != nil {
			return found, err
		}
	}
	if len(lists) > 1 { // the order across them is not known yet
		ordered, err := s.choices(ctx, v, found)
		if len(ordered) == len(found) {
			return ordered, err
		}
		return found, err
	}
	return found, nil
}

// choices offers suites without those that the server has chosen, until it
// refuses the rest. An error says why it stopped before.
func (s *scanner) choices(ctx context.Context, v Version, offered []uint16) ([]uint16, error) {
	var chosen []uint16
	left := slices.Clone(offered)
	for len(left) > 0 {
		a, outcome, err := s.ask(ctx, s.hello(v, left))
		switch outcome {
		case Refused:
			return chosen, nil
		case Unknown:
			return chosen, err
		}
		chosen = append(chosen, a.suite)
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

// groups offers groups without a key of any, so that the server names the one
// that it wants in a HelloRetryRequest, until it refuses the rest.
func (s *scanner) groups(ctx context.Context, found []uint16) ([]Group, error) {
	var chosen []Group
	left := allGroups()
	for len(left) > 0 {
		h := s.hello(TLSv13, found)
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
