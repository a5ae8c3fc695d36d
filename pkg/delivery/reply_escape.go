package delivery

import (
	"encoding/hex"
	"strings"
)

// unescapeQuote undoes what logs, bounces and web pages did to a reply: \xHH for
// octets outside ASCII, \r\n and \n between lines, and HTML's tags and entities.
// It never makes anything that it would undo again.
func unescapeQuote(text string) string {
	if strings.IndexByte(text, '\\') < 0 && strings.IndexByte(text, '&') < 0 && !hasTag(text) {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if text[i] == '\\' {
			if c, size := escapedOctet(text[i:]); size > 0 {
				out = append(out, c)
				i += size
				continue
			}
		}
		out = append(out, text[i])
		i++
		switch out[len(out)-1] {
		case ';':
			out = cutEntity(out)
			if out[len(out)-1] == '>' {
				out = cutTag(out)
			}
		case '>':
			out = cutTag(out)
		}
	}
	return string(out)
}

// escapedOctet reads \xHH for an octet outside ASCII, or the escape of a line end,
// and returns its length, 0 for anything else.
func escapedOctet(text string) (byte, int) {
	if len(text) >= 4 && text[1] == 'x' {
		c, err := hex.DecodeString(text[2:4])
		if err == nil && (c[0] >= 0x80 || c[0] == '\r' || c[0] == '\n' || c[0] == '\t') {
			return c[0], 4
		}
		return 0, 0
	}
	if strings.HasPrefix(text, `\r\n`) {
		return '\n', 4
	}
	// A name may begin with n: only before a code or another escape is it a line end.
	if strings.HasPrefix(text, `\n`) && (len(text) == 2 || text[2] >= '2' && text[2] <= '5' || text[2] == '\\' || text[2] == ' ') {
		return '\n', 2
	}
	return 0, 0
}

// entities are those that occur in replies. An ampersand stays escaped, so that
// nothing is undone twice.
var entities = map[string]string{"lt": "<", "gt": ">", "quot": `"`, "#34": `"`, "#39": "'", "apos": "'", "nbsp": " ", "#160": " "}

// cutEntity replaces an entity at the end of out by what it stands for.
func cutEntity(out []byte) []byte {
	const longest = len("&nbsp;")
	for i := len(out) - 2; i >= 0 && i >= len(out)-longest; i-- {
		if out[i] == '&' {
			if text, ok := entities[string(out[i+1:len(out)-1])]; ok {
				return append(out[:i], text...)
			}
			break
		}
	}
	return out
}

// tags are the names of HTML elements that end up in replies. Nothing else in angle
// brackets is touched: it is an address.
var tags = map[string]bool{
	"a": true, "b": true, "br": true, "p": true, "i": true, "u": true, "tt": true, "pre": true, "div": true,
	"span": true, "font": true, "td": true, "tr": true, "table": true, "tbody": true, "html": true, "body": true,
	"strong": true, "em": true, "li": true, "ul": true,
}

// maxTag bounds an element's name and attributes.
const maxTag = 512

// cutTag replaces an HTML tag at the end of out by a space, or a line end.
func cutTag(out []byte) []byte {
	for i := len(out) - 2; i >= 0 && i >= len(out)-maxTag; i-- {
		switch out[i] {
		case '>':
			return out
		case '<':
			name := tagName(string(out[i+1 : len(out)-1]))
			if !tags[name] {
				return out
			}
			return append(out[:i], ' ')
		}
	}
	return out
}

// tagName returns the name in a tag, in lower case.
func tagName(inside string) string {
	inside = strings.Trim(inside, "/")
	name, _, _ := strings.Cut(inside, " ")
	return lowerASCII(strings.TrimRight(name, "/"))
}

// hasTag reports whether text may have a tag.
func hasTag(text string) bool {
	for {
		open := strings.IndexByte(text, '<')
		if open < 0 {
			return false
		}
		text = text[open+1:]
		end := strings.IndexByte(text, '>')
		if end < 0 {
			return false
		}
		if inside := text[:end]; len(inside) < maxTag && !strings.Contains(inside, "@") {
			return true
		}
	}
}
