package tlsrpt

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/taglist"
)

// ErrNotTLSRPT means that a text is not a TLS reporting record: it does not begin
// with "v=TLSRPTv1;" (RFC 8460 §3). Reporters ignore such a text.
var ErrNotTLSRPT = errors.New("not a TLS reporting record")

// A Record is the TXT record at "_smtp._tls." and a domain.
type Record struct {
	Raw      string       // as published
	Tags     taglist.List // all fields
	URIs     []URI        // rua, in order, unusable ones too
	Problems []Problem    // in the order of the text
}

// A URI is one place to send reports to.
type URI struct {
	Raw     string
	Pos     int              // where it begins in the record, in octets
	Scheme  string           // lower-case; empty when it is not a URI
	Address delivery.Address // of a mailto URI; zero when it has no valid address
	Host    string           // of the address or the https URI: lower-case A-labels; empty when there is none
}

// Usable reports whether reports can be sent there: by mail, or to an https URI
// with a host (RFC 8460 §3).
func (u URI) Usable() bool {
	return u.Host != "" && (u.Scheme == "mailto" || u.Scheme == "https")
}

// Usable reports whether the record asks for reports that can be sent.
func (r *Record) Usable() bool { return slices.ContainsFunc(r.URIs, URI.Usable) }

// String prints the record as the RFC does.
func (r *Record) String() string { return r.Tags.String() + ";" }

// A ProblemKind is what is wrong with a part of a record.
type ProblemKind string

// The kinds of problem.
const (
	ProblemVersion    ProblemKind = "version"       // it does not begin with "v=TLSRPTv1;"
	ProblemNoRUA      ProblemKind = "no-rua"        // rua is missing
	ProblemURISyntax  ProblemKind = "uri-syntax"    // not a URI
	ProblemNoScheme   ProblemKind = "uri-no-scheme" // an address without "mailto:"
	ProblemScheme     ProblemKind = "uri-scheme"    // a scheme other than mailto and https
	ProblemURITarget  ProblemKind = "uri-target"    // mailto without one valid address, or https without a host
	ProblemURIEscape  ProblemKind = "uri-escape"    // "!" must be written as %21
	ProblemRepeated   ProblemKind = "repeated"      // a field stands there twice; the first one counts here
	ProblemField      ProblemKind = "field"         // not a field as RFC 8460 §3 writes them
	ProblemFieldCase  ProblemKind = "field-case"    // "rua" in upper case, which makes it unknown
	ProblemWhiteSpace ProblemKind = "white-space"   // white space around the equals sign
)

// A Problem is one thing about a record and where it is.
type Problem struct {
	Kind  ProblemKind
	Field string // the field's name as published; empty when it is about the whole
	Value string // what is meant, as published
	Pos   int    // where it is in the record, in octets
}

// Has reports whether the record has a problem of that kind.
func (r *Record) Has(kind ProblemKind) bool {
	return slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.Kind == kind })
}

// Parse reads a record (RFC 8460 §3). It always returns a record that holds the
// text; the error is [ErrNotTLSRPT]. Everything else that is wrong is a Problem.
func Parse(text string) (*Record, error) {
	r := &Record{Raw: text, Tags: taglist.Parse(text)}
	if !taglist.Begins(text, "v=TLSRPTv1") {
		r.Problems = []Problem{{Kind: ProblemVersion, Value: text[:min(len(text), 16)]}}
		return r, fmt.Errorf("%w: it must begin with %q", ErrNotTLSRPT, "v=TLSRPTv1;")
	}
	seen := map[string]bool{}
	for _, tag := range r.Tags[1:] {
		switch {
		case seen[tag.Name]:
			r.note(ProblemRepeated, tag)
			continue
		case tag.Name == "rua" && tag.Assigned:
			r.readURIs(tag)
		case strings.EqualFold(tag.Name, "rua"):
			r.note(ProblemFieldCase, tag)
		case !tag.IsExtension():
			r.note(ProblemField, tag)
		}
		if tag.Spaced() {
			r.note(ProblemWhiteSpace, tag)
		}
		seen[tag.Name] = true
	}
	if !seen["rua"] {
		r.Problems = append(r.Problems, Problem{Kind: ProblemNoRUA, Field: "rua", Pos: len(text)})
	}
	return r, nil
}

func (r *Record) note(kind ProblemKind, tag taglist.Tag) {
	r.Problems = append(r.Problems, Problem{kind, tag.Name, tag.Value, tag.Pos})
}

// readURIs splits rua at its commas.
func (r *Record) readURIs(tag taglist.Tag) {
	pos := tag.ValuePos
	for piece := range strings.SplitSeq(tag.Value, ",") {
		raw := strings.Trim(piece, " \t\r\n")
		u, kind := parseURI(raw)
		u.Pos = pos + strings.Index(piece, raw)
		if kind != "" {
			r.Problems = append(r.Problems, Problem{kind, tag.Name, raw, u.Pos})
		}
		r.URIs = append(r.URIs, u)
		pos += len(piece) + 1
	}
}

// parseURI reads one place to send reports to and says what is wrong with it.
func parseURI(raw string) (URI, ProblemKind) {
	u := URI{Raw: raw}
	parsed, err := url.Parse(raw)
	switch {
	case err != nil || raw == "" || strings.ContainsFunc(raw, notValue):
		return u, ProblemURISyntax
	case parsed.Scheme == "":
		if _, err := delivery.ParseAddress(raw); err == nil {
			return u, ProblemNoScheme
		}
		return u, ProblemURISyntax
	}
	u.Scheme = parsed.Scheme
	switch u.Scheme {
	case "mailto":
		if to, err := url.PathUnescape(parsed.Opaque); err == nil {
			u.Address, _ = delivery.ParseAddress(to) // zero when it is not one
			u.Host = u.Address.Domain
		}
	case "https":
		u.Host, _ = delivery.DNSName(parsed.Hostname()) // empty when it is not one
	default:
		return u, ProblemScheme
	}
	switch {
	case u.Host == "":
		return u, ProblemURITarget
	case strings.IndexByte(raw, '!') >= 0:
		return u, ProblemURIEscape
	}
	return u, ""
}

// notValue reports whether a character may not be in a URI: only printable
// ASCII without space.
func notValue(c rune) bool { return c <= ' ' || c > '~' }
