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
	nodes []phraseNode
	first [256]int32 // the root's children
	// joined holds the phrases of several parts under the first of them.
	joined [][]joinedPhrase
}

type phraseNode struct {
	octet          byte
	child, sibling int32 // 0 for none
	outs           []phraseOut
}

// A phraseOut is what it means that a phrase ends here: a row of the table when
// the phrase stands alone, a part otherwise.
type phraseOut struct{ row, part int32 }

type joinedPhrase struct {
	row   int32
	parts []int32
}

// maxParts bounds the parts of joined phrases.
const maxParts = 1024

func newPhrases() *phrases {
	return &phrases{nodes: make([]phraseNode, 1), joined: make([][]joinedPhrase, 1)}
}

// add makes a phrase mean a row.
func (p *phrases) add(phrase string, row int) error {
	texts := strings.Split(phrase, " + ")
	if len(texts) == 1 {
		return p.insert(phrase, phraseOut{row: int32(row), part: 0})
	}
	joined := joinedPhrase{row: int32(row)}
	for _, text := range texts {
		part := int32(len(p.joined))
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
	node := &p.first[text[0]]
	for i := range len(text) {
		for *node != 0 && p.nodes[*node].octet != text[i] {
			node = &p.nodes[*node].sibling
		}
		if *node == 0 {
			*node = int32(len(p.nodes))
			at := *node
			p.nodes = append(p.nodes, phraseNode{octet: text[i]})
			if i == len(text)-1 {
				p.nodes[at].outs = append(p.nodes[at].outs, out)
				return nil
			}
			node = &p.nodes[at].child
			continue
		}
		if i == len(text)-1 {
			p.nodes[*node].outs = append(p.nodes[*node].outs, out)
			return nil
		}
		node = &p.nodes[*node].child
	}
	return nil
}

// find calls found with the row of every phrase in text, which is what
// [appendFolded] makes.
func (p *phrases) find(text []byte, found func(row int)) {
	s := phraseSearch{phrases: p, text: text, found: found}
	for i := 0; i < len(text); {
		s.walk(p.first[text[i]], i)
		if isDigit(text[i]) {
			s.walk(p.first['#'], i)
		}
		for i < len(text) && text[i] != ' ' {
			i++
		}
		i++
	}
	for _, part := range s.touched {
		for _, joined := range p.joined[part] {
			if s.hasAll(joined.parts) {
				found(int(joined.row))
			}
		}
	}
}

// A phraseSearch is one pass over a text.
type phraseSearch struct {
	*phrases
	text    []byte
	found   func(row int)
	parts   [maxParts / 64]uint64
	touched []int32
}

// walk tries a node and its siblings on the octets from i on.
func (s *phraseSearch) walk(node int32, i int) {
	if i == len(s.text) {
		return
	}
	for ; node != 0; node = s.nodes[node].sibling {
		n := &s.nodes[node]
		end := i
		switch {
		case n.octet == s.text[i]:
			end++
		case n.octet == '#':
			for end < len(s.text) && isDigit(s.text[end]) {
				end++
			}
		}
		if end == i {
			continue
		}
		for _, out := range n.outs {
			s.out(out)
		}
		s.walk(n.child, end)
	}
}

func (s *phraseSearch) out(out phraseOut) {
	if out.part == 0 {
		s.found(int(out.row))
		return
	}
	bit := uint64(1) << (out.part % 64)
	if s.parts[out.part/64]&bit == 0 {
		s.parts[out.part/64] |= bit
		s.touched = append(s.touched, out.part)
	}
}

func (s *phraseSearch) hasAll(parts []int32) bool {
	for _, part := range parts {
		if s.parts[part/64]&(1<<(part%64)) == 0 {
			return false
		}
	}
	return true
}

// checkPhrase looks whether a phrase is written as the words it is compared with.
func checkPhrase(text string) error {
	if strings.ContainsFunc(text, standsAlone) {
		return nil
	}
	plain := strings.TrimSuffix(strings.ReplaceAll(text, "#", "0"), "*")
	if want := strings.TrimSuffix(words(plain), " "); want != plain || want == "" {
		return fmt.Errorf("the phrase %q can match nothing, %q might", text, want)
	}
	return nil
}
