package spf

import "errors"

// maxCompared bounds how many terms of one record are compared with each other.
const maxCompared = 500

// settle works out, from the ends of the tree to its root, whom each record lets
// pass and what happens to everybody else.
func (t *Tree) settle() {
	t.exact = t.Err == nil
	decided := addrSet{}
	for i := range t.Branches {
		b := &t.Branches[i]
		if !b.Reached {
			continue
		}
		if b.Below != nil {
			b.Below.settle()
			b.set, b.exact = b.Below.passes(), b.Below.exact
		}
		t.exact = t.exact && b.exact
		decided = t.decide(b, decided)
	}
	t.findRedundant()
}

// decide adds what a branch decides to what was decided before it.
func (t *Tree) decide(b *Branch, decided addrSet) addrSet {
	switch {
	case b.Term.Kind == KindAll:
		t.Default = b.Term.Qualifier.Status()
		return decided
	case b.Term.Kind == KindRedirect && b.Below == nil:
		return decided
	case b.Term.Kind == KindRedirect && b.Below.Err != nil:
		t.Default = PermError // also where there is no record (§6.1)
		if errors.Is(b.Below.Err, ErrLookup) {
			t.Default = TempError
		}
		return decided
	case b.Term.Kind == KindRedirect:
		t.Default = b.Below.Default
		for status, set := range b.Below.sets {
			t.sets[status] = t.sets[status].union(set.minus(decided))
		}
		return decided
	}
	status := b.Term.Qualifier.Status()
	t.sets[status] = t.sets[status].union(b.set.minus(decided))
	return decided.union(b.set)
}

// passes is whom a record lets pass, by "all" too.
func (t *Tree) passes() addrSet {
	if t.Default != Pass {
		return t.sets[Pass]
	}
	others := addrSet{}
	for status, set := range t.sets {
		if status != Pass {
			others = others.union(set)
		}
	}
	return everyone().minus(others)
}

// findRedundant marks the terms that never decide anything: those whose networks
// are decided before them, and those that a wider one with the same qualifier
// follows, with nothing in between that could decide otherwise.
func (t *Tree) findRedundant() {
	decided := addrSet{}
	for i := range t.comparable() {
		b := &t.Branches[i]
		if !b.decides() {
			continue
		}
		if decided.covers(b.set) {
			b.Redundant, b.By = true, t.coveredBefore(i)
		} else if by := t.coveredAfter(i); by >= 0 {
			b.Redundant, b.By = true, by
		}
		decided = decided.union(b.set)
	}
}

func (t *Tree) comparable() []Branch { return t.Branches[:min(len(t.Branches), maxCompared)] }

// decides reports whether the branch is a mechanism whose networks are all known
// and not none.
func (b *Branch) decides() bool {
	if !b.Reached || !b.exact || b.Err != nil || len(b.set) == 0 {
		return false
	}
	switch b.Term.Kind {
	case KindInclude, KindA, KindMX, KindIP4, KindIP6:
		return true
	case KindAll, KindPTR, KindExists, KindRedirect, KindExp, KindReporting, KindUnknown, KindInvalid:
	}
	return false
}

// coveredBefore is the first term before i that covers it alone, or -1.
func (t *Tree) coveredBefore(i int) int {
	for j := range t.Branches[:i] {
		if other := &t.Branches[j]; other.decides() && other.set.covers(t.Branches[i].set) {
			return j
		}
	}
	return -1
}

// coveredAfter is the first term behind i that would decide the same about all
// its networks if i were not there, or -1.
func (t *Tree) coveredAfter(i int) int {
	b := &t.Branches[i]
	for j := i + 1; j < len(t.comparable()); j++ {
		other := &t.Branches[j]
		if !other.Term.Kind.IsMechanism() {
			continue
		}
		if !other.decides() || other.Term.Qualifier != b.Term.Qualifier {
			return -1
		}
		if other.set.covers(b.set) && !other.set.same(b.set) {
			return j
		}
	}
	return -1
}

func (s addrSet) same(other addrSet) bool { return s.covers(other) && other.covers(s) }
