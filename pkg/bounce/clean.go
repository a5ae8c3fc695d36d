package bounce

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText bounds a text of a [Report].
const maxText = 2000

// clean makes text from a message safe to store and show: white space becomes
// one space, and what a terminal would obey becomes U+FFFD.
func clean(text string) string {
	var b strings.Builder
	space := false
	for _, r := range text {
		if b.Len() >= maxText {
			break
		}
		if unicode.IsSpace(r) {
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) {
			r = utf8.RuneError
		}
		b.WriteRune(r)
	}
	return b.String()
}

// words returns text in lower case with one space between and around its words
// and nothing else, for phrases to be looked for. An apostrophe ends a word.
func words(text string) string {
	var b strings.Builder
	b.Grow(len(text) + 2)
	b.WriteByte(' ')
	space := true
	for i, r := range text {
		if r < utf8.RuneSelf {
			c := text[i]
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			word := 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
			if !word && space {
				continue
			}
			if space = !word; space {
				c = ' '
			}
			b.WriteByte(c)
			continue
		}
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
