package dmarc

import (
	"context"
	"fmt"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/taglist"
)

// maxQueries is how many names a tree walk asks for at most (RFC 9989 §4.10).
const maxQueries = 8

// Targets returns the domains of a tree walk in their order, from the domain
// itself to its last label: at most eight, so that a longer domain goes on with
// its last seven labels (RFC 9989 §4.10). The record of each is at "_dmarc.".
func Targets(domain string) []string {
	targets := []string{domain}
	labels := strings.Split(domain, ".")
	first := max(1, len(labels)-(maxQueries-1))
	for i := first; i < len(labels); i++ {
		targets = append(targets, strings.Join(labels[i:], "."))
	}
	return targets
}

// A Step is one name of a tree walk and what was found there.
type Step struct {
	Domain string
	Answer delivery.Answer // the TXT records at "_dmarc." and the domain

	// Records are the DMARC records. Several at one name are all discarded (RFC
	// 9989 §4.10); [Step.Record] is what counts.
	Records []*Record
	// Other are the other texts, which receivers ignore. Their problems say why.
	Other []*Record
}

// Record is the record that counts at this name, or nil.
func (s Step) Record() *Record {
	if len(s.Records) != 1 {
		return nil
	}
	return s.Records[0]
}

// Unknown reports whether it could not be told what is there. There is surely
// nothing at a name that the DNS cannot hold.
func (s Step) Unknown() bool {
	return s.Answer.Unknown() && s.Answer.Cause != delivery.CauseInvalidName
}

// A Walk is a DNS Tree Walk (RFC 9989 §4.10).
type Walk struct {
	Steps []Step // up to the name at which the walk ended

	// OrganizationalDomain is what RFC 9989 §4.10.2 selects; empty when a look-up
	// that it depends on failed.
	OrganizationalDomain string
	// PublicSuffix is the domain above the first step whose record says psd=y; empty when
	// there is none.
	PublicSuffix string
}

// Step returns the step for a domain, or nil when the walk did not get there.
func (w *Walk) Step(domain string) *Step {
	for i := range w.Steps {
		if w.Steps[i].Domain == domain {
			return &w.Steps[i]
		}
	}
	return nil
}

// record is the record that counts at a domain of the walk, or nil.
func (w *Walk) record(domain string) *Record {
	if s := w.Step(domain); s != nil {
		return s.Record()
	}
	return nil
}

// WalkTree walks the tree from a domain. The error is [delivery.ErrInvalidName].
func WalkTree(ctx context.Context, r delivery.Resolver, domain string) (*Walk, error) {
	domain, err := domainName(domain)
	if err != nil {
		return nil, err
	}
	w := newWalker(r)
	w.ask(ctx, domain)
	return w.walk(domain), nil
}

// domainName returns a domain in lower-case A-labels. The root is not one.
func domainName(domain string) (string, error) {
	name, err := delivery.DNSName(domain)
	if name == "." {
		err = fmt.Errorf("%q is %w: it is the root", domain, delivery.ErrInvalidName)
	}
	return name, err
}

// A walker remembers the names it asked for, since walks that begin at different
// domains end at the same ones.
type walker struct {
	resolver delivery.Resolver
	steps    map[string]Step
}

func newWalker(r delivery.Resolver) *walker {
	return &walker{resolver: r, steps: map[string]Step{}}
}

// ask looks up all that the walks from those domains can need, in one wave: the
// names are known beforehand, and a walk of queries that wait for each other
// takes eight times as long. What lies behind the end of a walk is not used.
func (w *walker) ask(ctx context.Context, starts ...string) {
	var domains []string
	var questions []delivery.Question
	for _, start := range starts {
		for _, domain := range Targets(start) {
			if _, ok := w.steps[domain]; !ok {
				w.steps[domain] = Step{}
				domains = append(domains, domain)
				questions = append(questions, delivery.Question{Name: "_dmarc." + domain, Type: delivery.TypeTXT})
			}
		}
	}
	for i, answer := range delivery.LookupAll(ctx, w.resolver, questions...) {
		w.steps[domains[i]] = newStep(domains[i], answer)
	}
}

func newStep(domain string, answer delivery.Answer) Step {
	s := Step{Domain: domain, Answer: answer}
	s.Records, s.Other = taglist.Sift(answer.Texts(), Parse)
	return s
}

// walk puts the steps from a domain together; ask must have been there before.
func (w *walker) walk(start string) *Walk {
	walk := &Walk{}
	org, known := start, true
	for _, domain := range Targets(start) {
		step := w.steps[domain]
		walk.Steps = append(walk.Steps, step)
		known = known && !step.Unknown()
		record := step.Record()
		if record == nil {
			continue
		}
		// Selection goes from the longest name to the shortest (RFC 9989 §4.10.2):
		// 3. without a psd tag that decides, the name with the fewest labels.
		org = domain
		if record.PSD == PSDYes && domain != start {
			// 2. psd=y above the start: one label below, whether that was asked or not.
			walk.PublicSuffix = domain
			org = childToward(domain, start)
		}
		if record.PSD != PSDUnknown {
			break // 1. psd=n, and the end of the walk for both values (§4.10 steps 2 and 6)
		}
	}
	if known {
		walk.OrganizationalDomain = org
	}
	return walk
}

// childToward is the domain one label below parent on the way to a domain under
// it.
func childToward(parent, domain string) string {
	below := strings.TrimSuffix(domain, "."+parent)
	return below[strings.LastIndexByte(below, '.')+1:] + "." + parent
}

// within reports whether a domain is another one or under it.
func within(domain, ancestor string) bool {
	return domain == ancestor || strings.HasSuffix(domain, "."+ancestor)
}
