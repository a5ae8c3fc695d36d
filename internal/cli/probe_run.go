package cli

import (
	"context"
	"errors"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/probe"
)

// run probes all servers and prints them in order.
func (p *probePlan) run(ctx context.Context) (err error) {
	console := newConsole(p.env, p.s)
	access, err := newResolver(p.env, p.s, console.say, knowsHosts(p.s, p.options.Family))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, access.Close()) }()
	p.options.Resolver = check.Bounded(access, 0)
	p.options.Policies = publishedPolicies{resolver: p.options.Resolver, client: access.HTTP, now: p.env.Now}
	if p.s.Verbose {
		p.options.Trace = p.trace(console)
	}
	sum := &probeTally{
		tally: tally{env: p.env, s: p.s, console: console, noun: "target", total: len(p.targets)}, plan: p, prober: probe.New(p.options),
	}
	if err := writeResult(p.env, p.s, func(out *output) error { return sum.print(ctx, out) }); err != nil {
		return err
	}
	return sum.exit()
}

// trace returns what shows the conversations: each line with its server, unless
// there is one only.
func (p *probePlan) trace(c *console) func(probe.Endpoint, delivery.TraceEvent) {
	first := p.targets[0]
	alone := len(p.targets) == 1 && len(first.Ports) == 1 && isAddress(first.Name)
	return func(e probe.Endpoint, line delivery.TraceEvent) {
		if alone {
			c.trace(line)
			return
		}
		c.say(c.style.Faint(e.String() + " " + traceLine(line)))
	}
}

// A probeTally prints servers as they come and remembers what they come to.
type probeTally struct {
	tally

	plan   *probePlan
	prober *probe.Prober
}

// print probes the servers and prints each request as soon as those before it are
// printed.
func (t *probeTally) print(ctx context.Context, out *output) error {
	p := t.plan
	printer := ui.NewProbePrinter(out, out.style, p.s.Format, ui.CheckOptions{
		FailOn: p.failOn, Version: readBuild().Version, Several: len(p.targets) > 1, Verbose: p.s.Verbose,
	})
	if p.s.Probe.Watch {
		return t.watch(ctx, out, printer)
	}
	stop := t.progress()
	err := t.round(ctx, func(g ui.ProbedGroup) error {
		if err := printer.Print(g); err != nil {
			return err
		}
		return out.Flush()
	})
	stop()
	return errors.Join(t.interrupted(ctx, err), printer.End())
}

// round probes everything once.
func (t *probeTally) round(ctx context.Context, each func(ui.ProbedGroup) error) error {
	targets := t.plan.targets
	requests := func(yield func(probe.Request) bool) {
		for _, target := range targets {
			if !yield(target.Request) {
				return
			}
		}
	}
	i := 0
	for g := range t.prober.Stream(ctx, requests) {
		if ctx.Err() != nil {
			return nil
		}
		t.count(g)
		if err := each(ui.ProbedGroup{Group: g, Place: targets[i].place}); err != nil {
			return err
		}
		i++
	}
	return nil
}

// count adds a group to what the run comes to.
func (t *probeTally) count(g probe.Group) {
	t.done.Add(1)
	for _, r := range g.Results {
		t.judge(t.plan.failOn, r.Findings)
	}
}
