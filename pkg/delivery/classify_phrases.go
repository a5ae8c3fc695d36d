package delivery

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"
)

// phrases is a set of phrases that is looked for in one pass over a text: a trie of
// words, walked from every word on.
//
// A phrase is words in lower case without punctuation. A "#" stands for one or more
// digits, a last word that ends in "*" may go on, and " + " joins phrases that must
// all be there, in whatever order.
type phrases struct {
	vocabulary *vocabulary
	steps      map[phraseStep]phraseNode
	last       phraseNode    // that was added
	outs       [][]phraseOut // by node
	// joined holds the phrases of several parts under the first of them.
	joined [][]joinedPhrase // the first is empty
	// table holds the steps where they are found fastest; see [phrases.pack]. Its length
	// is 2^bits.
	table []packedStep
	bits  int
}

// A phraseNode is a place in the trie. 0 is its root, to which nothing leads.
type phraseNode uint32

// A phraseStep is a word that leads on from a node.
type phraseStep struct {
	from phraseNode
	word wordID
}

// A packedStep is a step and where it leads.
type packedStep struct {
	phraseStep
	to   phraseNode
	ends bool // a phrase ends there
}

// A phraseOut is what it means that a phrase ends here: a row of the table when
// the phrase stands alone, a part otherwise.
type phraseOut struct{ row, part int }

type joinedPhrase struct {
	row   int
	parts []int
}

// maxParts bounds the parts of joined phrases.
const maxParts = 2048

func newPhrases() *phrases {
	return &phrases{
		vocabulary: newVocabulary(), steps: map[phraseStep]phraseNode{},
		outs: make([][]phraseOut, 1), joined: make([][]joinedPhrase, 1),
	}
}

// addAll makes each of several phrases mean a row.
func (p *phrases) addAll(phrases []string, row int) error {
	var failed error
	for _, phrase := range phrases {
		failed = errors.Join(failed, p.add(phrase, row))
	}
	return failed
}

// add makes a phrase mean a row.
func (p *phrases) add(phrase string, row int) error {
	texts := strings.Split(phrase, " + ")
	if len(texts) == 1 {
		return p.insert(phrase, phraseOut{row: row, part: 0})
	}
	joined := joinedPhrase{row: row}
	for _, text := range texts {
		part := len(p.joined)
		if part >= maxParts {
			return fmt.Errorf("more than %d parts of phrases", maxParts)
		}
		p.joined = append(p.joined, nil)
		joined.parts = append(joined.parts, part)
		if err := p.insert(text, phraseOut{row: -1, part: part}); err != nil {
			return err
		}
	}
	p.joined[joined.parts[0]] = append(p.joined[joined.parts[0]], joined)
	return nil
}

// insert adds one part of a phrase.
func (p *phrases) insert(text string, out phraseOut) error {
	if err := checkPhrase(text); err != nil {
		return err
	}
	if strings.ContainsFunc(text, standsAlone) {
		text = strings.TrimSuffix(words(text), " ")
	}
	at := phraseNode(0)
	for word := range strings.SplitSeq(text, " ") {
		step := phraseStep{at, p.vocabulary.add(word)}
		if at = p.steps[step]; at == 0 {
			p.last++
			at = p.last
			p.outs = append(p.outs, nil)
			p.steps[step] = at
		}
	}
	p.outs[at] = append(p.outs[at], out)
	return nil
}

// checkPhrase looks whether a phrase is written as the words it is compared with.
func checkPhrase(text string) error {
	if strings.ContainsFunc(text, standsAlone) {
		return nil
	}
	plain := strings.TrimSuffix(strings.ReplaceAll(text, "#", "0"), "*")
	if want := strings.TrimSuffix(words(plain), " "); want != plain || len(want) < 2 {
		return fmt.Errorf("the phrase %q can match nothing, %q might", text, want)
	}
	return nil
}

// pack makes the phrases that were added findable, once all of them were.
func (p *phrases) pack() {
	p.vocabulary.pack()
	const room = 2 // places for a step, so that few have to move on
	p.bits = bits.Len(uint(room * len(p.steps)))
	p.table = make([]packedStep, 1<<p.bits)
	for step, to := range p.steps {
		*p.place(step) = packedStep{step, to, p.outs[to] != nil}
	}
}

// place returns where in the table a step is, or belongs: where its hash says, or in
// the first free place behind.
func (p *phrases) place(s phraseStep) *packedStep {
	const golden = 0x9e3779b97f4a7c15 // 2⁶⁴ divided by the golden ratio scatters numbers well
	last := uint64(1)<<p.bits - 1
	for i := (uint64(s.from)<<32 | uint64(s.word)) * golden >> (64 - p.bits); ; i = (i + 1) & last {
		if at := &p.table[i]; at.phraseStep == s || at.to == 0 {
			return at
		}
	}
}

// A phraseSearch is the room for passes over texts.
type phraseSearch struct {
	ids     []wordID              // of the text
	words   []wordIDs             // of the text
	found   [maxParts / 64]uint64 // the parts that were found, as bits
	touched []int                 // the same as a list
	rows    []int
}

// find returns the row of every phrase in a text, of which the words were looked up
// in the vocabulary. What it returns is good until s is used again.
func (p *phrases) find(ids []wordID, words []wordIDs, s *phraseSearch) []int {
	s.ids, s.words, s.touched, s.rows = ids, words, s.touched[:0], s.rows[:0]
	clear(s.found[:])
	for word := range words {
		p.walk(s, 0, word)
	}
	for _, part := range s.touched {
		for _, joined := range p.joined[part] {
			if s.hasAll(joined.parts) {
				s.rows = append(s.rows, joined.row)
			}
		}
	}
	return s.rows
}

// walk follows the words of a text from one of them on.
func (p *phrases) walk(s *phraseSearch, from phraseNode, word int) {
	at := s.words[word]
	for _, id := range s.ids[at.begin:at.end] {
		step := p.place(phraseStep{from, id})
		if step.ends {
			s.add(p.outs[step.to])
		}
		if step.to != 0 && word+1 < len(s.words) {
			p.walk(s, step.to, word+1)
		}
	}
}

func (s *phraseSearch) add(outs []phraseOut) {
	for _, out := range outs {
		if out.part == 0 {
			s.rows = append(s.rows, out.row)
			continue
		}
		bit := uint64(1) << (out.part % 64)
		if s.found[out.part/64]&bit == 0 {
			s.found[out.part/64] |= bit
			s.touched = append(s.touched, out.part)
		}
	}
}

func (s *phraseSearch) hasAll(parts []int) bool {
	for _, part := range parts {
		if s.found[part/64]&(1<<(part%64)) == 0 {
			return false
		}
	}
	return true
}
