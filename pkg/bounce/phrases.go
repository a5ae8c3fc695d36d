package bounce

import "strings"

// A phraseIndex finds which of many phrases are in a text. Phrases are words in
// lower case without punctuation. One that ends in "*" may go on inside its last
// word, one that begins with "*" may begin inside its first: so are scripts
// matched that put no spaces between words.
type phraseIndex struct {
	starts [][]phrase  // those that begin where a word does, by startOf
	inside [2][]phrase // of ASCII, and the others
}

// Phrases are sorted by their first octets into as many lists.
const (
	startOctets = 3
	startLists  = 1 << 12
)

// startOf returns the list of phrases that begin as a text does.
func startOf(text string) int {
	return (int(text[0]) ^ int(text[1])<<4 ^ int(text[2])<<7) % startLists
}

// A phrase is one phrase of a row, with a space behind its last word if that ends
// there.
type phrase struct {
	text string
	row  int
}

// add puts the phrases of a row into the index.
func (x *phraseIndex) add(row int, phrases []string) {
	for _, text := range phrases {
		text, open := strings.CutSuffix(text, "*")
		text, within := strings.CutPrefix(text, "*")
		if !open {
			text += " "
		}
		if within || len(text) < startOctets {
			list := &x.inside[0]
			if !isASCII(text) {
				list = &x.inside[1]
			}
			*list = append(*list, phrase{text, row})
			continue
		}
		if x.starts == nil {
			x.starts = make([][]phrase, startLists)
		}
		start := startOf(text)
		x.starts[start] = append(x.starts[start], phrase{text, row})
	}
}

// match calls hit with the row and the place of every phrase in a text that
// [words] made, until hit returns false.
func (x *phraseIndex) match(text string, hit func(row, at int) bool) {
	for i, list := range x.inside {
		if len(list) == 0 || i == 1 && isASCII(text) {
			continue
		}
		for _, p := range list {
			if at := strings.Index(text, p.text); at >= 0 && !hit(p.row, at) {
				return
			}
		}
	}
	for at := 1; at < len(text) && x.starts != nil; {
		if rest := text[at:]; len(rest) >= startOctets {
			for _, p := range x.starts[startOf(rest)] {
				if strings.HasPrefix(rest, p.text) && !hit(p.row, at) {
					return
				}
			}
		}
		next := strings.IndexByte(text[at:], ' ')
		if next < 0 {
			return
		}
		at += next + 1
	}
}

// first returns the first row that has a phrase in a text, and whether one has.
func (x *phraseIndex) first(text string) (int, bool) {
	first := -1
	x.match(text, func(row, _ int) bool {
		if first < 0 || row < first {
			first = row
		}
		return true
	})
	return first, first >= 0
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}
