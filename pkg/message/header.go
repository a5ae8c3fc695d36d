package message

import (
	"fmt"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Line lengths of a header, without CRLF (RFC 5322 §2.1.1).
const (
	foldAt  = 78
	maxLine = 998
)

// Header is one header field of the author's own.
type Header struct {
	Name  string
	Value string // a template
}

// checkValue refuses what would end a header field early.
func checkValue(name, value string) error {
	if strings.IndexByte(value, '\n') < 0 && strings.IndexByte(value, '\r') < 0 && strings.IndexByte(value, 0) < 0 {
		return nil
	}
	err := fmt.Errorf("%w: %s is %q", ErrHeaderInjection, name, shorten(value))
	return delivery.Hint(err, "remove the line break from the column, or use {{replace \"\\n\" \" \" .column}}")
}

// appendText adds a field of running text, such as Subject. Text that is not
// plain ASCII is encoded (RFC 2047); white space is collapsed to single spaces.
func appendText(dst []byte, name, value string) ([]byte, error) {
	if err := checkValue(name, value); err != nil {
		return dst, err
	}
	value = collapse(value)
	if needsEncoding(value) {
		value = encodeWords(value, len(name)+len(": "))
	}
	return appendField(dst, name, value)
}

// appendField adds a field whose value is ready, folded at its spaces.
func appendField(dst []byte, name, value string) ([]byte, error) {
	if err := checkValue(name, value); err != nil {
		return dst, err
	}
	dst = append(append(dst, name...), ':')
	line := len(name) + len(":")
	for first := true; value != ""; first = false {
		word, rest, _ := strings.Cut(value, " ")
		value = rest
		if !first && line+1+len(word) > foldAt {
			dst = append(dst, "\r\n"...)
			line = 0
		}
		dst = append(append(dst, ' '), word...)
		if line += 1 + len(word); line > maxLine {
			return dst, fmt.Errorf("%w: %s has %d octets without a space, at most %d are allowed", ErrHeaderTooLong, name, len(word), maxLine)
		}
	}
	return append(dst, "\r\n"...), nil
}

// appendMailbox adds a field that holds one mailbox.
func appendMailbox(dst []byte, name string, m delivery.Mailbox) ([]byte, error) {
	if err := checkValue(name, m.Name); err != nil {
		return dst, err
	}
	m.Name = collapse(m.Name)
	if m.Name == "" || !needsEncoding(m.Name) {
		return appendField(dst, name, m.String())
	}
	return appendField(dst, name, encodeWords(m.Name, len(name)+len(": "))+" <"+m.Address.String()+">")
}

// collapse returns text with single spaces between its words and none around it.
func collapse(text string) string {
	if !strings.ContainsRune(text, '\t') && !strings.Contains(text, "  ") && !strings.HasPrefix(text, " ") && !strings.HasSuffix(text, " ") {
		return text
	}
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\t' }), " ")
}

// needsEncoding reports whether text cannot stand in a field as it is: it is not
// printable ASCII, looks encoded already, or has a word that does not fit a line.
func needsEncoding(text string) bool {
	word := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ' || c >= 0x7f:
			return true
		case c == ' ':
			word = 0
		default:
			if word++; word > maxLine-foldAt {
				return true
			}
		}
	}
	return strings.Contains(text, "=?")
}
