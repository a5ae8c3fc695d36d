package list

import (
	"errors"
	"fmt"
)

// Why a list cannot be read at all. Errors of [NewReader] and [Reader.Next] wrap
// one of these, or the error of the reader beneath.
var (
	ErrEmpty              = errors.New("the list is empty")
	ErrFormat             = errors.New("not a list in a known format")
	ErrEncoding           = errors.New("not valid UTF-8")
	ErrEncoding16         = errors.New("not valid UTF-16")
	ErrHeader             = errors.New("the line of column names cannot be used")
	ErrNoHeader           = errors.New("the first line does not name the columns")
	ErrNoEmailColumn      = errors.New("no column for the addresses")
	ErrNoSuppressedColumn = errors.New("no column for who must not be written to")
	ErrUnknownColumn      = errors.New("no such column")
	ErrWhere              = errors.New("the expression cannot be used")
)

// A ProblemKind says why a row is set aside.
type ProblemKind string

// The kinds of problem a list can have.
const (
	KindNoAddress      ProblemKind = "no-address"      // the address field is empty or missing
	KindInvalidAddress ProblemKind = "invalid-address" // it holds something other than one address
	KindDuplicate      ProblemKind = "duplicate"       // the address was seen before, with other fields
	KindRepeated       ProblemKind = "repeated"        // the whole row was seen before; harmless
	KindCase           ProblemKind = "case"            // the address was seen before in other letter case; a warning
	KindFieldCount     ProblemKind = "field-count"     // more or fewer fields than columns
	KindTooLong        ProblemKind = "too-long"        // a field, a row or its columns exceed the bounds
	KindBadEncoding    ProblemKind = "bad-encoding"    // not valid UTF-8, or not valid UTF-16
	KindBadQuote       ProblemKind = "bad-quote"       // text behind a closing quote
	KindOpenQuote      ProblemKind = "open-quote"      // a quote that took in lines behind it, in a row that cannot be taken apart
	KindBadJSON        ProblemKind = "bad-json"        // the line is not one JSON object
	KindWhere          ProblemKind = "where"           // Options.Where cannot be answered for this row
	KindSuppressed     ProblemKind = "suppressed"      // the suppressed column says neither yes nor no
)

// Harmless reports whether a list with this kind of problem can be sent to as it
// is: a repeated row is left out without loss, and addresses that differ in
// letter case are different addresses (RFC 5321 §2.4).
func (k ProblemKind) Harmless() bool {
	return k == KindRepeated || k == KindCase
}

// Alone reports whether a row with this kind of problem can be set aside: where a
// quote is open, nobody can tell how many rows it took in.
func (k ProblemKind) Alone() bool { return k != KindOpenQuote }

// A Problem is what is wrong with one row.
type Problem struct {
	Name  string      // the list's name
	Line  int         // physical line on which the row starts, from 1
	Kind  ProblemKind // why the row is set aside
	Err   error       // what exactly is wrong; may carry hints
	First int         // line of the first occurrence of a repeated address; otherwise 0
}

// Error names the list, the line and what is wrong: `contacts.csv:7: …`.
func (p *Problem) Error() string {
	return fmt.Sprintf("%s:%d: %v", p.Name, p.Line, p.Err)
}

// Unwrap returns what exactly is wrong.
func (p *Problem) Unwrap() error { return p.Err }
