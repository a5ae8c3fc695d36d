package delivery

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxWords bounds the octets of a reply that are looked at for phrases.
const maxWords = 8 << 10

// words returns text in lower case with one space between and behind its words
// and nothing else.
func words(text string) string {
	b := make([]byte, 0, len(text)+1)
	b, _ = appendWords(b, nil, text, false)
	return string(b)
}

// spokenWords returns the words of text twice: all of them, and those that
// somebody says, without addresses and URLs. What stands in an address or a URL
// is no statement: a person may be called Spam, and a page be named after blocking.
func spokenWords(text string, all, spoken []byte) (allWords, spokenOnly []byte) {
	if len(text) > maxWords {
		text = text[:maxWords]
	}
	if !strings.ContainsAny(text, "@/") {
		all, _ = appendWords(all, nil, text, false)
		return all, all
	}
	return appendWords(all, spoken, text, true)
}

// appendWords appends the words of text to all and, when they are to be split,
// those outside of addresses and URLs to spoken.
func appendWords(all, spoken []byte, text string, split bool) (allWords, spokenOnly []byte) {
	if !split {
		return appendFolded(all, text), spoken
	}
	for text != "" {
		end, reference := cutChunk(text)
		before := len(all)
		all = appendFolded(all, text[:end])
		if !reference {
			spoken = append(spoken, all[before:]...)
		}
		text = text[end:]
	}
	return all, spoken
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
