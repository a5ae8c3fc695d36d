package verify

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// Bounds of what is looked at.
const (
	MaxMessage    = 256 << 20 // octets of a message
	MaxHeader     = 512 << 10 // octets of its header
	MaxSignatures = 10        // signatures that are verified; more are not looked at
	maxFields     = 2000
	maxLines      = 8000 // of the header
)

// Why a message is not looked at.
var (
	ErrTooLarge       = errors.New("the message is too large")
	ErrHeaderTooLarge = errors.New("the header is too large")
)

// A field is one header field.
type field struct {
	name    string // as written, without white space around it; the whole line when there is no colon
	written string // the name with that white space
	value   string // behind the colon, with its line ends
	colon   bool
	line    int // where it begins, from 1
}

// is reports whether the field has that name.
func (f field) is(name string) bool { return strings.EqualFold(f.name, name) }

// text is the value in one line.
func (f field) text() string {
	return strings.TrimSpace(strings.NewReplacer("\r", "", "\n", "").Replace(f.value))
}

// A message is a header and a body.
type message struct {
	data   []byte // with an empty line behind the header
	fields []field
	begins int  // where the body begins, in octets of data
	open   bool // the empty line was missing
}

// body is what follows the empty line.
func (m *message) body() []byte { return m.data[m.begins:] }

// parseMessage splits the header into fields. Lines end with LF here, with or
// without CR, and a line that begins with white space goes on with the field
// before it: the same reading that the verification of signatures has.
func parseMessage(data []byte) (*message, error) {
	if len(data) > MaxMessage {
		return nil, fmt.Errorf("%w: more than %d octets", ErrTooLarge, MaxMessage)
	}
	m := &message{data: data}
	ended, err := m.split()
	if err != nil {
		return nil, err
	}
	if !ended {
		m.open, m.data = true, endHeader(data)
		m.begins = len(m.data)
	}
	return m, nil
}

// endHeader returns a copy that ends with an empty line.
func endHeader(data []byte) []byte {
	data = bytes.Clone(data)
	if len(data) > 0 && data[len(data)-1] != '\n' {
		data = append(bytes.TrimSuffix(data, []byte("\r")), "\r\n"...)
	}
	return append(data, "\r\n"...)
}

// split reads fields up to the empty line, and reports whether there is one.
func (m *message) split() (ended bool, err error) {
	end, lines := 0, 0
	for rest := m.data; len(rest) > 0; {
		i := bytes.IndexByte(rest, '\n')
		next := i + 1
		if i < 0 {
			i, next = len(rest), len(rest)
		}
		line := string(bytes.TrimSuffix(rest[:min(i, MaxHeader)], []byte("\r")))
		end += next
		rest = rest[next:]
		if line == "" {
			m.begins = end
			return true, nil
		}
		lines++
		m.addLine(line, lines)
		if end > MaxHeader || lines > maxLines || len(m.fields) > maxFields {
			return false, fmt.Errorf("%w: more than %d octets, %d lines or %d fields", ErrHeaderTooLarge, MaxHeader, maxLines, maxFields)
		}
	}
	return false, nil
}

// addLine takes one line of the header in.
func (m *message) addLine(line string, number int) {
	if n := len(m.fields); n > 0 && (line[0] == ' ' || line[0] == '\t') {
		m.fields[n-1].value += "\r\n" + line
		return
	}
	name, value, colon := strings.Cut(line, ":")
	m.fields = append(m.fields, field{name: strings.TrimSpace(name), written: name, value: value, colon: colon, line: number})
}

// all returns the fields of a name, from top to bottom.
func (m *message) all(name string) []field {
	var found []field
	for _, f := range m.fields {
		if f.is(name) {
			found = append(found, f)
		}
	}
	return found
}

// first returns the value of the uppermost field of a name in one line, "" when
// there is none.
func (m *message) first(name string) string {
	for _, f := range m.fields {
		if f.is(name) {
			return f.text()
		}
	}
	return ""
}
