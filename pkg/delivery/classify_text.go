package delivery

import (
	"strings"
	"unicode"
)

// A textRow is one row of data/text.json: phrases that tell a reason. The rows
// are tried in the order of the file.
type textRow struct {
	Reason Reason `json:"reason"`
	// Class, when it is not 0, is the first digit the reply must have.
	Class int `json:"class"`
	// Phrases are whole words of a reply in lower case, without punctuation; a
	// last word that ends in "*" may go on.
	Phrases []string `json:"phrases"`
}

func readText() ([]textRow, error) {
	var rows []textRow
	err := readData("data/text.json", &rows)
	for _, row := range rows {
		for i, phrase := range row.Phrases {
			row.Phrases[i] = bounded(phrase)
		}
	}
	return rows, err
}

// bounded puts the word boundaries around a phrase that [words] puts around the
// words of a text.
func bounded(phrase string) string {
	if open, ok := strings.CutSuffix(phrase, "*"); ok {
		return " " + open
	}
	return " " + phrase + " "
}

// matchText finds the first row with a phrase that the reply contains.
func (t *tables) matchText(r Reply, class Class) (Reason, bool) {
	text := words(r.Text())
	if text == " " {
		return "", false
	}
	for _, row := range t.text {
		if row.Class == 4 && class != ClassTemporary || row.Class == 5 && class != ClassPermanent {
			continue
		}
		for _, phrase := range row.Phrases {
			if strings.Contains(text, phrase) {
				return row.Reason, true
			}
		}
	}
	return "", false
}

// words returns text in lower case with one space before, between and behind its
// words and nothing else.
func words(text string) string {
	var b strings.Builder
	b.Grow(len(text) + 2)
	b.WriteByte(' ')
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
