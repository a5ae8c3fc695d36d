package dmarc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery/taglist"
)

// Parse reads a DMARC policy record (RFC 9989 §4.7 and §4.8). It always returns a
// record that holds the text; the error is [ErrNotDMARC] when receivers ignore it
// altogether. Everything else that is wrong is a Problem, since receivers go on
// with defaults.
func Parse(text string) (*Record, error) {
	r, err := parseTags(text)
	if err != nil {
		return r, err
	}
	r.checkPolicy()
	if tag, ok := r.Tags.Get("fo"); ok && len(r.Failure) == 0 {
		r.note(ProblemNoFailureURI, tag)
	}
	r.sortProblems()
	return r, nil
}

// ParseAuthorization reads the record by which a domain agrees to get reports
// about another one (RFC 9990 §4). It has the syntax of a policy record, but no
// policy.
func ParseAuthorization(text string) (*Record, error) {
	r, err := parseTags(text)
	r.sortProblems()
	return r, err
}

func parseTags(text string) (*Record, error) {
	r := &Record{
		Raw:            text,
		Tags:           taglist.Parse(text),
		DKIMMode:       Relaxed,
		SPFMode:        Relaxed,
		PSD:            PSDUnknown,
		FailureOptions: []FailureOption{FailureAll},
	}
	if err := r.checkVersion(); err != nil {
		return r, err
	}
	seen := map[string]bool{}
	for _, tag := range r.Tags {
		name := strings.ToLower(tag.Name)
		switch {
		case tag.Name == "":
			r.note(ProblemEmptyTag, tag)
			continue
		case !tag.Assigned:
			r.note(ProblemNoValue, tag)
			continue
		case seen[name]:
			r.note(ProblemRepeatedTag, tag)
			continue
		}
		seen[name] = true
		if name != tag.Name {
			r.note(ProblemTagCase, tag)
		}
		r.readTag(name, tag)
	}
	return r, nil
}

// checkVersion holds the first tag against "v=DMARC1". The name of a tag may be
// in any case (RFC 5234 §2.3), the version may not (RFC 9989 §4.8).
func (r *Record) checkVersion() error {
	first := taglist.Tag{}
	if len(r.Tags) > 0 {
		first = r.Tags[0]
	}
	var kind ProblemKind
	switch {
	case !strings.EqualFold(first.Name, "v"):
		kind = ProblemNoVersion
		if v, ok := r.Tags.Get("v"); ok && strings.EqualFold(v.Value, "DMARC1") {
			kind, first = ProblemVersionLater, v
		}
	case first.Value == "DMARC1":
		if first.Pos > 0 {
			r.note(ProblemLeadingSpace, first)
		}
		return nil
	case strings.EqualFold(first.Value, "DMARC1"):
		kind = ProblemVersionCase
	default:
		kind = ProblemVersionUnknown
	}
	r.note(kind, first)
	return fmt.Errorf("%w: it must begin with %q", ErrNotDMARC, "v=DMARC1;")
}

// readTag takes over the value of a tag. Tags are compared in lower case, as
// strings are in RFC 5234.
func (r *Record) readTag(name string, tag taglist.Tag) {
	if i := badOctet(tag.Value); i >= 0 {
		r.Problems = append(r.Problems, Problem{ProblemBadOctet, name, tag.Value, tag.ValuePos + i})
	}
	value := strings.ToLower(tag.Value)
	switch name {
	case "v":
	case "p":
		r.Policy = r.policy(tag, value)
	case "sp":
		r.Subdomain = r.policy(tag, value)
	case "np":
		r.NonExistent = r.policy(tag, value)
	case "adkim":
		r.DKIMMode = oneOf(r, tag, value, Relaxed, Strict)
	case "aspf":
		r.SPFMode = oneOf(r, tag, value, Relaxed, Strict)
	case "t":
		r.Test = oneOf(r, tag, value, "n", "y") == "y"
	case "psd":
		r.PSD = oneOf(r, tag, value, PSDUnknown, PSDYes, PSDNo)
	case "rua":
		r.Aggregate = r.readURIs(tag)
	case "ruf":
		r.Failure = r.readURIs(tag)
	case "fo":
		r.readFailureOptions(tag, value)
	case "pct", "rf", "ri":
		r.note(ProblemHistoricTag, tag)
	default:
		r.note(ProblemUnknownTag, tag)
	}
}

func (r *Record) policy(tag taglist.Tag, value string) Policy {
	switch p := Policy(value); p {
	case PolicyNone, PolicyQuarantine, PolicyReject:
		return p
	default:
		r.note(ProblemInvalidPolicy, tag)
		return ""
	}
}

// oneOf returns the value when it is among those allowed, of which the first is
// the default.
func oneOf[T ~string](r *Record, tag taglist.Tag, value string, allowed ...T) T {
	if slices.Contains(allowed, T(value)) {
		return T(value)
	}
	r.note(ProblemInvalidValue, tag)
	return allowed[0]
}

// readFailureOptions reads fo: each value once, and not both 0 and 1 (RFC 9989
// §4.8).
func (r *Record) readFailureOptions(tag taglist.Tag, value string) {
	var options []FailureOption
	for piece := range strings.SplitSeq(value, ":") {
		o := FailureOption(strings.TrimSpace(piece))
		switch o {
		case FailureAll, FailureAny, FailureDKIM, FailureSPF:
		default:
			r.note(ProblemInvalidValue, tag)
			return
		}
		if slices.Contains(options, o) {
			r.note(ProblemInvalidValue, tag)
			return
		}
		options = append(options, o)
	}
	if slices.Contains(options, FailureAll) && slices.Contains(options, FailureAny) {
		r.note(ProblemInvalidValue, tag)
		return
	}
	r.FailureOptions = options
}

// checkPolicy notes what RFC 7489 §6.3 was stricter about: p must be there, right
// behind v.
func (r *Record) checkPolicy() {
	p, ok := r.Tags.Get("p")
	switch {
	case !ok:
		r.Problems = append(r.Problems, Problem{Kind: ProblemNoPolicy, Tag: "p", Pos: len(r.Raw)})
	case len(r.Tags) > 1 && r.Tags[1].Pos != p.Pos:
		r.note(ProblemPolicyOrder, p)
	}
}

func (r *Record) note(kind ProblemKind, tag taglist.Tag) {
	value := tag.Value
	if !tag.Assigned {
		value = tag.Name
	}
	r.Problems = append(r.Problems, Problem{kind, strings.ToLower(tag.Name), value, tag.Pos})
}

func (r *Record) sortProblems() {
	slices.SortStableFunc(r.Problems, func(a, b Problem) int { return a.Pos - b.Pos })
}

// badOctet is the place of the first octet outside %x20-7E, or -1 (RFC 9989 §4.8,
// dmarc-value).
func badOctet(s string) int {
	return strings.IndexFunc(s, func(c rune) bool { return c < ' ' || c > '~' })
}
