package spf

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Errors of [Parse].
var (
	// ErrNotSPF means that a text is not a record at all: it does not begin with
	// "v=spf1" and a space or the end (RFC 7208 §4.5).
	ErrNotSPF = errors.New(`it does not begin with "v=spf1"`)
	// ErrSyntax is the cause of every [SyntaxError].
	ErrSyntax = errors.New("syntax error")
)

// A SyntaxError is what is wrong with one term. Any of them makes the whole
// record a permerror (RFC 7208 §4.6).
type SyntaxError struct {
	Term    string // as it was written
	Offset  int    // of the term in the record
	Problem string // such as "the domain is missing"
	Advice  string // what to write instead; may be empty
}

// Error returns, for example, `"a:" at octet 8: the domain is missing`.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%q at octet %d: %s", shorten(e.Term), e.Offset+1, e.Problem)
}

// Unwrap returns [ErrSyntax].
func (e *SyntaxError) Unwrap() error { return ErrSyntax }

// IsRecord reports whether a TXT record is meant to be SPF (RFC 7208 §4.5).
func IsRecord(text string) bool {
	return len(text) >= len(Version) && strings.EqualFold(text[:len(Version)], Version) &&
		(len(text) == len(Version) || text[len(Version)] == ' ')
}

// Parse reads a record. Terms that are wrong are kept, with [KindInvalid] and
// what is wrong with them; the error is that of the first one, and carries its
// advice as a hint. A text that is no record is [ErrNotSPF].
func Parse(text string) (Record, error) {
	record := Record{Text: text}
	if !IsRecord(text) {
		return record, fmt.Errorf("%q is not an SPF record: %w", shorten(text), ErrNotSPF)
	}
	var redirect, exp bool
	for offset := len(Version); offset < len(text); {
		if text[offset] == ' ' {
			offset++
			continue
		}
		word := text[offset:]
		if end := strings.IndexByte(word, ' '); end >= 0 {
			word = word[:end]
		}
		term := parseTerm(word, offset)
		if term.Kind == KindRedirect && redirect || term.Kind == KindExp && exp {
			term = term.invalid(fmt.Sprintf("%s may be there only once", term.Kind), "keep one of them") // §6
		}
		if term.Err != nil {
			if mended := mendWord(word); mended != "" && mended != word { // not so for a second modifier
				term.Err.Advice = "write " + mended
			}
		}
		redirect = redirect || term.Kind == KindRedirect
		exp = exp || term.Kind == KindExp
		record.Terms = append(record.Terms, term)
		offset += len(word)
	}
	var syntax *SyntaxError
	if err := record.Err(); errors.As(err, &syntax) {
		return record, delivery.Hint(err, syntax.Advice)
	}
	return record, nil
}

// invalid returns the term as one that is wrong.
func (t Term) invalid(problem, advice string) Term {
	return Term{
		Text: t.Text, Offset: t.Offset, Kind: KindInvalid,
		Err: &SyntaxError{Term: t.Text, Offset: t.Offset, Problem: problem, Advice: advice},
	}
}

// parseTerm reads one term: a modifier when "=" stands right behind its name,
// and otherwise a mechanism (§4.6.1).
func parseTerm(text string, offset int) Term {
	t := Term{Text: text, Offset: offset}
	if name, value, ok := strings.Cut(text, "="); ok && isModifierName(name) {
		return t.modifier(name, value)
	}
	return t.mechanism()
}

// isModifierName reports whether name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ).
func isModifierName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if !isAlpha(c) && (i == 0 || !isDigit(c) && strings.IndexByte("-_.", c) < 0) {
			return false
		}
	}
	return name != ""
}

func isAlpha(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// modifier reads a modifier. Those that are known must fit their own grammar,
// and are not taken for unknown ones otherwise: the RFC's grammar would have it,
// but its test suite and everybody else do not.
func (t Term) modifier(name, value string) Term {
	switch lower := strings.ToLower(name); lower {
	case "redirect", "exp":
		domain, err := parseDomainSpec(value)
		if err != nil {
			return t.invalid(err.Error(), domainAdvice(Kind(lower), value))
		}
		t.Kind, t.Domain = Kind(lower), domain
	default:
		if _, err := parseMacro(value, inText, false); err != nil {
			return t.invalid(err.Error(), "")
		}
		t.Kind, t.Name, t.Value = KindUnknown, lower, value
		if lower == "ra" || lower == "rp" || lower == "rr" { // RFC 6652 §3
			t.Kind = KindReporting
		}
	}
	return t
}

// mechanism reads a mechanism with its qualifier.
func (t Term) mechanism() Term {
	rest := t.Text
	t.Qualifier = QualifierPass
	if rest != "" && strings.IndexByte("+-~?", rest[0]) >= 0 {
		t.Qualifier, rest = Qualifier(rest[:1]), rest[1:]
	}
	end := strings.IndexAny(rest, ":/")
	if end < 0 {
		end = len(rest)
	}
	name, argument := rest[:end], rest[end:]
	t.Kind = Kind(strings.ToLower(name))
	var err error
	switch t.Kind {
	case KindAll:
		if argument != "" {
			err = errors.New("all takes no argument")
		}
	case KindIP4, KindIP6:
		t.Network, err = parseNetwork(t.Kind, argument)
	case KindA, KindMX:
		var domain string
		t.Bits4, t.Bits6 = 32, 128
		if domain, err = t.dualCIDR(argument); err == nil {
			t.Domain, err = optionalDomain(domain)
		}
	case KindPTR:
		t.Domain, err = optionalDomain(argument)
	case KindInclude, KindExists:
		spec, ok := strings.CutPrefix(argument, ":")
		if !ok {
			err = errors.New("the domain is missing")
			break
		}
		t.Domain, err = parseDomainSpec(spec)
	default:
		return t.invalid(fmt.Sprintf("the mechanism %q is not known", shorten(name)), mechanismAdvice(name, argument))
	}
	if err != nil {
		return t.invalid(err.Error(), domainAdvice(t.Kind, strings.TrimPrefix(argument, ":")))
	}
	return t
}
