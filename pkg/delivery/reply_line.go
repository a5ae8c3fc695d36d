package delivery

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A replyLine is one line of a reply taken apart.
type replyLine struct {
	code int
	last bool   // no hyphen behind the code
	text []byte // what follows the code and its separator
}

// parseReplyLine takes a line without its line end apart (RFC 5321 §4.2: three
// digits, then a hyphen, a space or nothing). It reports false for anything else.
func parseReplyLine(line []byte) (replyLine, bool) {
	if len(line) < 3 {
		return replyLine{}, false
	}
	a, b, c := line[0], line[1], line[2]
	if a < '2' || a > '5' || !isDigit(b) || !isDigit(c) {
		return replyLine{}, false
	}
	l := replyLine{code: int(a-'0')*100 + int(b-'0')*10 + int(c-'0'), last: true}
	if len(line) == 3 {
		return l, true
	}
	switch line[3] {
	case '-':
		l.last = false
	case ' ', '\t':
	default:
		return replyLine{}, false
	}
	l.text = line[4:]
	return l, true
}

// cutEnhanced takes an enhanced status code from the front of text (RFC 2034
// §4). Cisco's filters put a number sign before it, which is tolerated.
func cutEnhanced(text string) (EnhancedCode, string, bool) {
	s := strings.TrimPrefix(text, "#")
	if len(s) < len("2.0.0") || (s[0] != '2' && s[0] != '4' && s[0] != '5') || s[1] != '.' {
		return EnhancedCode{}, text, false
	}
	subject, rest, ok := cutNumber(s[2:])
	if !ok || rest == "" || rest[0] != '.' {
		return EnhancedCode{}, text, false
	}
	detail, rest, ok := cutNumber(rest[1:])
	if !ok || (rest != "" && rest[0] != ' ') {
		return EnhancedCode{}, text, false
	}
	return EnhancedCode{Class: int(s[0] - '0'), Subject: subject, Detail: detail}, strings.TrimSpace(rest), true
}

// cutNumber takes one to three digits from the front of s.
func cutNumber(s string) (int, string, bool) {
	n, i := 0, 0
	for i < len(s) && i < 3 && isDigit(s[i]) {
		n = n*10 + int(s[i]-'0')
		i++
	}
	return n, s[i:], i > 0
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// setLines makes r of the texts of its lines: the first enhanced code is taken
// for the whole reply and removed from every line that repeats it; a line with
// a different one keeps it as text.
func (r *Reply) setLines(texts [][]byte) {
	if len(texts) == 0 {
		return
	}
	r.Lines = make([]string, len(texts))
	for i := range texts {
		text := harmless(texts[i])
		if code, rest, ok := cutEnhanced(text); ok && (r.Enhanced.IsZero() || code == r.Enhanced) {
			r.Enhanced, text = code, rest
		}
		r.Lines[i] = text
	}
}

// harmless makes text from a peer safe to store and show: bytes that are not
// UTF-8 are read as Latin-1, surrounding white space goes, and what a terminal
// or a log would obey (control characters, escape sequences, changes of writing
// direction) becomes U+FFFD.
func harmless(text []byte) string {
	text = bytes.TrimSpace(text)
	if isPlain(text) {
		return string(text)
	}
	if !utf8.Valid(text) {
		latin := make([]byte, 0, 2*len(text))
		for _, c := range text {
			latin = utf8.AppendRune(latin, rune(c))
		}
		text = latin
	}
	return strings.TrimSpace(string(bytes.Map(harmlessRune, text)))
}

func harmlessRune(r rune) rune {
	switch {
	case r == '\t':
		return ' '
	case unicode.IsControl(r), isDirectional(r), r == '\u2028', r == '\u2029', r == '\ufeff':
		return utf8.RuneError
	}
	return r
}

// isDirectional reports whether r changes the direction of the text around it
// (UAX #9 §2), with which one text can be made to look like another.
func isDirectional(r rune) bool {
	return '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069' ||
		r == '\u200e' || r == '\u200f' || r == '\u061c'
}

// isPlain reports whether text is printable ASCII.
func isPlain(text []byte) bool {
	for _, c := range text {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}
