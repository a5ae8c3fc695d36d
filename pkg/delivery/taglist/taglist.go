// Package taglist reads the "tag=value; tag=value" lists in which DKIM keys,
// DMARC, BIMI, MTA-STS and TLS-RPT records are written (RFC 6376 §3.2).
//
// It only splits: which tags there are, whether case matters, and what a
// repeated tag means is for each standard to say. Nothing is lost on the way, so
// that a record with mistakes can be shown and mended.
package taglist

import (
	"slices"
	"strings"
)

// A Tag is one piece of a list, between two semicolons.
type Tag struct {
	Name  string // as written, without the white space around it; empty for an empty piece
	Value string // as written, without the white space around it

	// Assigned tells "name=" from "name": whether there is an equals sign.
	Assigned bool
	// Pos and ValuePos are where name and value begin, in octets from the start of
	// the text. ValuePos is the end of the piece when there is no value.
	Pos, ValuePos int
}

// A List holds the tags of a text in their order. The zero value is empty.
type List []Tag

// space is the white space that may stand around names and values: FWS of RFC
// 6376 §2.8, which includes the WSP of the other standards.
const space = " \t\r\n"

// Parse splits a text. It never fails: a piece without an equals sign is a tag
// that is not assigned, and an empty piece between two semicolons is a tag
// without a name. A semicolon at the end makes no piece.
func Parse(text string) List {
	var list List
	for start := 0; start < len(text); {
		end := len(text)
		if i := strings.IndexByte(text[start:], ';'); i >= 0 {
			end = start + i
		}
		piece := text[start:end]
		if end < len(text) || strings.Trim(piece, space) != "" {
			list = append(list, parseTag(piece, start))
		}
		start = end + 1
	}
	return list
}

// parseTag reads one piece that begins at pos.
func parseTag(piece string, pos int) Tag {
	name, value, assigned := strings.Cut(piece, "=")
	t := Tag{
		Name:     strings.Trim(name, space),
		Value:    strings.Trim(value, space),
		Assigned: assigned,
		Pos:      pos + indent(name),
		ValuePos: pos + len(piece),
	}
	if t.Value != "" {
		t.ValuePos = pos + len(name) + 1 + indent(value)
	}
	return t
}

// indent is how much white space s begins with.
func indent(s string) int { return len(s) - len(strings.TrimLeft(s, space)) }

// String prints the list as records are commonly written, "v=DMARC1; p=none".
// Parsing it gives the same names and values; empty pieces are left out.
func (l List) String() string {
	var b strings.Builder
	for _, t := range l {
		if t.Name == "" && !t.Assigned {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString(t.Name)
		if t.Assigned {
			b.WriteString("=")
			b.WriteString(t.Value)
		}
	}
	return b.String()
}

// Get returns the first tag of that name, which is compared without regard to
// letter case.
func (l List) Get(name string) (Tag, bool) {
	for _, t := range l {
		if strings.EqualFold(t.Name, name) {
			return t, true
		}
	}
	return Tag{}, false
}

// With returns a copy in which the tag has that value: in its old place, or at
// the end when it is new. Repetitions of the tag are left out.
func (l List) With(name, value string) List {
	tag := Tag{Name: name, Value: value, Assigned: true}
	i := slices.IndexFunc(l, func(t Tag) bool { return strings.EqualFold(t.Name, name) })
	if i < 0 {
		return append(slices.Clone(l), tag)
	}
	rest := l[i+1:].Without(name)
	return slices.Concat(l[:i], List{tag}, rest)
}

// Without returns a copy that lacks the tags of those names.
func (l List) Without(names ...string) List {
	return slices.DeleteFunc(slices.Clone(l), func(t Tag) bool {
		return slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(t.Name, name) })
	})
}
