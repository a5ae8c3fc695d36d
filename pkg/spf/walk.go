package spf

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Bounds of a walk. Receivers stop after 10 look-ups; what is beyond is shown as
// far as it helps to mend it.
const (
	maxQuestions = 400 // that are asked
	maxTrees     = 200 // records, each as often as it is included
	maxDepth     = 16  // records on the way to one
)

// Walk looks at the policy of a domain and everything below it. All questions
// that do not depend on each other are asked at once, each only once.
func Walk(ctx context.Context, r delivery.Resolver, domain string) *Tree {
	w := walk{answers: make(map[delivery.Question]delivery.Answer)}
	for {
		tree := w.root(domain)
		questions := w.missing
		if len(questions) == 0 {
			tree.settle()
			return tree
		}
		for i, answer := range delivery.LookupAll(ctx, r, questions...) {
			w.answers[questions[i]] = answer
		}
	}
}

// A walk builds the tree from what is known, and notes what is not.
type walk struct {
	answers map[delivery.Question]delivery.Answer
	missing []delivery.Question // that the next wave asks
	trees   int
	named   bool // the names of the client were asked for on the way
}

// root builds the whole tree.
func (w *walk) root(domain string) *Tree {
	w.missing, w.trees, w.named = nil, 0, false
	if ascii, err := delivery.DNSName(domain); err == nil {
		domain = ascii
	}
	tree := w.tree(domain, nil)
	if canHavePolicy(domain) {
		if retired, ok := w.known(domain, delivery.TypeSPF); ok {
			tree.Retired = retired.Texts()
		}
	}
	return tree
}

// known returns an answer, or notes that the question has to be asked.
func (w *walk) known(name string, qtype uint16) (delivery.Answer, bool) {
	q := delivery.Question{Name: name, Type: qtype}
	if answer, ok := w.answers[q]; ok {
		return answer, true
	}
	if !slices.Contains(w.missing, q) && len(w.answers)+len(w.missing) < maxQuestions {
		w.missing = append(w.missing, q)
	}
	return delivery.Answer{}, false
}

// tree builds the tree of a domain; path are the domains above it.
func (w *walk) tree(domain string, path []string) *Tree {
	t := &Tree{Domain: domain, Default: Neutral, sets: make(map[Status]addrSet)}
	w.trees++
	switch {
	case slices.Contains(path, domain):
		t.Err = fmt.Errorf("%s: %w", domain, ErrLoop)
		t.Cost.Lookups = MaxLookups // it never ends
		return t
	case w.trees > maxTrees || len(path) >= maxDepth:
		t.Err, t.Incomplete = ErrTreeTooLarge, true
		return t
	case !canHavePolicy(domain):
		t.Err = fmt.Errorf("%q is %w", shorten(domain), ErrNoDomain)
		return t
	}
	answer, ok := w.known(domain, delivery.TypeTXT)
	if !ok {
		t.Err, t.Incomplete = ErrTreeTooLarge, true
		return t
	}
	t.Answer = answer
	if t.read(); t.Err == nil || len(t.Texts) == 1 {
		w.grow(t, append(slices.Clip(path), domain))
	}
	return t
}

// read finds the record among the TXT records.
func (t *Tree) read() {
	for _, text := range t.Answer.Texts() {
		switch {
		case IsRecord(text):
			t.Texts = append(t.Texts, text)
		case isSimilar(text):
			t.Similar = append(t.Similar, text)
		}
	}
	t.Size = sizeOf(t.Answer, t.Texts)
	switch {
	case t.Answer.Unknown():
		t.Err, t.Incomplete = lookupError(t.Answer), true
	case len(t.Texts) == 0:
		t.Err = fmt.Errorf("%w at %s", ErrNoRecord, t.Domain)
	case len(t.Texts) > 1:
		t.Err = fmt.Errorf("%w at %s", ErrSeveralRecords, t.Domain)
	default:
		t.Record, t.Err = Parse(t.Texts[0])
	}
}

// isSimilar reports whether a TXT record that is no SPF record looks as if it was
// meant to be one.
func isSimilar(text string) bool {
	squeezed := strings.ToLower(strings.NewReplacer(" ", "", `"`, "", "'", "", "\t", "").Replace(text[:min(len(text), 40)]))
	return strings.HasPrefix(squeezed, "v=spf") || strings.HasPrefix(squeezed, "spf1") || strings.HasPrefix(squeezed, "v:spf")
}

func sizeOf(answer delivery.Answer, texts []string) Size {
	const header, question, record = 12, 2 + 4, 12
	s := Size{Combined: len(answer.Name), Message: header + len(answer.Name) + question}
	if len(texts) == 1 {
		s.Record = len(texts[0])
	}
	for _, alias := range answer.Chain {
		s.Message += record + len(alias.To) + 2
	}
	for _, strs := range answer.TextStrings() {
		s.Message += record
		for _, str := range strs {
			s.Combined += len(str)
			s.Message += 1 + len(str)
		}
	}
	return s
}

// grow adds the branches and sums up what they cost.
func (w *walk) grow(t *Tree, path []string) {
	for _, term := range t.Record.Terms {
		b := Branch{Term: term, By: -1, exact: true}
		if term.Err != nil {
			b.Err = term.Err
		}
		t.Branches = append(t.Branches, b)
	}
	for _, i := range t.Record.Reached() {
		b := &t.Branches[i]
		b.Reached = true
		w.follow(t.Domain, b, path)
		t.Cost = t.Cost.plus(b.Cost)
		t.Incomplete = t.Incomplete || b.Below != nil && b.Below.Incomplete || b.incomplete()
	}
}

// incomplete reports whether something of the branch's own could not be told.
func (b *Branch) incomplete() bool {
	return slices.ContainsFunc(b.Answers, couldNotTell) || b.missed()
}

// missed reports whether something was not looked up, because there is too much.
func (b *Branch) missed() bool {
	return !b.Dynamic && b.Target != "" && b.Below == nil && len(b.Answers) == 0 && b.Err == nil && b.Term.Kind != KindPTR
}
