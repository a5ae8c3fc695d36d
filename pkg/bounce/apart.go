package bounce

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// apart puts spaces around addresses of ASCII that touch a script which has none between
// words, as in "无法发送到anna@one.example的邮件": there the sentence goes on, not the address.
func apart(text string) string {
	if isASCII(text) {
		return text
	}
	var b strings.Builder
	rest := 0 // what is not yet written begins here
	write := func(end int) {
		b.WriteString(text[rest:end] + " ")
		rest = end
	}
	for at := range len(text) {
		if text[at] != '@' {
			continue
		}
		start, end := at, at+1
		for start > rest && (isPlain(text[start-1]) || strings.IndexByte("+_=", text[start-1]) >= 0) {
			start--
		}
		for end < len(text) && isPlain(text[end]) {
			end++
		}
		if before, _ := utf8.DecodeLastRuneInString(text[rest:start]); start < at && isUnspaced(before) {
			write(start)
		}
		if after, _ := utf8.DecodeRuneInString(text[end:]); isUnspaced(after) && strings.Contains(strings.Trim(text[at+1:end], "."), ".") && text[end-1] != '.' {
			write(end)
		}
	}
	return b.String() + text[rest:]
}

// isUnspaced reports whether a letter is of a script that is written without spaces
// between words, or puts endings on foreign words without one.
func isUnspaced(r rune) bool {
	return r > unicode.MaxLatin1 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai)
}
