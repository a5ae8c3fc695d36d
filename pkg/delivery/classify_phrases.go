package delivery

import (
	"fmt"
	"strings"
)

// phrases is a set of phrases that is looked for in one pass over the words of a
// text: a trie, walked from the beginning of every word.
//
// A phrase is words in lower case without punctuation. A "#" stands for one or more
// digits, a last word that ends in "*" may go on, and " + " joins phrases that must
// all be there, in whatever order.
type phrases struct {
	nodes []phraseNode // the first is no node
	// starts holds the node for the second octet of what begins with two octets.
	starts [256][256]int
	outs   [][]phraseOut // the first is empty
	// joined holds the phrases of several parts under the first of them.
	joined [][]joinedPhrase
}

type phraseNode struct {
	child, sibling int // 0 for none
	out            int // in outs
	octet          byte
}

// A phraseOut is what it means that a phrase ends here: a row of the table when
// the phrase stands alone, a part otherwise.
type phraseOut struct{ row, part int }

type joinedPhrase struct {
	row   int
	parts []int
}

// maxParts bounds the parts of joined phrases.
const maxParts = 1024

func newPhrases() *phrases {
	return &phrases{nodes: make([]phraseNode, 1), outs: make([][]phraseOut, 1), joined: make([][]joinedPhrase, 1)}
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
	text, open := strings.CutSuffix(text, "*")
	if !open {
		text += " "
	}
	at := p.child(&p.starts[text[0]][text[1]], text[1])
	for i := 2; i < len(text); i++ {
		at = p.child(&p.nodes[at].child, text[i])
	}
	if p.nodes[at].out == 0 {
		p.nodes[at].out = len(p.outs)
		p.outs = append(p.outs, nil)
	}
	end := p.nodes[at].out
	p.outs[end] = append(p.outs[end], out)
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

// child returns the node of an octet among the siblings that begin at first, which
// it adds when there is none.
func (p *phrases) child(first *int, octet byte) int {
	for *first != 0 {
		if p.nodes[*first].octet == octet {
			return *first
		}
		first = &p.nodes[*first].sibling
	}
	at := len(p.nodes)
	*first = at
	p.nodes = append(p.nodes, phraseNode{octet: octet})
	return at
}

// pack lays nodes that are looked at one after the other side by side in memory.
// It changes nothing that can be found.
func (p *phrases) pack() {
	packed := make([]phraseNode, 1, len(p.nodes))
	var place func(first int) int
	place = func(first int) int {
		if first == 0 {
			return 0
		}
		begin := len(packed)
		for at := first; at != 0; at = p.nodes[at].sibling {
			packed = append(packed, p.nodes[at])
		}
		end := len(packed)
		for at := begin; at < end; at++ {
			if packed[at].sibling != 0 {
				packed[at].sibling = at + 1
			}
			packed[at].child = place(packed[at].child)
		}
		return begin
	}
	for i := range p.starts {
		row := &p.starts[i]
		for j := range row {
			row[j] = place(row[j])
		}
	}
	p.nodes = packed
}

// find appends the row of every phrase in text, which is what [appendFolded] makes,
// to rows.
func (p *phrases) find(text []byte, rows []int) []int {
	s := phraseSearch{phrases: p, text: text, rows: rows}
	for i := 0; i+1 < len(text); {
		if start := p.starts[text[i]][text[i+1]]; start != 0 {
			s.walk(start, i+1)
		}
		if isDigit(text[i]) || isDigit(text[i+1]) {
			s.walkNumber(i)
		}
		for i < len(text) && text[i] != ' ' {
			i++
		}
		i++
	}
	for _, part := range s.touched[:s.parts] {
		for _, joined := range p.joined[part] {
			if s.hasAll(joined.parts) {
				s.rows = append(s.rows, joined.row)
			}
		}
	}
	return s.rows
}

// A phraseSearch is one pass over a text.
type phraseSearch struct {
	*phrases
	text    []byte
	rows    []int
	found   [maxParts / 64]uint64 // the parts that were found, as bits
	touched [64]int               // the same as a list; more are not looked for
	parts   int                   // in touched
}

// walkNumber tries the phrases that begin with digits, or with one octet and digits.
func (s *phraseSearch) walkNumber(i int) {
	if !isDigit(s.text[i]) {
		if start := s.starts[s.text[i]]['#']; start != 0 {
			s.walk(start, i+1)
		}
		return
	}
	end := i
	for end < len(s.text) && isDigit(s.text[end]) {
		end++
	}
	if end < len(s.text) {
		if start := s.starts['#'][s.text[end]]; start != 0 {
			s.walk(start, end)
		}
	}
}

// walk tries a node and its siblings on the octets from i on.
func (s *phraseSearch) walk(node int, i int) {
	if i == len(s.text) {
		return
	}
	octet := s.text[i]
	for node != 0 {
		n := &s.nodes[node]
		node = n.sibling
		end := i
		switch n.octet {
		case octet:
			end++
		case '#':
			for end < len(s.text) && isDigit(s.text[end]) {
				end++
			}
		}
		if end == i {
			continue
		}
		for _, out := range s.outs[n.out] {
			s.add(out)
		}
		s.walk(n.child, end)
	}
}

func (s *phraseSearch) add(out phraseOut) {
	if out.part == 0 {
		s.rows = append(s.rows, out.row)
		return
	}
	bit := uint64(1) << (out.part % 64)
	if s.found[out.part/64]&bit == 0 && s.parts < len(s.touched) {
		s.found[out.part/64] |= bit
		s.touched[s.parts] = out.part
		s.parts++
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
