package bimi

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/taglist"
)

// ErrNotBIMI means that a text is not a BIMI record: it does not begin with
// "v=BIMI1" (BIMI draft §5.3). Receivers ignore such a text.
var ErrNotBIMI = errors.New("not a BIMI record")

// A Record is the assertion record at "default._bimi." and a domain.
type Record struct {
	Raw       string       // as published
	Tags      taglist.List // all tags, unknown ones too
	Location  string       // l: where the indicator is; empty when declined or not valid
	Authority string       // a: where the mark certificate is; empty when there is none or it is not valid
	Avatar    string       // avp: "brand" or "personal"; "brand" when missing
	Prefixes  []string     // lps: prefixes of local parts that have selectors of their own
	Problems  []Problem    // in the order of the text
}

// A ProblemKind is what is wrong with a part of a record.
type ProblemKind string

// The kinds of problem. Receivers do not use a record with one of the first
// group.
const (
	ProblemVersion    ProblemKind = "version"          // it does not begin with "v=BIMI1"
	ProblemNoLocation ProblemKind = "no-location"      // l is missing
	ProblemURI        ProblemKind = "uri"              // l or a is not one URI
	ProblemScheme     ProblemKind = "uri-scheme"       // not https
	ProblemHost       ProblemKind = "uri-host"         // no fully qualified domain name
	ProblemFormat     ProblemKind = "format"           // l ends in neither .svg nor .svgz
	ProblemEmptyL     ProblemKind = "empty-location"   // a certificate without an indicator
	ProblemRepeated   ProblemKind = "repeated-tag"     // the first one counts here
	ProblemNoValue    ProblemKind = "no-value"         // a tag without an equals sign, or none before it
	ProblemAvatar     ProblemKind = "avatar"           // avp is neither brand nor personal
	ProblemPrefix     ProblemKind = "prefix"           // lps has something else than letters, digits and hyphens
	ProblemUnknownTag ProblemKind = "unknown-tag"      // ignored by receivers
	ProblemTagCase    ProblemKind = "tag-case"         // a known name in upper case, which makes it unknown
	ProblemCertSuffix ProblemKind = "authority-suffix" // a should end in .pem
)

// A Problem is one thing about a record and where it is.
type Problem struct {
	Kind  ProblemKind
	Tag   string // the tag's name as published; empty when it is about the record
	Value string // what is meant, as published
	Pos   int    // where it is in the record, in octets
}

// fatal are the problems that make a record useless. Receivers must not mend
// mistakes (BIMI draft §5.3).
var fatal = [...]ProblemKind{
	ProblemVersion, ProblemNoLocation, ProblemURI, ProblemScheme, ProblemHost, ProblemFormat, ProblemEmptyL,
}

// Valid reports whether receivers can use the record.
func (r *Record) Valid() bool { return !slices.ContainsFunc(fatal[:], r.Has) }

// Has reports whether the record has a problem of that kind.
func (r *Record) Has(kind ProblemKind) bool {
	return slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.Kind == kind })
}

// Declined reports whether the record says that there is to be no indicator (BIMI
// draft §5.3.1).
func (r *Record) Declined() bool { return r.Valid() && r.Location == "" }

// String prints the record with one space behind each semicolon.
func (r *Record) String() string { return r.Tags.String() }

// Parse reads a record (BIMI draft §5.3). It always returns a record that holds
// the text; the error is [ErrNotBIMI]. Everything else that is wrong is a
// Problem.
func Parse(text string) (*Record, error) {
	r := &Record{Raw: text, Tags: taglist.Parse(text), Avatar: "brand"}
	if len(r.Tags) == 0 || r.Tags[0].Name != "v" || r.Tags[0].Value != "BIMI1" || r.Tags[0].Pos != 0 {
		r.Problems = []Problem{{Kind: ProblemVersion, Value: text[:min(len(text), 16)]}}
		return r, fmt.Errorf("%w: it must begin with %q", ErrNotBIMI, "v=BIMI1;")
	}
	seen := map[string]bool{"v": true}
	for _, tag := range r.Tags[1:] {
		switch {
		case !tag.Assigned || tag.Name == "":
			r.note(ProblemNoValue, tag)
			continue
		case seen[tag.Name]:
			r.note(ProblemRepeated, tag)
			continue
		}
		seen[tag.Name] = true
		r.readTag(tag)
	}
	location, ok := r.Tags.Get("l")
	switch {
	case !seen["l"]:
		r.Problems = append(r.Problems, Problem{Kind: ProblemNoLocation, Tag: "l", Pos: len(text)})
	case ok && location.Value == "" && r.Authority != "":
		r.note(ProblemEmptyL, location)
	}
	return r, nil
}

func (r *Record) readTag(tag taglist.Tag) {
	switch tag.Name {
	case "l":
		if r.checkURI(tag) {
			r.Location = tag.Value
			if suffix := suffixOf(tag.Value); tag.Value != "" && suffix != ".svg" && suffix != ".svgz" {
				r.note(ProblemFormat, tag)
			}
		}
	case "a":
		if r.checkURI(tag) {
			r.Authority = tag.Value
			if tag.Value != "" && suffixOf(tag.Value) != ".pem" {
				r.note(ProblemCertSuffix, tag)
			}
		}
	case "avp":
		if tag.Value == "brand" || tag.Value == "personal" {
			r.Avatar = tag.Value
		} else {
			r.note(ProblemAvatar, tag)
		}
	case "lps":
		r.readPrefixes(tag)
	default:
		kind := ProblemUnknownTag
		if slices.Contains([]string{"v", "l", "a", "avp", "lps"}, strings.ToLower(tag.Name)) {
			kind = ProblemTagCase
		}
		r.note(kind, tag)
	}
}

// checkURI holds a value against bimi-uri: empty, or one https URI with a domain
// name, whose commas are encoded.
func (r *Record) checkURI(tag taglist.Tag) bool {
	if tag.Value == "" {
		return true
	}
	u, err := url.Parse(tag.Value)
	switch {
	case err != nil || strings.ContainsAny(tag.Value, ", \t\r\n") || !u.IsAbs():
		r.note(ProblemURI, tag)
	case u.Scheme != "https":
		r.note(ProblemScheme, tag)
	case !isDomain(u.Hostname()):
		r.note(ProblemHost, tag)
	default:
		return true
	}
	return false
}

// isDomain reports whether a host is a fully qualified domain name.
func isDomain(host string) bool {
	_, err := delivery.ParseAddress("a@" + host)
	return err == nil && strings.Contains(host, ".")
}

func suffixOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil {
		return ""
	}
	return strings.ToLower(path.Ext(u.Path))
}

// readPrefixes follows local-part-prefix-list.
func (r *Record) readPrefixes(tag taglist.Tag) {
	if tag.Value == "" {
		return
	}
	for piece := range strings.SplitSeq(tag.Value, ",") {
		prefix := strings.TrimSpace(piece)
		if prefix == "" || len(prefix) > 63 || strings.ContainsFunc(prefix, notPrefixChar) {
			r.note(ProblemPrefix, tag)
			continue
		}
		r.Prefixes = append(r.Prefixes, prefix)
	}
}

func notPrefixChar(c rune) bool {
	return c != '-' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z')
}

func (r *Record) note(kind ProblemKind, tag taglist.Tag) {
	value := tag.Value
	if !tag.Assigned {
		value = tag.Name
	}
	r.Problems = append(r.Problems, Problem{kind, tag.Name, value, tag.Pos})
}
