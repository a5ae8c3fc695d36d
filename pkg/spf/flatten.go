package spf

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrCannotFlatten means that no record of networks alone does the same.
var ErrCannotFlatten = errors.New("the policy cannot be flattened")

// A Published is a TXT record to publish.
type Published struct {
	Name string // without a dot at the end
	Text string // what its strings make together
}

// ZoneLine writes the record for a zone file, in strings of at most 255 octets.
func (p Published) ZoneLine() string {
	const most = 255
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	var strs []string
	for text := p.Text; ; text = text[most:] {
		if len(text) <= most {
			strs = append(strs, `"`+escape.Replace(text)+`"`)
			return p.Name + ". TXT " + strings.Join(strs, " ")
		}
		strs = append(strs, `"`+escape.Replace(text[:most])+`"`)
	}
}

// Flatten writes the policy of a tree with networks in place of the domains that
// it includes, so that it needs few look-ups. What depends on the message, such
// as exists with macros, is kept as it is. When the networks do not fit into one
// record of the size of §3.4, they go into records at names such as
// _spf1.example.com, which the first one includes.
//
// The result does not follow what the others change: it is as good as the day it
// was made. Errors are [ErrCannotFlatten].
func Flatten(t *Tree) ([]Published, error) {
	switch {
	case t.Err != nil:
		return nil, fmt.Errorf("%w: %w", ErrCannotFlatten, t.Err)
	case t.Incomplete:
		return nil, fmt.Errorf("%w: not everything could be looked up", ErrCannotFlatten)
	}
	f := flattening{tree: t, sets: make(map[Status]addrSet), final: finalTerm(t.Default)}
	if err := f.collect(); err != nil {
		return nil, err
	}
	return f.publish()
}

// A flattening is what a flat record consists of.
type flattening struct {
	tree    *Tree
	sets    map[Status]addrSet
	kept    []string // terms that stay as they are
	lookups int      // that the kept terms cost
	final   string   // "-all", or the redirect that stays
}

func finalTerm(status Status) string {
	switch status {
	case Pass:
		return "+all"
	case Fail:
		return "-all"
	case SoftFail:
		return "~all"
	default:
		return "?all"
	}
}

// collect sorts the terms of the record into networks and what is kept.
func (f *flattening) collect() error {
	decided := addrSet{}
	for i := range f.tree.Branches {
		b := &f.tree.Branches[i]
		switch {
		case !b.Reached || b.Term.Kind == KindAll:
			continue
		case b.Err != nil:
			return fmt.Errorf("%w: %w", ErrCannotFlatten, b.Err)
		case b.Below.broken() != nil:
			return fmt.Errorf("%w: %s: %w", ErrCannotFlatten, b.Term.Text, b.Below.broken())
		case !b.exact && b.Term.Kind == KindRedirect:
			f.final = b.Term.String()
			f.lookups += b.Cost.Lookups
			continue
		case !b.exact && b.Term.Qualifier != QualifierPass:
			return fmt.Errorf("%w: %s depends on the message", ErrCannotFlatten, b.Term.Text)
		case !b.exact:
			f.kept = append(f.kept, b.Term.String())
			f.lookups += b.Cost.Lookups
			continue
		}
		decided = f.take(b, decided)
	}
	if t := f.explanation(); t != "" {
		f.kept = append(f.kept, t)
	}
	return f.checkOrder()
}

// broken is the first error by which a check can end at a tree or below it; nil where
// there is no tree.
func (t *Tree) broken() error {
	switch {
	case t == nil:
		return nil
	case t.Err != nil:
		return t.Err
	}
	for i := range t.Branches {
		b := &t.Branches[i]
		if !b.Reached {
			continue
		}
		if err := b.Below.broken(); err != nil {
			return err
		}
		if b.Below == nil && b.Err != nil && !errors.Is(b.Err, ErrNoDomain) {
			return b.Err
		}
	}
	return nil
}

// take adds the networks of a term that are not decided yet.
func (f *flattening) take(b *Branch, decided addrSet) addrSet {
	if b.Term.Kind == KindRedirect {
		for status, set := range b.Below.sets {
			f.sets[status] = f.sets[status].union(set.minus(decided))
		}
		return decided
	}
	status := b.Term.Qualifier.Status()
	f.sets[status] = f.sets[status].union(b.set.minus(decided))
	return decided.union(b.set)
}

// explanation is the exp modifier of the record, unless a redirect takes it away
// (§6.2).
func (f *flattening) explanation() string {
	if i := f.tree.Record.Exp(); i >= 0 && f.tree.Record.Redirect() < 0 {
		return f.tree.Record.Terms[i].String()
	}
	return ""
}

// checkOrder refuses what would need an order among networks and kept terms, and
// drops the networks that get what everybody gets.
func (f *flattening) checkOrder() error {
	if !strings.HasPrefix(f.final, string(KindRedirect)) {
		delete(f.sets, f.tree.Default)
	}
	for status, set := range f.sets {
		if status != Pass && len(set) > 0 && f.lookups > 0 {
			return fmt.Errorf("%w: the order of the terms matters, and some depend on the message", ErrCannotFlatten)
		}
	}
	return nil
}

// publish writes the records.
func (f *flattening) publish() ([]Published, error) {
	var before []string
	for _, q := range []Qualifier{QualifierFail, QualifierSoftFail, QualifierNeutral} {
		before = append(before, networkTerms(q, f.sets[q.Status()])...)
	}
	networks := networkTerms("", f.sets[Pass])
	after := slices.Concat(f.kept, []string{f.final})
	room := MaxCombined - (f.tree.Size.Combined - f.tree.Size.Record)
	if f.lookups > MaxLookups {
		return nil, fmt.Errorf("%w: the terms that depend on the message need %d look-ups, and only %d are allowed", ErrCannotFlatten, f.lookups, MaxLookups)
	}
	if text := recordText(before, networks, after); len(text) <= room || len(networks) == 0 {
		return []Published{{f.tree.Domain, text}}, nil
	}
	var parts []Published
	var includes []string
	for len(networks) > 0 {
		part := Published{Name: fmt.Sprintf("_spf%d.%s", len(parts)+1, f.tree.Domain)}
		part.Text, networks = fillRecord(networks, MaxCombined-len(part.Name))
		parts = append(parts, part)
		includes = append(includes, "include:"+part.Name)
	}
	if n := len(parts) + f.lookups; n > MaxLookups {
		return nil, fmt.Errorf("%w: its networks need %d records, and only %d look-ups are allowed", ErrCannotFlatten, len(parts), MaxLookups)
	}
	return append([]Published{{f.tree.Domain, recordText(before, includes, after)}}, parts...), nil
}

func recordText(lists ...[]string) string {
	var b strings.Builder
	b.WriteString(Version)
	for _, list := range lists {
		for _, term := range list {
			b.WriteString(" " + term)
		}
	}
	return b.String()
}

// fillRecord makes a record of as many terms as there is room for, at least one,
// and returns the others.
func fillRecord(terms []string, room int) (string, []string) {
	const end = " -all"
	size := len(Version) + len(end)
	n := 0
	for n < len(terms) && (n == 0 || size+1+len(terms[n]) <= room) {
		size += 1 + len(terms[n])
		n++
	}
	return recordText(terms[:n]) + end, terms[n:]
}

// networkTerms writes a set as mechanisms.
func networkTerms(q Qualifier, set addrSet) []string {
	var terms []string
	for _, p := range set.prefixes() {
		terms = append(terms, string(q)+networkTerm(p))
	}
	return terms
}
