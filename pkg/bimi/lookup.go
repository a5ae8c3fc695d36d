package bimi

import (
	"context"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/taglist"
)

// DefaultSelector is used for mail that does not name another one (BIMI draft
// §4.4).
const DefaultSelector = "default"

// A Status says whether a domain has an indicator.
type Status string

// The statuses.
const (
	StatusFound    Status = "found"    // one valid record
	StatusDeclined Status = "declined" // one record that says that there is to be none
	StatusNone     Status = "none"     // it is proven that there is no record
	StatusInvalid  Status = "invalid"  // one record with mistakes
	StatusSeveral  Status = "several"  // more than one record at the name
	StatusUnknown  Status = "unknown"  // a look-up that decides it failed
)

// A Lookup is the record of a domain and how it was found.
type Lookup struct {
	Status   Status
	Selector string
	Domain   string  // where the record was found: the author domain or its organizational domain; empty when nowhere
	Record   *Record // the one record, valid or not; nil when there is none or more than one

	Author       Step // at the author domain
	Organization Step // at the organizational domain; zero when that is the same
}

// A Step is one name that was asked for.
type Step struct {
	Domain  string
	Answer  delivery.Answer // the TXT records at the selector, "._bimi." and the domain
	Records []*Record       // all that begin with v=BIMI1
	Other   []*Record       // other texts, which count for nothing
}

// Find asks for the record of an author domain, and at the same time for that of
// its organizational domain, which counts when the author domain has none (BIMI
// draft §8.2). An empty selector is [DefaultSelector]; an empty organizational
// domain is not asked.
func Find(ctx context.Context, r delivery.Resolver, selector, author, organization string) *Lookup {
	if selector == "" {
		selector = DefaultSelector
	}
	l := &Lookup{Selector: selector}
	questions := []delivery.Question{{Name: selector + "._bimi." + author, Type: delivery.TypeTXT}}
	if organization != "" && organization != author {
		questions = append(questions, delivery.Question{Name: selector + "._bimi." + organization, Type: delivery.TypeTXT})
	}
	answers := delivery.LookupAll(ctx, r, questions...)
	l.Author = newStep(author, answers[0])
	if len(answers) > 1 {
		l.Organization = newStep(organization, answers[1])
	}
	l.choose()
	return l
}

func newStep(domain string, answer delivery.Answer) Step {
	s := Step{Domain: domain, Answer: answer}
	s.Records, s.Other = taglist.Sift(answer.Texts(), Parse)
	return s
}

func (l *Lookup) choose() {
	step := l.Author
	if step.Answer.Unknown() {
		l.Status = StatusUnknown
		return
	}
	if len(step.Records) == 0 && l.Organization.Domain != "" {
		step = l.Organization
	}
	switch {
	case step.Answer.Unknown():
		l.Status = StatusUnknown
		return
	case len(step.Records) == 0:
		l.Status = StatusNone
		return
	case len(step.Records) > 1:
		l.Domain, l.Status = step.Domain, StatusSeveral
		return
	}
	l.Domain, l.Record = step.Domain, step.Records[0]
	switch {
	case !l.Record.Valid():
		l.Status = StatusInvalid
	case l.Record.Declined():
		l.Status = StatusDeclined
	default:
		l.Status = StatusFound
	}
}
