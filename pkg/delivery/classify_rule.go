package delivery

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A providerRule is what some replies of a provider mean. A rule is worth more than
// those below it.
type providerRule struct {
	Reason Reason `json:"reason"`
	// Phrases are what the reply says; see [phrases]. One of them must be there.
	Phrases []string `json:"phrases"`
	// Codes are enhanced codes, "X.7.26" or a range "X.7.500-699". One of them must
	// be there, where there are any.
	Codes []string `json:"codes"`
	// Class, when it is not 0, is the first digit the reply must have.
	Class int `json:"class"`
	// Forms are how the whole text reads, where the words alone are everybody's: in
	// lower case, with a "*" for whatever stands there. It must read like one of them,
	// where there are any.
	Forms []string `json:"forms"`
	// Mark says that nobody else answers so.
	Mark bool `json:"mark"`
	// Meaning and Advice say more than the reason does, where they are not empty.
	Meaning string `json:"meaning"`
	Advice  string `json:"advice"`
	Source  string `json:"source"`

	provider int // in the table
	codes    []codeRange
}

type codeRange struct{ subject, first, last int }

func (r codeRange) contains(c EnhancedCode) bool {
	return c.Subject == r.subject && r.first <= c.Detail && c.Detail <= r.last
}

// anyContains reports whether a code is in one of the ranges.
func anyContains(ranges []codeRange, c EnhancedCode) bool {
	return !c.IsZero() && slices.ContainsFunc(ranges, func(r codeRange) bool { return r.contains(c) })
}

func parseCodeRanges(texts []string) (ranges []codeRange, failed error) {
	for _, text := range texts {
		r, err := parseCodeRange(text)
		failed = errors.Join(failed, err)
		ranges = append(ranges, r)
	}
	return ranges, failed
}

// parseCodeRange reads "X.7.26" or "X.7.500-699".
func parseCodeRange(text string) (codeRange, error) {
	from, to, ranged := strings.Cut(text, "-")
	code, err := parseSubjectDetail(from)
	r := codeRange{code.Subject, code.Detail, code.Detail}
	if err == nil && ranged {
		if r.last, err = strconv.Atoi(to); err != nil {
			err = fmt.Errorf("invalid code %q", text)
		}
	}
	return r, err
}

// fits reports whether a rule of which a phrase was found is about a reply of a class.
func (rule *providerRule) fits(r Reply, class Class) bool {
	if rule.Class == 4 && class != ClassTemporary || rule.Class == 5 && class != ClassPermanent {
		return false
	}
	if len(rule.codes) > 0 && !anyContains(rule.codes, r.Enhanced) {
		return false
	}
	return len(rule.Forms) == 0 || readsLike(r.Text(), rule.Forms)
}

// readsLike reports whether the whole of a text has one of the forms.
func readsLike(text string, forms []string) bool {
	text = lowerASCII(strings.TrimSpace(text))
	return slices.ContainsFunc(forms, func(form string) bool { return hasForm(text, form) })
}

// hasForm reports whether a text in lower case is the form with something, or
// nothing, in place of each "*".
func hasForm(text, form string) bool {
	part, rest, open := strings.Cut(form, "*")
	text, ok := strings.CutPrefix(text, part)
	for ok && open {
		part, rest, open = strings.Cut(rest, "*")
		if !open {
			return strings.HasSuffix(text, part)
		}
		_, text, ok = strings.Cut(text, part)
	}
	return ok && text == ""
}
