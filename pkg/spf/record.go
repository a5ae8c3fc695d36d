package spf

import (
	"net/netip"
	"strconv"
	"strings"
)

// Version is how every record begins (RFC 7208 §4.5), without regard to case.
const Version = "v=spf1"

// A Kind is what a term is. Mechanisms and modifiers have their names.
type Kind string

// The kinds of term.
const (
	KindAll     Kind = "all"     // §5.1
	KindInclude Kind = "include" // §5.2
	KindA       Kind = "a"       // §5.3
	KindMX      Kind = "mx"      // §5.4
	KindPTR     Kind = "ptr"     // §5.5, not to be used
	KindIP4     Kind = "ip4"     // §5.6
	KindIP6     Kind = "ip6"     // §5.6
	KindExists  Kind = "exists"  // §5.7

	KindRedirect  Kind = "redirect"  // §6.1
	KindExp       Kind = "exp"       // §6.2
	KindReporting Kind = "reporting" // ra, rp and rr of RFC 6652: known, and ignored here
	KindUnknown   Kind = "unknown"   // any other modifier, ignored (§6)

	KindInvalid Kind = "invalid" // Term.Err says why
)

// IsMechanism reports whether terms of this kind can match a client.
func (k Kind) IsMechanism() bool {
	switch k {
	case KindAll, KindInclude, KindA, KindMX, KindPTR, KindIP4, KindIP6, KindExists:
		return true
	case KindRedirect, KindExp, KindReporting, KindUnknown, KindInvalid:
	}
	return false
}

// CostsLookup reports whether a term of this kind counts to the limit of ten
// (RFC 7208 §4.6.4).
func (k Kind) CostsLookup() bool {
	switch k {
	case KindInclude, KindA, KindMX, KindPTR, KindExists, KindRedirect:
		return true
	case KindAll, KindIP4, KindIP6, KindExp, KindReporting, KindUnknown, KindInvalid:
	}
	return false
}

// A Qualifier is what a mechanism makes of a client that it matches (§4.6.2).
type Qualifier string

// The qualifiers. A mechanism without one has QualifierPass.
const (
	QualifierPass     Qualifier = "+"
	QualifierFail     Qualifier = "-"
	QualifierSoftFail Qualifier = "~"
	QualifierNeutral  Qualifier = "?"
)

// Status returns the result of a match.
func (q Qualifier) Status() Status {
	switch q {
	case QualifierFail:
		return Fail
	case QualifierSoftFail:
		return SoftFail
	case QualifierNeutral:
		return Neutral
	case QualifierPass:
	}
	return Pass
}

// A Record is one policy, as it was published. The zero Record is none.
type Record struct {
	Text  string // the strings of the TXT record joined
	Terms []Term // in their order, the invalid ones too
}

// A Term is one mechanism or modifier.
type Term struct {
	Text      string // as it was written
	Offset    int    // of its first octet in the record
	Kind      Kind
	Qualifier Qualifier // of mechanisms; empty for modifiers

	// Domain is the domain-spec of include, a, mx, ptr, exists, redirect and exp.
	// The zero Macro means that there is none: the domain of the record is meant.
	Domain Macro
	// Network is that of ip4 and ip6, as it was written: bits of the host may be set.
	Network netip.Prefix
	// Bits4 and Bits6 are the CIDR lengths of a and mx: 32 and 128 unless given.
	Bits4, Bits6 int
	// Name and Value are those of an unknown or reporting modifier.
	Name  string
	Value string

	Err *SyntaxError // only for KindInvalid
}

// String writes the term in its shortest form: names in lower case, no "+", no
// CIDR length that says nothing. An invalid term is as it was written.
func (t Term) String() string {
	var b strings.Builder
	if t.Qualifier != QualifierPass {
		b.WriteString(string(t.Qualifier))
	}
	switch t.Kind {
	case KindInvalid:
		return t.Text
	case KindUnknown, KindReporting:
		return t.Name + "=" + t.Value
	case KindRedirect, KindExp:
		return string(t.Kind) + "=" + t.Domain.String()
	case KindIP4, KindIP6:
		b.WriteString(string(t.Kind) + ":" + networkText(t.Network))
		return b.String()
	case KindAll, KindInclude, KindA, KindMX, KindPTR, KindExists:
	}
	b.WriteString(string(t.Kind))
	if !t.Domain.IsZero() {
		b.WriteString(":" + t.Domain.String())
	}
	if t.Kind == KindA || t.Kind == KindMX {
		if t.Bits4 != 32 {
			b.WriteString("/" + strconv.Itoa(t.Bits4))
		}
		if t.Bits6 != 128 {
			b.WriteString("//" + strconv.Itoa(t.Bits6))
		}
	}
	return b.String()
}

// String writes the record with its terms in their shortest form.
func (r Record) String() string {
	var b strings.Builder
	b.WriteString(Version)
	for _, t := range r.Terms {
		b.WriteString(" " + t.String())
	}
	return b.String()
}

// All returns the index of the "all" mechanism that ends the evaluation, or -1.
// Mechanisms behind it are never reached, and redirect is ignored (§5.1).
func (r Record) All() int { return r.first(KindAll) }

// Redirect returns the index of the redirect modifier that takes effect, or -1.
func (r Record) Redirect() int {
	if r.All() >= 0 {
		return -1
	}
	return r.first(KindRedirect)
}

// Exp returns the index of the exp modifier, or -1.
func (r Record) Exp() int { return r.first(KindExp) }

func (r Record) first(kind Kind) int {
	for i, t := range r.Terms {
		if t.Kind == kind {
			return i
		}
	}
	return -1
}

// Err returns the first of the record's syntax errors, or nil.
func (r Record) Err() error {
	for _, t := range r.Terms {
		if t.Err != nil {
			return t.Err
		}
	}
	return nil
}

// Reached returns the mechanisms that may be evaluated, in order, and then the
// redirect modifier if it may take effect: their indexes in Terms.
func (r Record) Reached() []int {
	var reached []int
	for i, t := range r.Terms {
		if t.Kind.IsMechanism() {
			reached = append(reached, i)
		}
		if t.Kind == KindAll {
			return reached
		}
	}
	if i := r.Redirect(); i >= 0 {
		reached = append(reached, i)
	}
	return reached
}
