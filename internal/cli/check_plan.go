package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/probe"
)

// A checkPlan is everything that a run of check needs.
type checkPlan struct {
	env      Environment
	s        settings
	targets  []checkTarget
	options  check.Options // without a resolver
	profiles []check.RuleSet
	policy   *check.Policy  // nil when there is none
	live     *probe.Options // nil unless mail servers are connected to
	failOn   check.Severity
}

// A checkTarget is a domain and where it was named.
type checkTarget struct {
	domain string
	place  ui.Place
}

// planCheck reads and verifies everything that was asked for.
func planCheck(env Environment, s settings, args []string) (*checkPlan, error) {
	p := &checkPlan{env: env, s: s, failOn: check.Severity(s.Check.FailOn), options: check.Options{Now: env.Now, Selectors: s.Check.Selector}}
	steps := []func() error{
		func() error { return oneOf("format", s.Format, ui.CheckFormats()...) },
		func() error { return oneOf("fail-on", s.Check.FailOn, "error", "warning", "notice") },
		p.standards,
		p.selectors,
		p.addresses,
		func() (err error) { p.profiles, err = chosenProfiles(s.Check.Profile); return err },
		p.readPolicy,
		p.readProbe,
		func() error { return p.domains(args) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if s.Check.Concurrency < 1 {
		return nil, delivery.Hint(fmt.Errorf("invalid --concurrency \"%d\"", s.Check.Concurrency), "write a number from 1 on")
	}
	return p, nil
}

// selectors refuses what no selector is (RFC 6376 §3.1).
func (p *checkPlan) selectors() error {
	for _, selector := range p.s.Check.Selector {
		if selector == "" || strings.ContainsAny(selector, ", \t\"") {
			return delivery.Hint(fmt.Errorf("invalid --selector %q", selector), "give --selector once for each: --selector s1 --selector s2")
		}
	}
	return nil
}

// standards reads --only, --skip and --with.
func (p *checkPlan) standards() error {
	only, err1 := standardsOf("only", p.s.Check.Only)
	skip, err2 := standardsOf("skip", p.s.Check.Skip)
	with, err3 := standardsOf("with", p.s.Check.With)
	if err := cmp.Or(err1, err2, err3); err != nil {
		return err
	}
	if len(with) > 0 && len(only) == 0 {
		only = slices.DeleteFunc(check.Standards(), func(s check.Standard) bool { return !p.options.Wants(s) })
	}
	p.options.Only, p.options.Skip = slices.Concat(only, with), skip
	if !slices.ContainsFunc(check.Standards(), p.options.Wants) {
		return delivery.Hint(errors.New("--only and --skip leave nothing to check"), "take a standard out of --skip, or add one to --only")
	}
	return nil
}

// standardsOf reads the names of standards that a flag lists.
func standardsOf(flag string, list []string) ([]check.Standard, error) {
	var names []string
	for _, s := range check.Standards() {
		names = append(names, string(s))
	}
	var standards []check.Standard
	for _, name := range list {
		if err := oneOf(flag, name, names...); err != nil {
			return nil, err
		}
		standards = append(standards, check.Standard(name))
	}
	return standards, nil
}

// addresses reads --ip.
func (p *checkPlan) addresses() error {
	for _, text := range p.s.Check.IP {
		addr, err := netip.ParseAddr(text)
		if err != nil || addr.Zone() != "" {
			return delivery.Hint(fmt.Errorf("invalid --ip %q", text), "write an address such as 192.0.2.25 or 2001:db8::25")
		}
		p.options.IPs = append(p.options.IPs, addr.Unmap())
	}
	return nil
}

func chosenProfiles(receivers []string) ([]check.RuleSet, error) {
	if len(receivers) == 0 {
		return nil, nil
	}
	sets, err := check.Profiles(receivers)
	if err != nil {
		return nil, fmt.Errorf("--profile: %w", err)
	}
	return sets, nil
}

func (p *checkPlan) readPolicy() error {
	path := p.s.Check.Policy
	if path == "" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return fileError("read --policy", path, err)
	}
	p.policy, err = check.ParsePolicy(f)
	if err != nil {
		err = fmt.Errorf("--policy %q: %w", path, err)
		if len(delivery.Hints(err)) == 0 {
			err = delivery.Hint(err, "write one to begin with: mailctl check DOMAIN --write-policy FILE")
		}
	}
	return errors.Join(err, f.Close())
}

// domains puts together what is to be checked: the arguments, the list, or else
// all that the policy names.
func (p *checkPlan) domains(args []string) error {
	for _, arg := range args {
		if err := verifyDomain(arg); err != nil {
			return err
		}
		p.targets = append(p.targets, checkTarget{domain: arg})
	}
	if path := p.s.Check.List; path != "" {
		listed, err := readDomains(p.env, path)
		if err != nil {
			return err
		}
		p.targets = slices.Concat(p.targets, listed)
	}
	if len(args) == 0 && p.s.Check.List == "" && p.policy != nil {
		for _, d := range p.policy.Domains {
			p.targets = append(p.targets, checkTarget{domain: d.Domain})
		}
	}
	if len(p.targets) == 0 {
		return delivery.Hint(errors.New("no domain to check"), "name one, such as: mailctl check example.com")
	}
	return nil
}

// optionsFor returns the options for one domain: the policy may know its
// selectors.
func (p *checkPlan) optionsFor(domain string) check.Options {
	opt := p.options
	if p.policy != nil && len(opt.Selectors) == 0 {
		if want := p.policy.For(domain); want != nil {
			opt.Selectors = want.Selectors.Value
		}
	}
	return opt
}

// judged holds a domain against profiles and policy, and says where it was named.
func (p *checkPlan) judged(d check.Domain, target checkTarget) ui.CheckedDomain {
	for _, set := range p.profiles {
		d = set.Judge(d)
	}
	checked := ui.CheckedDomain{Domain: d, Place: target.place}
	if p.policy == nil {
		return checked
	}
	var lines map[int]int
	checked.Domain, lines = p.policy.Judge(d, p.env.Now())
	file := p.s.Check.Policy
	if want := p.policy.For(d.Domain); want != nil && checked.Place.File == "" {
		checked.Place = ui.Place{File: file, Line: want.Line}
	}
	checked.Lines = map[int]ui.Place{}
	for finding, line := range lines {
		checked.Lines[finding] = ui.Place{File: file, Line: line}
	}
	return checked
}

// run checks all domains and prints them in order.
func (p *checkPlan) run(ctx context.Context) (err error) {
	console := newConsole(p.env, p.s)
	access, err := newResolver(p.env, p.s, console.say)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, access.Close()) }()
	p.options.Resolver, p.options.HTTP = check.Bounded(access, 0), access.HTTP
	sum := &checkTally{
		tally: tally{env: p.env, s: p.s, console: console, noun: "domain", total: len(p.targets)}, plan: p, prober: p.prober(access),
	}
	err = writeResult(p.env, p.s, func(out *output) error { return sum.print(ctx, out) })
	if p.s.Verbose {
		stats := access.Stats()
		console.say(fmt.Sprintf("queries sent: %s; answered from memory: %s", ui.Count(int(stats.Queries)), ui.Count(int(stats.Cached+stats.Merged))))
	}
	if err != nil {
		return err
	}
	if p.s.Check.WritePolicy != "" {
		if err := writePolicy(p.s.Check.WritePolicy, sum.domains, p.env.Now()); err != nil {
			return err
		}
		console.say("wrote " + p.s.Check.WritePolicy)
	}
	return sum.exit()
}
