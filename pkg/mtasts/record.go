package mtasts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/taglist"
)

// ErrNotSTS means that a text is not an MTA-STS record: it does not begin with
// "v=STSv1;" (RFC 8461 §3.1). Senders ignore such a text.
var ErrNotSTS = errors.New("not an MTA-STS record")

// A Record is the TXT record at "_mta-sts." and a domain, which says that there
// is a policy.
type Record struct {
	Raw      string       // as published
	Tags     taglist.List // all fields
	ID       string       // changes whenever the policy does; empty when missing or not valid
	Problems []Problem    // in the order of the text
}

// Valid reports whether senders go on to fetch the policy: they do not when the
// record has any mistake (RFC 8461 §3.1).
func (r *Record) Valid() bool { return len(r.Problems) == 0 }

// String prints the record as the RFC does, with a semicolon at the end.
func (r *Record) String() string { return r.Tags.String() + ";" }

// A ProblemKind is what is wrong with a part of a record or a policy.
type ProblemKind string

// The kinds of problem of a record.
const (
	ProblemVersion   ProblemKind = "version"     // it does not begin with "v=STSv1;"
	ProblemNoID      ProblemKind = "no-id"       // id is missing
	ProblemInvalidID ProblemKind = "invalid-id"  // id is not 1 to 32 letters and digits
	ProblemRepeated  ProblemKind = "repeated"    // a field stands there twice; in a policy the first one counts
	ProblemField     ProblemKind = "field"       // not a field as RFC 8461 §3.1 or §3.2 writes them
	ProblemFieldCase ProblemKind = "field-case"  // a known name in upper case, which makes it unknown
	ProblemSpacing   ProblemKind = "white-space" // white space around an equals sign or before the record
)

// A Problem is one thing about a record or a policy and where it is.
type Problem struct {
	Kind  ProblemKind
	Field string // the field's name as published; empty when it is about the whole
	Value string // what is meant, as published
	Pos   int    // where it is, in octets from the start
}

// Parse reads a record (RFC 8461 §3.1). It always returns a record that holds the
// text; the error is [ErrNotSTS]. Everything else that is wrong is a Problem.
func Parse(text string) (*Record, error) {
	r := &Record{Raw: text, Tags: taglist.Parse(text)}
	if !taglist.Begins(text, "v=STSv1") {
		r.Problems = []Problem{{Kind: ProblemVersion, Value: text[:min(len(text), 16)]}}
		return r, fmt.Errorf("%w: it must begin with %q", ErrNotSTS, "v=STSv1;")
	}
	seen := map[string]bool{}
	for _, tag := range r.Tags[1:] {
		switch {
		case seen[tag.Name]:
			r.note(ProblemRepeated, tag)
		case tag.Name == "id":
			r.readID(tag)
		case strings.EqualFold(tag.Name, "id"), strings.EqualFold(tag.Name, "v"):
			r.note(ProblemFieldCase, tag)
		case !tag.IsExtension():
			r.note(ProblemField, tag)
		}
		if tag.Spaced() {
			r.note(ProblemSpacing, tag)
		}
		seen[tag.Name] = true
	}
	if !seen["id"] {
		r.Problems = append(r.Problems, Problem{Kind: ProblemNoID, Field: "id", Pos: len(text)})
	}
	return r, nil
}

// readID follows sts-id: 1*32(ALPHA / DIGIT).
func (r *Record) readID(tag taglist.Tag) {
	if tag.Value == "" || len(tag.Value) > 32 || strings.ContainsFunc(tag.Value, func(c rune) bool { return !isAlphanumeric(c) }) {
		r.note(ProblemInvalidID, tag)
		return
	}
	r.ID = tag.Value
}

func (r *Record) note(kind ProblemKind, tag taglist.Tag) {
	r.Problems = append(r.Problems, Problem{kind, tag.Name, tag.Value, tag.Pos})
}

func isAlphanumeric(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// A LookupStatus says whether a domain announces a policy.
type LookupStatus string

// The statuses.
const (
	RecordFound   LookupStatus = "found"   // one valid record
	RecordNone    LookupStatus = "none"    // it is proven that there is none
	RecordInvalid LookupStatus = "invalid" // one record with mistakes: senders go on as if there were none
	RecordSeveral LookupStatus = "several" // more than one: the same
	RecordUnknown LookupStatus = "unknown" // the look-up failed
)

// A RecordLookup is what the DNS says about a domain's policy.
type RecordLookup struct {
	Status  LookupStatus
	Answer  delivery.Answer // the TXT records at "_mta-sts." and the domain
	Record  *Record         // the one record, valid or not; nil when there is none or more than one
	Records []*Record       // all that begin with "v=STSv1;"
	Other   []*Record       // other texts, which count for nothing
}

// Lookup asks whether a domain announces a policy (RFC 8461 §3.1).
func Lookup(ctx context.Context, r delivery.Resolver, domain string) *RecordLookup {
	l := &RecordLookup{Answer: r.Lookup(ctx, "_mta-sts."+domain, delivery.TypeTXT)}
	l.Records, l.Other = taglist.Sift(l.Answer.Texts(), Parse)
	switch {
	case l.Answer.Unknown():
		l.Status = RecordUnknown
	case len(l.Records) == 0:
		l.Status = RecordNone
	case len(l.Records) > 1:
		l.Status = RecordSeveral
	default:
		l.Record, l.Status = l.Records[0], RecordFound
		if !l.Record.Valid() {
			l.Status = RecordInvalid
		}
	}
	return l
}

// Has reports whether the record has a problem of that kind.
func (r *Record) Has(kind ProblemKind) bool {
	return slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.Kind == kind })
}
