package delivery

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// words returns text in lower case with one space between and behind its words
// and nothing else.
func words(text string) string {
	return string(appendFolded(make([]byte, 0, len(text)+1), text))
}

// cutChunk returns where the first chunk of text ends, behind the octet that can
// stand in no address and no URL, and whether it is one of these.
func cutChunk(text string) (end int, reference bool) {
	at, slash, dot := false, false, false
	for i := range len(text) {
		switch text[i] {
		case ' ', '<', '>', '(', ')', '[', ']', '"', ',', ';':
			return i + 1, at || slash && dot
		case ':':
			if !strings.HasPrefix(text[i:], "://") {
				return i + 1, at || slash && dot
			}
			dot = true
		case '@':
			at = at || i > 0 && i+1 < len(text) && text[i+1] != ' '
		case '/':
			slash = true
		case '.':
			dot = dot || slash || i+1 < len(text) && text[i+1] != ' '
		}
	}
	return len(text), at || slash && dot
}

// foldedASCII holds the lower case of letters and digits, and 0 for the rest.
var foldedASCII = func() (table [utf8.RuneSelf]byte) {
	for c := range table {
		switch {
		case 'A' <= c && c <= 'Z':
			table[c] = byte(c) + 'a' - 'A'
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			table[c] = byte(c)
		}
	}
	return table
}()

// standsAlone reports whether a character belongs to a script without spaces between
// words, where each character counts as one.
func standsAlone(r rune) bool {
	return r >= 0x1100 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// appendFolded appends the words of text in lower case, each with a space behind it.
func appendFolded(b []byte, text string) []byte {
	start := len(b) // of the word that b ends with
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			i++
			if folded := foldedASCII[c]; folded != 0 {
				b = append(b, folded)
			} else if c != '\'' || !goesOn(text[i:]) {
				b, start = endWord(b, start)
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		switch {
		case standsAlone(r):
			b, start = endWord(b, start)
			b, start = endWord(utf8.AppendRune(b, r), start)
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			b = utf8.AppendRune(b, unicode.ToLower(r))
		case r != '’':
			b, start = endWord(b, start)
		}
	}
	b, _ = endWord(b, start)
	return b
}

// endWord appends a space to a word that is not empty, and returns where the next
// one begins.
func endWord(b []byte, start int) (with []byte, next int) {
	if len(b) > start {
		b = append(b, ' ')
	}
	return b, len(b)
}

// goesOn reports whether a word goes on behind an apostrophe, as in doesn't, of
// which doesnt becomes.
func goesOn(text string) bool {
	return text != "" && text[0] < utf8.RuneSelf && foldedASCII[text[0]] != 0
}
