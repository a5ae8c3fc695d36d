package check

import (
	"errors"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/spf"
)

// A record is only offered for publishing when receivers can read it, and when
// somebody passes by it who was meant to: else the fix says in words what to do.

// offer is the line that publishes the record with another text in place of a term,
// or at its end when i is -1, and with all that is misspelt mended. A record that
// would end without all or redirect gets "~all". It is not ok when there is no such
// record that may be published.
func (s *spfJudge) offer(i int, text string) (line string, ok bool) {
	if i >= 0 && text == "" && s.mended[i] != s.t.Record.Terms[i].Text {
		i = -1 // it is not what is there that was meant
	}
	terms := slices.Clone(s.mended)
	if i >= 0 {
		terms[i] = text
	} else {
		terms = append(terms, text)
	}
	return s.offerTerms(terms)
}

// offerTerms is the line that publishes a record of the terms, of which the first
// ones are those of the record as it is; an empty one is left out.
func (s *spfJudge) offerTerms(terms []string) (line string, ok bool) {
	text := recordOf(terms)
	record, err := spf.Parse(text)
	if err != nil || !s.told {
		return "", false
	}
	o := offer{record: record, reached: make([]bool, len(record.Terms)), passes: s.closed}
	for _, i := range record.Reached() {
		o.reached[i] = true
	}
	all := s.t.Record.All()
	for i, text := range terms {
		for range strings.FieldsSeq(text) {
			if i < len(s.live) && text == s.t.Record.Terms[i].Text {
				o.addKnown(s.t.Record.Terms[i], s.live[i], s.fatal[i], i == all)
			} else {
				o.addMended()
			}
		}
	}
	if record.All() < 0 && record.Redirect() < 0 {
		text += " ~all"
	}
	known := s.t.Cost.Lookups
	tooMany := o.lookups > 0 && known <= spf.MaxLookups && known+o.lookups > spf.MaxLookups
	passes := o.passes || o.redirects && !o.ended && !o.refuses
	return txtLine(spfPlace(s.t), text), passes && !o.loses && !tooMany
}

// An offer is what becomes of a record as its terms are gone through.
type offer struct {
	record  spf.Record
	reached []bool // terms of the record
	next    int    // the term that comes next
	lookups int    // that the mended terms cost at least
	passes  bool   // somebody passes
	loses   bool   // a term that somebody passes by is no longer reached
	ended   bool   // a receiver comes no further, because of an error
	refuses bool   // somebody was refused, and perhaps those whom later terms name

	redirects bool // to a record by which somebody passes; it is gone to in the end (RFC 7208 §6.1)
}

// addKnown goes on with a term that is as it was.
func (o *offer) addKnown(term spf.Term, live, fatal, isEnd bool) {
	switch {
	case !o.reached[o.next]:
		o.loses = o.loses || live || isEnd // it stands behind an all that was mended
	case fatal:
		o.ended = true
	case live && term.Kind == spf.KindRedirect:
		o.redirects = true
	case live:
		o.passes = o.passes || !o.ended
	case term.Kind.IsMechanism() && term.Kind != spf.KindAll && term.Qualifier != spf.QualifierPass:
		o.refuses = true
	}
	o.next++
}

// addMended goes on with a term of which nothing was looked up.
func (o *offer) addMended() {
	term := o.record.Terms[o.next]
	if o.reached[o.next] {
		if term.Kind.CostsLookup() {
			o.lookups++
		}
		o.redirects = o.redirects || term.Kind == spf.KindRedirect
		o.passes = o.passes || term.Kind != spf.KindRedirect && isSender(term) && !o.ended && !o.refuses
	}
	o.next++
}

// recordOf writes a record of the terms that are not empty.
func recordOf(terms []string) string {
	var text strings.Builder
	text.WriteString(spf.Version)
	for _, term := range terms {
		if term != "" {
			text.WriteString(" " + term)
		}
	}
	return text.String()
}

// isSender reports whether a term is there to let somebody pass.
func isSender(term spf.Term) bool {
	return term.Kind == spf.KindRedirect || term.Kind.IsMechanism() && term.Kind != spf.KindAll && term.Qualifier == spf.QualifierPass
}

// isClosed reports whether a record says on purpose that nobody sends: it has no
// term that is there to let somebody pass, and refuses everybody.
func isClosed(record spf.Record) bool {
	all := record.All()
	if all < 0 || slices.ContainsFunc(record.Terms, isSender) {
		return false
	}
	q := record.Terms[all].Qualifier
	return q == spf.QualifierFail || q == spf.QualifierSoftFail
}

// isOffered reports whether a record of no known domain may be published.
func isOffered(text string) bool {
	record, err := spf.Parse(text)
	return err == nil && (isClosed(record) || slices.ContainsFunc(record.Reached(), func(i int) bool { return isSender(record.Terms[i]) }))
}

// isLive reports whether somebody may pass by a term as things are.
func isLive(b *spf.Branch) bool {
	networks, exact := b.Networks()
	return b.Reached && isSender(b.Term) && !b.Redundant && (len(networks) > 0 || !exact)
}

// isFatal reports whether a term makes a check end with an error for good.
func isFatal(b *spf.Branch) bool {
	if !b.Reached {
		return false
	}
	err := b.Err
	if b.Below != nil {
		_, err = brokenTree(b.Below)
	}
	return err != nil && !errors.Is(err, spf.ErrLookup) && !errors.Is(err, spf.ErrNoDomain)
}

// inPlaceOf says in words what to do about a term of which nothing better is known.
func inPlaceOf(term spf.Term) string {
	return "name the servers that send, with ip4: and ip6:, in place of " + printed(term.Text)
}

// printed is a stranger's text in words.
func printed(text string) string { return strings.Map(visible, short(text)) }
