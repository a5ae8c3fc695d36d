package list

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// string reads a string behind its opening quote (RFC 8259 §7).
func (d *decoder) string() (string, error) {
	start := d.pos
	var unescaped []byte // what was read before start; nil without an escape
	for d.pos < len(d.text) {
		switch c := d.text[d.pos]; {
		case c == '"':
			text := d.text[start:d.pos]
			d.pos++
			if unescaped != nil {
				text = string(append(unescaped, text...))
			}
			return text, nil
		case c == '\\':
			unescaped = append(unescaped, d.text[start:d.pos]...)
			d.pos++
			r, err := d.escape()
			if err != nil {
				return "", err
			}
			unescaped = utf8.AppendRune(unescaped, r)
			start = d.pos
		case c < ' ':
			return "", d.wrong("an escaped control character")
		default:
			d.pos++
		}
	}
	return "", d.wrong("a closing quote")
}

// escape reads what follows a backslash.
func (d *decoder) escape() (rune, error) {
	if d.pos == len(d.text) {
		return 0, d.wrong("an escaped character")
	}
	c := d.text[d.pos]
	switch c {
	case '"', '\\', '/':
		d.pos++
		return rune(c), nil
	case 'u':
		d.pos++
		return d.unicode()
	}
	for _, control := range controls {
		if c == control.letter {
			d.pos++
			return rune(control.octet), nil
		}
	}
	return 0, d.wrong("an escaped character")
}

// unicode reads the digits behind \u, and the second half of a surrogate pair.
func (d *decoder) unicode() (rune, error) {
	r, err := d.hex()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if d.accept('\\') && d.accept('u') {
		second, err := d.hex()
		if err != nil {
			return 0, err
		}
		if r = utf16.DecodeRune(r, second); r != utf8.RuneError {
			return r, nil
		}
	}
	return 0, d.wrong("the other half of a surrogate pair")
}

// hex reads four hexadecimal digits.
func (d *decoder) hex() (rune, error) {
	if len(d.text)-d.pos < 4 {
		return 0, d.wrong("four hexadecimal digits")
	}
	n, err := strconv.ParseUint(d.text[d.pos:d.pos+4], 16, 16)
	if err != nil {
		return 0, d.wrong("four hexadecimal digits")
	}
	d.pos += 4
	return rune(n), nil
}
