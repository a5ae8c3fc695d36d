package spf

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// maxIdentity bounds what a client says of itself; RFC 5321 §4.5.3.1 has 256
// octets for a path.
const maxIdentity = 1024

// Check is check_host() of RFC 7208 §4: it decides whether the client may send
// for the domain of its reverse-path, or of its HELO name. Waiting ends with ctx,
// and the result is TempError then; §4.6.4 wants at least 20 seconds.
func Check(ctx context.Context, r delivery.Resolver, q Query) Result {
	e := newEvaluation(r, q)
	if !e.ip.IsValid() {
		return Result{Status: None, Identity: e.identity, Domain: e.domain, Err: ErrNoClient}
	}
	v := e.checkHost(ctx, e.domain)
	result := Result{
		Status: v.status, Identity: e.identity, Domain: e.domain, Mechanism: v.mechanism,
		Lookups: e.lookups, VoidLookups: e.void, Trace: v.visits, Err: v.err,
	}
	if v.status == Fail && !v.exp.IsZero() {
		// Whatever is wrong with an explanation, there is none then (§6.2).
		result.Explanation, _ = e.explain(ctx, v)
	}
	return result
}

// An evaluation is one check, with what it has used up.
type evaluation struct {
	resolver delivery.Resolver
	query    Query
	ip       netip.Addr // IPv4 when it is one, however it was written (§5)
	identity Identity
	local    string // of the sender
	domain   string // of the sender
	helo     string

	lookups int
	void    int
	names   *clientNames // once they were asked for
}

func newEvaluation(r delivery.Resolver, q Query) *evaluation {
	e := &evaluation{resolver: r, query: q, ip: q.IP.Unmap().WithZone(""), identity: IdentityMailFrom}
	e.helo = strings.TrimSuffix(q.Helo[:min(len(q.Helo), maxIdentity)], ".")
	sender := strings.TrimSuffix(strings.TrimPrefix(q.MailFrom, "<"), ">")
	if sender == "" {
		e.identity = IdentityHelo
		sender = e.helo
	}
	sender = sender[:min(len(sender), maxIdentity)]
	at := strings.LastIndexByte(sender, '@')
	e.local, e.domain = sender[:max(at, 0)], sender[at+1:]
	if e.local == "" {
		e.local = "postmaster" // §4.3
	}
	if ascii, err := delivery.DNSName(e.domain); err == nil {
		e.domain = ascii // A-labels (RFC 8616 §4)
	}
	return e
}

// A verdict is the result of one record and of those it redirects to.
type verdict struct {
	status    Status
	mechanism string
	err       error
	visits    []*Visit
	exp       Macro  // of the record that decided
	domain    string // of the record that decided
}

// checkHost evaluates the record of a domain.
func (e *evaluation) checkHost(ctx context.Context, domain string) verdict {
	visit := &Visit{Domain: domain}
	v := verdict{domain: domain, visits: []*Visit{visit}}
	record, status, err := e.fetch(ctx, visit)
	if status == "" {
		v = e.evaluate(ctx, record, v)
	} else {
		v.status, v.err = status, err
	}
	visit.Status = v.status
	if v.err != nil {
		visit.Problem = v.err.Error()
	}
	return v
}

// fetch finds the record of a domain (§4.3 to §4.5). The status is empty when
// there is one that can be evaluated.
func (e *evaluation) fetch(ctx context.Context, visit *Visit) (Record, Status, error) {
	if !canHavePolicy(visit.Domain) {
		return Record{}, None, fmt.Errorf("%q is %w", shorten(visit.Domain), ErrNoDomain)
	}
	answer := e.ask(ctx, &visit.Asked, visit.Domain, delivery.TypeTXT)
	if answer.Unknown() {
		return Record{}, TempError, lookupError(answer)
	}
	var records []string
	for _, text := range answer.Texts() {
		if IsRecord(text) {
			records = append(records, text)
		}
	}
	switch len(records) {
	case 0:
		return Record{}, None, fmt.Errorf("%w at %s", ErrNoRecord, visit.Domain)
	case 1:
	default:
		return Record{}, PermError, fmt.Errorf("%w at %s", ErrSeveralRecords, visit.Domain)
	}
	visit.Record = records[0]
	record, err := Parse(records[0])
	if err != nil {
		return record, PermError, err // wherever it is, also behind a match (§4.6)
	}
	return record, "", nil
}

// canHavePolicy reports whether a domain is one that initial processing lets
// through: valid and with more than one label (§4.3).
func canHavePolicy(domain string) bool {
	ascii, err := delivery.DNSName(domain)
	return err == nil && strings.IndexByte(ascii, '.') > 0 && ascii[0] != '['
}

// evaluate goes through the mechanisms from left to right, and then to where the
// record redirects (§4.6.2, §4.7).
func (e *evaluation) evaluate(ctx context.Context, record Record, v verdict) verdict {
	visit := v.visits[0]
	visit.Steps = unreachedSteps(record)
	if i := record.Exp(); i >= 0 {
		v.exp = record.Terms[i].Domain
	}
	step := 0
	for _, term := range record.Terms {
		if !term.Kind.IsMechanism() {
			continue
		}
		outcome, err := e.try(ctx, term, visit.Domain, &visit.Steps[step])
		switch outcome {
		case StepMatch:
			v.status, v.mechanism = term.Qualifier.Status(), term.Text
			return v
		case StepTempError:
			v.status, v.err = TempError, err
			return v
		case StepPermError:
			v.status, v.err = PermError, err
			return v
		case StepNoMatch, StepRedirect, StepNotReached:
		}
		step++
	}
	if i := record.Redirect(); i >= 0 {
		return e.redirect(ctx, record.Terms[i], v)
	}
	v.status, v.mechanism = Neutral, "default"
	return v
}

// unreachedSteps are the steps of a record before any of it is evaluated.
func unreachedSteps(record Record) []Step {
	var steps []Step
	for _, term := range record.Terms {
		if term.Kind.IsMechanism() {
			steps = append(steps, Step{Term: term.Text, Kind: term.Kind, Outcome: StepNotReached})
		}
	}
	return steps
}

// redirect goes on with the record of another domain, in the place of this one
// (§6.1).
func (e *evaluation) redirect(ctx context.Context, term Term, v verdict) verdict {
	visit := v.visits[0]
	visit.Steps = append(visit.Steps, Step{Term: term.Text, Kind: term.Kind, Outcome: StepRedirect})
	step := &visit.Steps[len(visit.Steps)-1]
	lookups, void := e.lookups, e.void
	defer func() { step.Lookups, step.VoidLookups = e.lookups-lookups, e.void-void }()
	fail := func(err error) verdict {
		step.Outcome, step.Problem = StepPermError, err.Error()
		v.status, v.err = PermError, err
		return v
	}
	if err := e.count(); err != nil {
		return fail(err)
	}
	target, ok, err := e.target(ctx, term.Domain, v.domain, step)
	if err != nil {
		return fail(err)
	}
	step.Target = target
	if !ok {
		return fail(fmt.Errorf("redirect to %q: %w", shorten(target), ErrNoDomain))
	}
	next := e.checkHost(ctx, target)
	next.visits = append(v.visits, next.visits...)
	if next.status == None {
		next.status, next.err = PermError, fmt.Errorf("redirect: %w", next.err)
	}
	return next
}
