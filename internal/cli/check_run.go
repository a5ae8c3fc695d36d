package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/probe"
)

// A checkTally prints domains as they come and remembers what they come to.
type checkTally struct {
	tally

	plan    *checkPlan
	prober  *probe.Prober  // nil unless mail servers are connected to
	domains []check.Domain // kept only when a policy is to be written
}

// print checks the domains and prints each as soon as those before it are
// printed.
func (t *checkTally) print(ctx context.Context, out *output) error {
	p := t.plan
	printer := ui.NewCheckPrinter(out, out.style, p.s.Format, ui.CheckOptions{
		FailOn: p.failOn, Version: readBuild().Version, Several: len(p.targets) > 1, Verbose: p.s.Verbose, Rules: checkRules(p.live != nil),
	})
	stop := t.progress()
	err := t.checkAll(ctx, func(target checkTarget, d check.Domain) error {
		checked := p.judged(d, target)
		t.count(checked.Domain)
		if err := printer.Print(checked); err != nil {
			return err
		}
		return out.Flush()
	})
	stop()
	return errors.Join(t.interrupted(ctx, err), printer.End())
}

// count adds a domain to what the run comes to.
func (t *checkTally) count(d check.Domain) {
	t.done.Add(1)
	t.judge(t.plan.failOn, d.Findings)
	if t.plan.s.Check.WritePolicy != "" {
		t.domains = append(t.domains, d)
	}
	if t.plan.s.Verbose {
		t.console.say(fmt.Sprintf("%s: %s of look-ups", d.Domain, ui.Plural(d.Waves, "wave")))
	}
	if policy := t.plan.policy; policy != nil && policy.For(d.Domain) == nil {
		t.console.warn(fmt.Sprintf("%s says nothing about %s", t.plan.s.Check.Policy, d.Domain))
	}
}

// checkAll checks the domains and hands them on in the order of the list, up to
// where ctx ended.
func (t *checkTally) checkAll(ctx context.Context, each func(checkTarget, check.Domain) error) error {
	targets := t.plan.targets
	names := func(yield func(string) bool) {
		for _, target := range targets {
			if !yield(target.domain) {
				return
			}
		}
	}
	i := 0
	for d := range check.Stream(ctx, names, t.plan.s.Check.Concurrency, func(ctx context.Context, domain string) check.Domain {
		return t.plan.probed(ctx, t.prober, check.Check(ctx, domain, t.plan.optionsFor(domain)))
	}) {
		if ctx.Err() != nil {
			return nil
		}
		if err := each(targets[i], d); err != nil {
			return err
		}
		i++
	}
	return nil
}

// writePolicy writes a policy file, and never over one that is there.
func writePolicy(path string, domains []check.Domain, now time.Time) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o644) //nolint:gosec // it belongs into a repository, for everyone to read
	if errors.Is(err, os.ErrExist) {
		return delivery.Hint(fmt.Errorf("--write-policy %q: there is such a file", path), "name another one, or move it away")
	}
	if err != nil {
		return fileError("write --write-policy", path, err)
	}
	_, err = f.Write(check.WritePolicy(domains, now))
	return errors.Join(err, f.Close())
}

// rulesLine is the rules as JSON.
type rulesLine struct {
	Schema string       `json:"schema"`
	Rules  []check.Rule `json:"rules"`
}

// listRules lists everything that a command can find.
func listRules(env Environment, s settings, command string, rules []check.Rule) error {
	if err := oneOf("format", s.Format, "text", "json", "markdown"); err != nil {
		return err
	}
	return writeResult(env, s, func(out *output) error {
		switch s.Format {
		case "json":
			return ui.WriteJSON(out, rulesLine{"mailctl.rules/1", rules})
		case "markdown":
			return ui.WriteRules(out, command, rules)
		}
		var rows [][]string
		for _, rule := range rules {
			rows = append(rows, []string{rule.ID, string(rule.Severity), rule.Title})
		}
		return ui.Table(out, out.style, []ui.Column{{Title: "FINDING"}, {Title: "SEVERITY"}, {Title: "WHAT IS WRONG", Shrink: true}}, rows)
	})
}
