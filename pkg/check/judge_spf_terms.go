package check

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/spf"
)

// A spfJudge judges the one record of a domain, term by term.
type spfJudge struct {
	c         *collector
	t         *spf.Tree
	void      int  // look-ups that bring nothing for a client that may send
	everybody bool // the networks of the record together are all of IPv4

	mended []string // what was meant by each term, as [spf.Record.Mended] has it
	told   bool     // all that was meant can be told
	live   []bool   // the terms by which somebody may pass as things are
	fatal  []bool   // the terms that end a check with an error
	closed bool     // the record is to let nobody pass
}

func newSPFJudge(c *collector, t *spf.Tree) *spfJudge {
	const all = 32
	ipv4, _ := t.Senders()
	s := &spfJudge{c: c, t: t, void: voidLookups(t), everybody: ipv4.BitLen() > all}
	s.mended, s.told = t.Record.Mended()
	for i := range t.Branches {
		s.fatal = append(s.fatal, isFatal(&t.Branches[i]))
		s.live = append(s.live, !s.fatal[i] && isLive(&t.Branches[i]))
	}
	meant, _ := spf.Parse(recordOf(s.mended))
	s.closed = isClosed(meant)
	return s
}

func (s *spfJudge) judge() {
	for i := range s.t.Branches {
		if s.c.full(StandardSPF) {
			break
		}
		s.judgeTerm(i, &s.t.Branches[i])
	}
	s.judgeEnd()
	s.judgeCost()
	if s.t.Size.Message > spf.MaxMessage {
		s.c.add(note{
			id: "spf-long-record", what: fmt.Sprintf("the answer with the TXT records at the domain has %d octets, more than %d", s.t.Size.Message, spf.MaxMessage),
			record: s.t.Record.Text, fix: s.shorter(),
		})
	}
}

func (s *spfJudge) add(id, what, fix string) {
	s.c.add(note{id: id, what: what, record: s.t.Record.Text, fix: fix})
}

// judgeTerm judges one term and what is behind it.
func (s *spfJudge) judgeTerm(i int, b *spf.Branch) {
	term := b.Term
	switch {
	case term.Err != nil:
		s.judgeSyntax(term)
	case !b.Reached && term.Kind == spf.KindRedirect:
		s.add("spf-redirect-ignored", "", s.without(i, "take out all when the senders of the other record are to pass, or else "+printed(term.Text)))
	case !b.Reached && term.Kind.IsMechanism():
		s.add("spf-behind-all", fmt.Sprintf("the term %s stands behind all", term.Text), s.without(i, "write "+printed(term.Text)+" in front of all, or take it out"))
	case term.Kind == spf.KindPTR:
		s.judgePTR(i, term)
	case term.Kind == spf.KindUnknown:
		s.add("spf-unknown-modifier", fmt.Sprintf("nobody knows the modifier %s", term.Text), s.without(i, "take "+printed(term.Text)+" out, or write what was meant"))
	case b.Below != nil:
		s.judgeBelow(i, b)
	case b.Err != nil:
		s.judgeTarget(i, b)
	case b.Cost.Void4 > 0 && b.Cost.Void6 > 0 && s.void <= spf.MaxVoidLookups:
		s.add("spf-void-lookup", fmt.Sprintf("the term %s finds nothing", term.Text), s.without(i, inPlaceOf(term)))
	case b.Redundant:
		s.judgeRedundant(i, b)
	}
	if !s.everybody {
		s.judgeWidth(b)
	}
}

// judgeSyntax shows the record with everything mended, unless it cannot be told
// what was meant.
func (s *spfJudge) judgeSyntax(term spf.Term) {
	what := fmt.Sprintf("the term %q of the SPF record is not valid: %s", short(term.Text), term.Err.Problem)
	fix, ok := s.offer(-1, "")
	if !ok {
		fix = fmt.Sprintf("mend %q in the SPF record: %s", short(term.Text), strings.Map(visible, cmp.Or(term.Err.Advice, "write what was meant")))
	}
	s.add("spf-syntax", what, fix)
}

// judgePTR wants other terms in place of ptr. Who passes by it alone is not known.
func (s *spfJudge) judgePTR(i int, term spf.Term) {
	fix := inPlaceOf(term)
	if line, ok := s.offer(i, ""); ok {
		fix = "name the servers that pass by " + printed(term.Text) + " alone, with ip4: and ip6:; when there are none, it is\n" + line
	}
	s.add("spf-ptr", fmt.Sprintf("the SPF record uses %s", term.Text), fix)
}

// judgeBelow judges an include or a redirect: its own record, and those below it.
func (s *spfJudge) judgeBelow(i int, b *spf.Branch) {
	at, broken := brokenTree(b.Below)
	switch {
	case broken == nil && b.Redundant:
		s.judgeRedundant(i, b)
		return
	case broken == nil:
		return
	}
	id, what := brokenRule(broken, b.Term.Text, at)
	if id == "spf-unknown" {
		s.c.add(note{id: id, subject: at, what: what, record: s.t.Record.Text})
		return
	}
	fix, ok := s.offer(i, "")
	asked := id == "spf-include-broken" || id == "spf-include-missing"
	switch {
	case ok && asked:
		fix += "\n; or ask whoever runs " + at + " to mend its record"
	case asked:
		fix = "ask whoever runs " + at + " to mend its record, or " + inPlaceOf(b.Term)
	case !ok:
		fix = inPlaceOf(b.Term)
	}
	s.add(id, what, fix)
}

