package dkim

import (
	_ "embed" // the list of providers
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

//go:embed data/selectors.json
var selectorData []byte

// ErrSelectorList means that a list of providers cannot be read.
var ErrSelectorList = errors.New("not a list of selectors")

// A Provider is somebody who sends mail for domains and the selectors they use.
type Provider struct {
	Name      string   `json:"name"`
	MX        []string `json:"mx,omitempty"`  // endings of the names of its mail exchangers
	SPF       []string `json:"spf,omitempty"` // endings of the names that SPF records include for it
	Selectors []string `json:"selectors"`
	Source    string   `json:"source"` // where that is documented
}

// A SelectorList says which selectors to try when nobody named any.
type SelectorList struct {
	Providers []Provider `json:"providers"`
	// Common are tried for every domain: names that mail servers and their manuals
	// use.
	Common []string `json:"common"`
}

// A Candidate is a selector to try and why.
type Candidate struct {
	Selector string
	Provider string // empty for a common selector, and for one that the user named
}

// DefaultSelectors returns the list that comes with this package.
func DefaultSelectors() (*SelectorList, error) { return ParseSelectors(selectorData) }

// ParseSelectors reads a list as JSON. The error is [ErrSelectorList].
func ParseSelectors(data []byte) (*SelectorList, error) {
	list := &SelectorList{}
	if err := json.Unmarshal(data, list); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSelectorList, err)
	}
	for _, selector := range list.all() {
		if !isName(selector) {
			return nil, fmt.Errorf("%w: %q is not a selector", ErrSelectorList, selector)
		}
	}
	return list, nil
}

func (l *SelectorList) all() []string {
	all := slices.Clone(l.Common)
	for _, p := range l.Providers {
		all = append(all, p.Selectors...)
	}
	return all
}

// For returns the selectors to try for a domain: those of the providers that its
// mail exchangers and its SPF record point to, and then the common ones, each
// once. The names are without a dot at the end.
func (l *SelectorList) For(mx, includes []string) []Candidate {
	var candidates []Candidate
	seen := map[string]bool{}
	add := func(provider string, selectors []string) {
		for _, selector := range selectors {
			if !seen[selector] {
				seen[selector] = true
				candidates = append(candidates, Candidate{selector, provider})
			}
		}
	}
	for _, p := range l.Providers {
		if anyEndsIn(mx, p.MX) || anyEndsIn(includes, p.SPF) {
			add(p.Name, p.Selectors)
		}
	}
	add("", l.Common)
	return candidates
}

// anyEndsIn reports whether one of the names is one of the endings or below it.
func anyEndsIn(names, endings []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return slices.ContainsFunc(endings, func(ending string) bool {
			name := strings.ToLower(name)
			return name == ending || strings.HasSuffix(name, "."+ending)
		})
	})
}
