package message

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// Lengths of RFC 2047 §2: an encoded word has at most 75 octets, a line with one
// at most 76.
const (
	maxEncodedWord = 75
	maxEncodedLine = 76
)

const (
	wordStartQ = "=?UTF-8?Q?"
	wordStartB = "=?UTF-8?B?"
	wordEnd    = "?="
)

// encodeWords returns text as encoded words with spaces between them (RFC 2047).
// They may stand in running text and as a display name. used is how much of the
// first line is taken. No character is divided between two words. The shorter of
// the two encodings is taken: Q for mostly ASCII, B for other scripts.
func encodeWords(text string, used int) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	start, cost := wordStartQ, costQ
	if b := base64.StdEncoding.EncodedLen(len(text)); b < totalQ(text) {
		start, cost = wordStartB, nil
	}
	var out strings.Builder
	room := min(maxEncodedLine-used, maxEncodedWord)
	for text != "" {
		n := fitting(text, room-len(start)-len(wordEnd), cost)
		if out.Len() > 0 {
			out.WriteByte(' ')
		}
		out.WriteString(start)
		if cost == nil {
			out.WriteString(base64.StdEncoding.EncodeToString([]byte(text[:n])))
		} else {
			writeQ(&out, text[:n])
		}
		out.WriteString(wordEnd)
		text = text[n:]
		room = maxEncodedWord
	}
	return out.String()
}

// fitting returns how many octets of text, whole characters and at least one,
// fit into room once encoded. A nil cost means base64.
func fitting(text string, room int, cost func(byte) int) int {
	size, n := 0, 0
	for n < len(text) {
		_, width := utf8.DecodeRuneInString(text[n:])
		if cost == nil {
			size = base64.StdEncoding.EncodedLen(n + width)
		} else {
			for i := range width {
				size += cost(text[n+i])
			}
		}
		if size > room && n > 0 {
			break
		}
		n += width
	}
	return n
}

// costQ returns how many octets the Q encoding takes for c. Only what may stand
// in a display name as well is left as it is (RFC 2047 §5, rule 3).
func costQ(c byte) int {
	switch {
	case c == ' ', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
		c == '!', c == '*', c == '+', c == '-', c == '/':
		return 1
	}
	return 3
}

func totalQ(text string) int {
	n := 0
	for i := range len(text) {
		n += costQ(text[i])
	}
	return n
}

func writeQ(out *strings.Builder, text string) {
	const hex = "0123456789ABCDEF"
	for i := range len(text) {
		switch c := text[i]; {
		case c == ' ':
			out.WriteByte('_')
		case costQ(c) == 1:
			out.WriteByte(c)
		default:
			out.WriteByte('=')
			out.WriteByte(hex[c>>4])
			out.WriteByte(hex[c&15])
		}
	}
}
