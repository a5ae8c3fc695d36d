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

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/probe"
)

// checkSettings are the flags of check.
type checkSettings struct {
	List        string   `mapstructure:"list"`
	Only        []string `mapstructure:"only"`
	Skip        []string `mapstructure:"skip"`
	With        []string `mapstructure:"with"`
	Selector    []string `mapstructure:"selector"`
	IP          []string `mapstructure:"ip"`
	Profile     []string `mapstructure:"profile"`
	Policy      string   `mapstructure:"policy"`
	WritePolicy string   `mapstructure:"write-policy"`
	FailOn      string   `mapstructure:"fail-on"`
	Concurrency int      `mapstructure:"concurrency"`
	Rules       bool     `mapstructure:"rules"`
	Probe       bool     `mapstructure:"probe"`
	CAFile      string   `mapstructure:"ca-file"`
	Helo        string   `mapstructure:"helo"`
}

func newCheck(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check DOMAIN…",
		Short: "Are the published DNS records right?",
		Long: `Look at everything a domain publishes about its mail: MX, SPF, DKIM, DMARC,
MTA-STS, TLS-RPT, DNSSEC, DANE and BIMI. What is wrong is named, with the record
that mends it. What could not be looked up is unknown, never missing.

Formats: ` + strings.Join(ui.CheckFormats(), ", ") + `.`,
		Example: `  mailctl check example.com
  mailctl check example.com --zone draft.zone --selector s1 --ip 192.0.2.25
  mailctl check --policy mail-policy.yaml --format sarif --out check.sarif
  mailctl check --list domains.txt --format jsonl --concurrency 64`,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := loadSettings(cmd, env)
			if err != nil {
				return err
			}
			if s.Check.Rules {
				return listRules(env, s, "check", checkRules(s.Check.Probe))
			}
			plan, err := planCheck(env, s, args)
			if err != nil {
				return err
			}
			return plan.run(cmd.Context())
		},
	}
	addFlagGroups(cmd, []flagGroup{
		{"What to check", addCheckFlags},
		{"What must be true", addCheckPolicyFlags},
		{"Mail servers", addCheckProbeFlags},
		{"DNS", addDNSFlags},
	})
	return cmd
}

func addCheckFlags(f *pflag.FlagSet) {
	f.String("list", "", "check the domains of `FILE` too, one a line, # begins a comment; - is standard input")
	f.StringSlice("only", nil, "check only these `STANDARDS`: spf, dkim, dmarc, mx, mtasts, tlsrpt, dane, dnssec, bimi, dnsbl")
	f.StringSlice("skip", nil, "do not check these `STANDARDS`")
	f.StringSlice("with", nil, "check these `STANDARDS` too: dnsbl, which is left out otherwise")
	f.StringArray("selector", nil, "a `SELECTOR` of the domain's DKIM keys; repeatable (default: those of known providers)")
	f.StringArray("ip", nil, "an `ADDRESS` that sends for the domain; repeatable")
	f.Int("concurrency", 16, "check `N` domains at once")
	f.Bool("rules", false, "list what can be found, and stop")
}

func addCheckPolicyFlags(f *pflag.FlagSet) {
	f.StringSlice("profile", nil, "apply the published rules of these `RECEIVERS`: gmail, yahoo, outlook, apple, laposte, gmx, or all")
	f.String("policy", "", "hold the domains against `FILE`; without a domain, check all it names")
	f.String("write-policy", "", "write a policy `FILE` from what is published today")
	f.String("fail-on", "error", "exit with 1 from this `SEVERITY` on: error, warning or notice")
}

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
