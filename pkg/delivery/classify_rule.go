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

// fits reports whether a rule is about replies with an enhanced code and a class.
func (rule *providerRule) fits(code EnhancedCode, class Class) bool {
	if rule.Class == 4 && class != ClassTemporary || rule.Class == 5 && class != ClassPermanent {
		return false
	}
	return len(rule.codes) == 0 || anyContains(rule.codes, code)
}