// brokenRule is the rule for what is wrong at a domain that a term leads to.
func brokenRule(err error, term, at string) (id, what string) {
	switch {
	case errors.Is(err, spf.ErrLookup):
		return "spf-unknown", fmt.Sprintf("the SPF record of %s, to which %s leads, could not be looked up", at, term)
	case errors.Is(err, spf.ErrLoop):
		return "spf-loop", fmt.Sprintf("the term %s leads back to %s", term, at)
	case errors.Is(err, spf.ErrTreeTooLarge):
		return "spf-too-large", fmt.Sprintf("the term %s leads to more records than can be looked at", term)
	case errors.Is(err, spf.ErrNoDomain):
		return "spf-bad-target", fmt.Sprintf("the term %s leads to %q, which cannot be a domain", term, short(at))
	case errors.Is(err, spf.ErrNoRecord):
		return "spf-include-missing", fmt.Sprintf("the term %s leads to %s, which has no SPF record", term, at)
	default:
		return "spf-include-broken", fmt.Sprintf("the term %s leads to %s, whose SPF record has a mistake (%s)", term, at, short(err.Error()))
	}
}

// brokenTree finds the first thing at or below a tree that makes a check fail, or
// nil.
func brokenTree(t *spf.Tree) (at string, err error) {
	if t.Err != nil {
		return t.Domain, t.Err
	}
	for i := range t.Branches {
		b := &t.Branches[i]
		switch {
		case !b.Reached:
		case b.Below != nil:
			if at, err := brokenTree(b.Below); err != nil {
				return at, err
			}
		case b.Err != nil && !errors.Is(b.Err, spf.ErrNoDomain):
			return t.Domain, b.Err
		}
	}
	return "", nil
}

// judgeTarget judges a term whose own look-ups went wrong.
func (s *spfJudge) judgeTarget(i int, b *spf.Branch) {
	switch {
	case errors.Is(b.Err, spf.ErrLookup):
		what := fmt.Sprintf("what the term %s stands for could not be looked up", b.Term.Text)
		s.c.add(note{id: "spf-unknown", subject: b.Target, what: what, record: s.t.Record.Text})
	case errors.Is(b.Err, spf.ErrTooManyMX):
		what := fmt.Sprintf("the term %s leads to more than %d mail servers", b.Term.Text, spf.MaxMX)
		fix := inPlaceOf(b.Term)
		if line, ok := s.offer(i, ""); ok {
			fix = line + "\n; and name the networks that send in its place, with ip4: and ip6:"
		}
		s.add("spf-too-many-mx", what, fix)
	default:
		s.add("spf-bad-target", fmt.Sprintf("the term %s names what cannot be a domain", b.Term.Text), s.without(i, inPlaceOf(b.Term)))
	}
}

func (s *spfJudge) judgeRedundant(i int, b *spf.Branch) {
	what := fmt.Sprintf("the term %s decides nothing that others do not decide", b.Term.Text)
	if b.By >= 0 {
		what = fmt.Sprintf("the term %s decides nothing that %s does not decide", b.Term.Text, s.t.Branches[b.By].Term.Text)
	}
	s.add("spf-redundant", what, s.without(i, "take "+printed(b.Term.Text)+" out"))
}

// judgeWidth looks for networks that are larger than what one sender can have.
func (s *spfJudge) judgeWidth(b *spf.Branch) {
	if !b.Reached || b.Below != nil || b.Term.Qualifier != spf.QualifierPass || b.Term.Kind == spf.KindAll {
		return
	}
	if network, wide := wideNetwork(b); wide {
		s.add("spf-wide-network", fmt.Sprintf("the term %s lets all of %s pass", b.Term.Text, network), inPlaceOf(b.Term))
	}
}

// judgeEnd judges what the record says about everybody else.
func (s *spfJudge) judgeEnd() {
	all, redirect := s.t.Record.All(), s.t.Record.Redirect()
	switch {
	case s.t.Err != nil:
	case s.everybody:
		s.add("spf-pass-all", "the networks of the SPF record together let everybody pass", s.narrow())
	case all < 0 && redirect < 0:
		s.add("spf-no-all", "", s.ending(-1))
	case all >= 0 && s.t.Default == spf.Pass:
		s.add("spf-pass-all", "", s.ending(all))
	case redirect >= 0 && s.t.Default == spf.Pass:
		s.add("spf-pass-all", "the SPF record that redirect leads to lets everybody pass", s.ending(redirect))
	case all >= 0 && s.t.Default == spf.Neutral:
		s.add("spf-neutral-all", "", s.ending(all))
	}
}

// judgeCost judges the limits, unless the tree has no end.
func (s *spfJudge) judgeCost() {
	if s.c.has("spf-loop") || s.c.has("spf-too-large") {
		return
	}
	if cost := s.t.Cost; cost.ExceedsLookups() {
		s.add("spf-too-many-lookups", fmt.Sprintf("the SPF record needs up to %d look-ups, more than %d", cost.Lookups, spf.MaxLookups), s.flat())
	}
	if s.void > spf.MaxVoidLookups {
		s.add("spf-too-many-void", fmt.Sprintf("up to %d look-ups of the SPF record bring nothing, more than %d", s.void, spf.MaxVoidLookups), s.flat())
	}
}

// voidLookups is how many look-ups bring nothing for a client that may send.
// Clients of a family of which nobody may send lose nothing by an error.
func voidLookups(t *spf.Tree) int {
	networks, exact := t.Networks(spf.Pass)
	sends := func(is func(netip.Addr) bool) bool {
		return !exact || slices.ContainsFunc(networks, func(p netip.Prefix) bool { return is(p.Addr()) })
	}
	worst := min(t.Cost.Void4, t.Cost.Void6)
	if sends(netip.Addr.Is4) {
		worst = max(worst, t.Cost.Void4)
	}
	if sends(netip.Addr.Is6) {
		worst = max(worst, t.Cost.Void6)
	}
	return worst
}
