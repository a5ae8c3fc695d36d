package list

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A record is one row of a delimited list. Its buffers are used again for the
// next one.
type record struct {
	line int    // physical line on which it starts
	last int    // and on which it ends
	text []byte // the fields, one behind the other
	ends []int  // where in text each field ends
	kind ProblemKind
	err  error // the first thing wrong with it
}

// fail notes what is wrong, unless something was wrong before.
func (rec *record) fail(kind ProblemKind, hint, format string, args ...any) {
	if rec.err == nil {
		rec.kind, rec.err = kind, delivery.Hint(fmt.Errorf(format, args...), hint)
	}
}

// blank reports whether all fields are empty.
func (rec *record) blank() bool {
	return rec.err == nil && len(bytes.TrimSpace(rec.text)) == 0
}

// check returns an error when the text, or a field of it, is not what the
// encoding wants: a delimiter may cut a character in two.
func (rec *record) check(enc encoding) error {
	for _, end := range rec.ends {
		if end < len(rec.text) && !utf8.RuneStart(rec.text[end]) {
			return enc.invalid()
		}
	}
	return enc.check(rec.text)
}

// fields returns the fields as strings that share one allocation.
func (rec *record) fields() []string {
	text := string(rec.text)
	fields := make([]string, len(rec.ends))
	start := 0
	for i, end := range rec.ends {
		fields[i] = text[start:end]
		start = end
	}
	return fields
}

// A scanner takes a delimited list apart as RFC 4180 §2 describes it. Beyond it,
// the delimiter is free, a line ends with LF or CR as well, and a quote inside a
// field that does not begin with one stands for itself.
type scanner struct {
	in        *input
	delimiter byte
	opt       Options
	rec       record
	fieldAt   int // where in rec.text the current field starts
}

// next returns the next record that is not blank, and io.EOF behind the last. It
// is good until the following call.
func (s *scanner) next() (*record, error) {
	for {
		s.rec = record{line: s.in.line, text: s.rec.text[:0], ends: s.rec.ends[:0]}
		if len(s.in.chunk()) == 0 {
			return nil, s.in.err
		}
		s.record()
		if err := s.in.failure(); err != nil && s.in.pos == s.in.end {
			return nil, err
		}
		if !s.rec.blank() {
			return &s.rec, nil
		}
	}
}

// record reads fields up to and with the line end.
func (s *scanner) record() {
	for {
		s.fieldAt = len(s.rec.text)
		if c, _ := s.in.next(); c == '"' {
			s.quoted()
		} else {
			s.plain()
		}
		if len(s.rec.ends) < s.opt.MaxColumns {
			s.rec.ends = append(s.rec.ends, len(s.rec.text))
		} else {
			s.rec.fail(KindTooLong, "", "the row has more than %d fields", s.opt.MaxColumns)
		}
		c, ok := s.in.next()
		if ok && c == s.delimiter {
			s.in.pos++
			continue
		}
		s.rec.last = s.in.line
		if ok {
			s.in.newline()
		}
		return
	}
}

// plain reads up to a delimiter, a line end or the end of the text.
func (s *scanner) plain() {
	for {
		chunk := s.in.chunk()
		if len(chunk) == 0 {
			return
		}
		i := 0
		for i < len(chunk) && chunk[i] != s.delimiter && chunk[i] != '\n' && chunk[i] != '\r' {
			i++
		}
		s.keep(chunk[:i])
		s.in.pos += i
		if i < len(chunk) {
			return
		}
	}
}

// quoted reads a field that begins with a quote, which comes next.
func (s *scanner) quoted() {
	opened := s.in.line
	s.in.pos++
	for {
		chunk := s.in.chunk()
		if len(chunk) == 0 {
			s.unclosed(opened)
			return
		}
		i := 0
		for i < len(chunk) && chunk[i] != '"' && chunk[i] != '\n' && chunk[i] != '\r' {
			i++
		}
		s.keep(chunk[:i])
		s.in.pos += i
		switch {
		case i == len(chunk):
		case chunk[i] != '"':
			s.keep([]byte(s.in.newline()))
		case !s.closing():
			return
		}
	}
}

// closing passes a quote inside a quoted field and reports whether the field
// goes on behind it, because the quote was doubled.
func (s *scanner) closing() bool {
	s.in.pos++
	c, ok := s.in.next()
	switch {
	case !ok || c == s.delimiter || c == '\n' || c == '\r':
		return false
	case c == '"':
		s.keep([]byte{'"'})
		s.in.pos++
		return true
	}
	s.rec.fail(KindBadQuote, `write a quote inside a quoted field twice: "say ""hello"""`,
		"field %d goes on behind its closing quote, on line %d", len(s.rec.ends)+1, s.in.line)
	s.plain()
	return false
}

// unclosed notes a quote that is open at the end of the text. It outranks what
// else is wrong, because it explains it.
func (s *scanner) unclosed(opened int) {
	s.rec.err = nil
	s.rec.fail(KindOpenQuote, fmt.Sprintf("close the quote on line %d, or remove it", opened),
		"a quote opened on line %d never closes and takes in the rest of the list", opened)
}

// keep adds to the current field, within the bounds.
func (s *scanner) keep(b []byte) {
	switch {
	case s.rec.kind == KindTooLong:
	case len(s.rec.text)-s.fieldAt+len(b) > s.opt.MaxField:
		s.rec.fail(KindTooLong, "", "field %d is longer than %d octets", len(s.rec.ends)+1, s.opt.MaxField)
	case len(s.rec.text)+len(b) > s.opt.MaxRow:
		s.rec.fail(KindTooLong, "", "the row is longer than %d octets", s.opt.MaxRow)
	default:
		s.rec.text = append(s.rec.text, b...)
	}
}

// delimiterOf returns the delimiter of a list that begins with the given text:
// the one that a line for Excel names, else the one that makes a column of the wanted
// name appear, and among those, or without any, the one that makes the most columns.
func delimiterOf(start []byte, opt Options) byte {
	best, bestColumns, bestNamed := byte(','), 0, false
	for _, delimiter := range []byte{',', ';', '\t'} {
		s := scanner{in: newInput(bytes.NewReader(start)), delimiter: delimiter, opt: opt}
		rec, err := s.next()
		if errors.Is(err, io.EOF) {
			continue
		}
		fields := rec.fields()
		if forExcel(fields) {
			return delimiter
		}
		named := len(matching(fields, opt.EmailColumn)) > 0
		if named && !bestNamed || named == bestNamed && len(fields) > bestColumns {
			best, bestColumns, bestNamed = delimiter, len(fields), named
		}
	}
	return best
}
