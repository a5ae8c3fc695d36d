package delivery

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// A textRow is one row of data/text.json: phrases that tell a reason. A row is
// worth more than those below it.
type textRow struct {
	Reason Reason `json:"reason"`
	// Class, when it is not 0, is the first digit the reply must have.
	Class int `json:"class"`
	// Phrases are whole words of a reply in lower case, without punctuation; a
	// last word that ends in "*" may go on.
	Phrases []string `json:"phrases"`
}

// phrases finds the rows of data/text.json whose phrases a text contains.
type phrases struct {
	rows []textRow
	// index maps the first octets of a phrase to the phrases that begin so.
	index map[phraseStart][]phrase
}

// A phrase is one phrase of a row, as it stands in the result of [words].
type phrase struct {
	text string
	row  int
}

type phraseStart [3]byte

func readText() (phrases, error) {
	p := phrases{index: map[phraseStart][]phrase{}}
	err := readData("data/text.json", &p.rows)
	for i, row := range p.rows {
		for _, text := range row.Phrases {
			text, open := strings.CutSuffix(text, "*")
			if !open {
				text += " "
			}
			if len(text) < len(phraseStart{}) {
				err = errors.Join(err, fmt.Errorf("data/text.json: phrase %q is too short", text))
				continue
			}
			start := phraseStart([]byte(text[:3]))
			p.index[start] = append(p.index[start], phrase{text, i})
		}
	}
	return p, err
}

// match finds the first row with a phrase that the reply contains.
func (p *phrases) match(r Reply, class Class) (Reason, bool) {
	text := words(r.Text())
	best := len(p.rows)
	for rest := text; len(rest) >= len(phraseStart{}); {
		for _, candidate := range p.index[phraseStart([]byte(rest[:3]))] {
			if candidate.row < best && strings.HasPrefix(rest, candidate.text) && p.rows[candidate.row].fits(class) {
				best = candidate.row
			}
		}
		_, rest, _ = strings.Cut(rest, " ")
	}
	if best == len(p.rows) {
		return "", false
	}
	return p.rows[best].Reason, true
}

// fits reports whether a row is about replies of a class.
func (row *textRow) fits(class Class) bool {
	switch row.Class {
	case 4:
		return class == ClassTemporary
	case 5:
		return class == ClassPermanent
	}
	return true
}

// words returns text in lower case with one space between and behind its words
// and nothing else.
func words(text string) string {
	var b strings.Builder
	b.Grow(len(text) + 1)
	space := true
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			b.WriteRune(unicode.ToLower(r))
			space = false
		} else if !space {
			b.WriteByte(' ')
			space = true
		}
	}
	if !space {
		b.WriteByte(' ')
	}
	return b.String()
}
