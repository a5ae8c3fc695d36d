package delivery

import (
	"fmt"
	"mime"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Mailbox is an address with the name people see (RFC 5322 §3.4), such as
// "Acme <news@acme.example>".
type Mailbox struct {
	Name    string // decoded; empty when there is none
	Address Address
}

// String returns the mailbox as a header field holds it: the name is quoted or
// encoded (RFC 2047) where it needs to be. It is the bare address when there is
// no name.
func (m Mailbox) String() string {
	if m.Name == "" {
		return m.Address.String()
	}
	return displayName(m.Name) + " <" + m.Address.String() + ">"
}

// Readable returns the mailbox as people write it: the name is never encoded,
// only quoted where it needs to be (RFC 6532 §3.2). [ParseMailbox] reads it back.
func (m Mailbox) Readable() string {
	if m.Name == "" {
		return m.Address.String()
	}
	return quoteName(m.Name) + " <" + m.Address.String() + ">"
}

// displayName returns name as the display name of a header field.
func displayName(name string) string {
	if !isASCII(name) {
		return mime.QEncoding.Encode("utf-8", name)
	}
	return quoteName(name)
}

// quoteName returns name, in quotes unless it may stand without.
func quoteName(name string) string {
	if isAtoms(name) {
		return name
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
}

// isAtoms reports whether name may stand unquoted: atoms with single spaces
// between them, none of which looks like an encoded word. Letters beyond ASCII
// are part of atoms (RFC 6532 §3.2).
func isAtoms(name string) bool {
	if strings.Contains(name, "=?") {
		return false
	}
	for word := range strings.SplitSeq(name, " ") {
		if word == "" {
			return false
		}
		for i := range len(word) {
			if word[i] < utf8.RuneSelf && !isAtext(word[i]) {
				return false
			}
		}
	}
	return true
}

// ParseMailbox reads one mailbox: a bare address, or a name and an address in
// angle brackets. The name may be quoted, made of encoded words (RFC 2047), or
// written as it is, also with the commas and dots that a header field would
// have to quote. Errors are those of [ParseAddress].
func ParseMailbox(s string) (Mailbox, error) {
	text := strings.TrimSpace(s)
	if text == "" {
		return Mailbox{}, ErrNoAddress
	}
	if text[len(text)-1] != '>' {
		address, err := ParseAddress(text)
		return Mailbox{Address: address}, err
	}
	open := strings.LastIndexByte(text, '<')
	if open < 0 {
		return Mailbox{}, badAddress(text, "there is no < before the >")
	}
	address, err := ParseAddress(text[open+1 : len(text)-1])
	if err != nil {
		return Mailbox{}, err
	}
	name, problem := parseName(strings.TrimSpace(text[:open]))
	if problem != "" {
		return Mailbox{}, badAddress(text, problem)
	}
	return Mailbox{Name: name, Address: address}, nil
}

// parseName decodes a display name, or says what is wrong with it.
func parseName(text string) (name, problem string) {
	name = text
	switch {
	case strings.HasPrefix(text, `"`):
		if quotedEnd(text) != len(text) {
			return "", "the quotes around the name are not closed"
		}
		name = unquote(text)
	case strings.ContainsAny(text, `<>"`):
		return "", `the name has one of <, > and " without quotes around it`
	case strings.Contains(text, "=?"):
		decoded, err := new(mime.WordDecoder).DecodeHeader(text)
		if err != nil {
			return "", "the name cannot be decoded"
		}
		name = decoded
	}
	for _, r := range name {
		if unicode.IsControl(r) || isDirectional(r) || r == unicode.ReplacementChar {
			return "", fmt.Sprintf("the name has the character %U", r)
		}
	}
	return strings.TrimSpace(name), ""
}
