package sink

import (
	"bytes"
	"mime"
	"strings"
)

// The bounds of what is read from a message's header section.
const (
	maxHeader = 64 << 10 // octets that are looked at
	maxField  = 998      // octets of a field that are reported
	maxText   = 998      // octets of a line (RFC 5322 §2.1.1)
)

// A scanner looks at a message while it passes by.
type scanner struct {
	size   int64
	header []byte // the header section, as far as maxHeader
	inBody bool

	previous byte // the octet before
	line     int  // octets of the present line, without its end

	bareCR, bareLF, longLine, eightBit bool
}

// scan looks at the next octets.
func (s *scanner) scan(p []byte) {
	s.size += int64(len(p))
	for i, c := range p {
		switch c {
		case '\n':
			s.bareLF = s.bareLF || s.previous != '\r'
			if s.line == 0 && !s.inBody {
				s.addHeader(p[:i])
				s.inBody = true
			}
			s.line = 0
		default:
			if s.previous == '\r' {
				s.bareCR = true
				s.line++ // that CR was part of the line after all
			}
			if c != '\r' {
				s.line++
			}
		}
		s.longLine = s.longLine || s.line > maxText
		s.eightBit = s.eightBit || c >= 0x80
		s.previous = c
	}
	if !s.inBody {
		s.addHeader(p)
	}
}

// addHeader keeps octets of the header section.
func (s *scanner) addHeader(p []byte) {
	s.header = append(s.header, p[:min(len(p), maxHeader-len(s.header))]...)
}

// flaws lists what is wrong with the message, which may hold octets above 127
// when the client announced them.
func (s *scanner) flaws(announced bool) []Flaw {
	var all []Flaw
	for _, f := range []struct {
		flaw  Flaw
		found bool
	}{
		{FlawBareCR, s.bareCR || s.previous == '\r'},
		{FlawBareLF, s.bareLF},
		{FlawLongLine, s.longLine},
		{FlawEightBit, s.eightBit && !announced},
	} {
		if f.found {
			all = append(all, f.flaw)
		}
	}
	return all
}

// messageID returns the Message-ID field with its angle brackets.
func (s *scanner) messageID() string { return shorten(headerField(s.header, "Message-ID")) }

// subject returns the Subject field, its encoded words (RFC 2047) decoded where
// they can be.
func (s *scanner) subject() string {
	text := headerField(s.header, "Subject")
	decoder := mime.WordDecoder{}
	if decoded, err := decoder.DecodeHeader(text); err == nil {
		text = decoded
	}
	return shorten(text)
}

// headerField returns the first field of that name, unfolded and trimmed
// (RFC 5322 §2.2.3), or nothing. Lines may end in CRLF or LF.
func headerField(header []byte, name string) string {
	var value []byte
	found := false
	for line := range bytes.Lines(header) {
		line = bytes.TrimRight(line, "\r\n")
		continued := len(line) > 0 && (line[0] == ' ' || line[0] == '\t')
		if found && !continued {
			break
		}
		if found {
			value = append(value, line...)
			continue
		}
		key, rest, ok := bytes.Cut(line, []byte(":"))
		if ok && !continued && strings.EqualFold(string(bytes.TrimRight(key, " \t")), name) {
			found = true
			value = append(value, rest...)
		}
	}
	return string(bytes.Trim(value, " \t"))
}

// shorten makes a field fit for events.
func shorten(text string) string {
	if len(text) > maxField {
		text = text[:maxField]
	}
	return readable(strings.TrimSpace(strings.ToValidUTF8(text, "")))
}
