package spf

import (
	"fmt"
	"strconv"
	"strings"
)

// A Macro is a macro-string of RFC 7208 §7: text in which parts are replaced by
// what is known of the client. The zero Macro is empty.
type Macro struct {
	text  string
	parts []macroPart
}

// A macroPart is literal text, or one %{…} when letter is set.
type macroPart struct {
	literal    string // what %%, %_ and %- stand for is literal too
	escape     bool   // literal is one of these three
	letter     byte   // lower-case, or 0
	urlEscape  bool   // the letter was upper-case (§7.3)
	digits     int    // how many parts to keep, from the right; 0 means all
	reverse    bool
	delimiters string // "." unless others are given
}

const macroDelimiters = ".-+,/_="

// macroScope says which letters may stand where.
type macroScope int

const (
	inDomain macroScope = iota // s l o d i p v h
	inText                     // c r t too (§7.2: only in the text that exp leads to); unknown modifiers may hold what they like
)

// parseMacro reads a macro-string. Spaces are allowed only in explanations.
func parseMacro(text string, scope macroScope, spaces bool) (Macro, error) {
	m := Macro{text: text}
	for rest := text; rest != ""; {
		part, size, err := parseMacroPart(rest, scope, spaces)
		if err != nil {
			return Macro{}, err
		}
		m.parts = append(m.parts, part)
		rest = rest[size:]
	}
	return m, nil
}

// parseMacroPart reads the part that text begins with, and tells its size.
func parseMacroPart(text string, scope macroScope, spaces bool) (macroPart, int, error) {
	if text[0] != '%' {
		size := strings.IndexByte(text, '%')
		if size < 0 {
			size = len(text)
		}
		return macroPart{literal: text[:size]}, size, checkLiteral(text[:size], spaces)
	}
	if len(text) >= 2 {
		switch text[1] {
		case '%':
			return macroPart{literal: "%", escape: true}, 2, nil
		case '_':
			return macroPart{literal: " ", escape: true}, 2, nil
		case '-':
			return macroPart{literal: "%20", escape: true}, 2, nil
		case '{':
			if end := strings.IndexByte(text, '}'); end > 0 {
				part, err := parseExpand(text[2:end], scope)
				return part, end + 1, err
			}
			return macroPart{}, 0, fmt.Errorf("%q is not closed by a brace", shorten(text))
		}
	}
	return macroPart{}, 0, fmt.Errorf("a %% at %q begins no macro; write %%%% for a percent sign", shorten(text))
}

// checkLiteral refuses what is not a visible ASCII character (macro-literal).
func checkLiteral(text string, spaces bool) error {
	for i := range len(text) {
		if c := text[i]; (c < '!' || c > '~') && (c != ' ' || !spaces) {
			return fmt.Errorf("it has the octet 0x%02X, only visible ASCII characters are allowed", c)
		}
	}
	return nil
}

// parseExpand reads what stands in the braces: a letter, and perhaps digits, "r"
// and delimiters (macro-expand).
func parseExpand(text string, scope macroScope) (macroPart, error) {
	if text == "" {
		return macroPart{}, fmt.Errorf("%q has no letter", "%{}")
	}
	part := macroPart{letter: text[0] | 0x20, delimiters: "."}
	part.urlEscape = text[0] != part.letter
	letters := "slodipvh"
	if scope == inText {
		letters += "crt"
	}
	switch {
	case strings.IndexByte(letters, part.letter) >= 0:
	case strings.IndexByte("crt", part.letter) >= 0:
		return macroPart{}, fmt.Errorf("%%{%c} may only be used in an explanation", text[0])
	default:
		return macroPart{}, fmt.Errorf("%%{%s} is not a macro", shorten(text))
	}
	rest := strings.TrimLeft(text[1:], "0123456789")
	if digits := text[1 : len(text)-len(rest)]; digits != "" {
		part.digits = boundedNumber(digits)
		if part.digits == 0 {
			return macroPart{}, fmt.Errorf("%%{%s} keeps no part", shorten(text))
		}
	}
	if rest != "" && rest[0]|0x20 == 'r' {
		part.reverse = true
		rest = rest[1:]
	}
	if rest != "" {
		part.delimiters = rest
	}
	if bad := strings.Trim(rest, macroDelimiters); bad != "" {
		return macroPart{}, fmt.Errorf("%%{%s} has %q where only delimiters may be", shorten(text), shorten(bad))
	}
	return part, nil
}

// boundedNumber reads decimal digits; above what any name has parts, all large
// numbers are one.
func boundedNumber(digits string) int {
	const most = 1 << 16
	n, err := strconv.Atoi(digits)
	if err != nil || n > most {
		return most
	}
	return n
}

// shorten keeps a quoted text readable.
func shorten(text string) string {
	const most = 40
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}

// String returns the macro-string as it was written.
func (m Macro) String() string { return m.text }

// IsZero reports whether there is no macro-string.
func (m Macro) IsZero() bool { return m.text == "" }

// Uses reports whether one of the letters is in the macro-string, such as 'p'.
func (m Macro) Uses(letters string) bool {
	for _, part := range m.parts {
		if part.letter != 0 && strings.IndexByte(letters, part.letter) >= 0 {
			return true
		}
	}
	return false
}

// expand replaces the macros by the values of their letters.
func (m Macro) expand(value func(letter byte) string) string {
	var b strings.Builder
	for _, part := range m.parts {
		if part.letter == 0 {
			b.WriteString(part.literal)
			continue
		}
		text := part.transform(value(part.letter))
		if part.urlEscape {
			text = escapeURL(text)
		}
		b.WriteString(text)
	}
	return b.String()
}

// transform splits, reverses and shortens a value, and joins it with dots (§7.3).
func (p macroPart) transform(value string) string {
	if p.digits == 0 && !p.reverse && p.delimiters == "." {
		return value
	}
	pieces := splitAny(value, p.delimiters)
	if p.reverse {
		for i, j := 0, len(pieces)-1; i < j; i, j = i+1, j-1 {
			pieces[i], pieces[j] = pieces[j], pieces[i]
		}
	}
	if p.digits > 0 && p.digits < len(pieces) {
		pieces = pieces[len(pieces)-p.digits:]
	}
	return strings.Join(pieces, ".")
}

// splitAny splits at each of the delimiters and keeps empty pieces.
func splitAny(text, delimiters string) []string {
	var pieces []string
	start := 0
	for i := range len(text) {
		if strings.IndexByte(delimiters, text[i]) >= 0 {
			pieces = append(pieces, text[start:i])
			start = i + 1
		}
	}
	return append(pieces, text[start:])
}

// escapeURL escapes everything but the unreserved characters of RFC 3986 §2.3.
func escapeURL(text string) string {
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
