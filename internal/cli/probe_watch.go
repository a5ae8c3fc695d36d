package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/probe"
)

// watch probes again and again until ctx ends, and prints a request whenever
// something about it is no longer as it was.
func (t *probeTally) watch(ctx context.Context, out *output, printer ui.ProbePrinter) error {
	last := map[string]string{}
	for rounds := 1; ; rounds++ {
		err := t.round(ctx, func(g ui.ProbedGroup) error { return t.printChange(out, printer, g, last) })
		if err != nil {
			return err
		}
		if !t.pause(ctx) {
			t.console.say(fmt.Sprintf("stopped after %s", ui.Plural(rounds, "round")))
			return exitWith(exitInterrupted, nil)
		}
		t.prober.Forget()
	}
}

// pause waits until the next round, and reports false when there is none.
func (t *probeTally) pause(ctx context.Context) bool {
	timer := time.NewTimer(t.plan.s.Probe.Interval)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// printChange prints a group that is new or not as it was.
func (t *probeTally) printChange(out *output, printer ui.ProbePrinter, g ui.ProbedGroup, last map[string]string) error {
	now := stateOf(g.Group)
	before, known := last[g.Name]
	if known && before == now {
		return nil
	}
	last[g.Name] = now
	if known && t.plan.s.Format == "text" {
		fmt.Fprintf(out, "\n%s  %s\n", out.style.Faint(t.plan.env.Now().Format("2006-01-02 15:04:05")), out.style.Bold("changed"))
	}
	if err := printer.Print(g); err != nil {
		return err
	}
	return out.Flush()
}

// stateOf is what of a group counts as its state: not the time it took, nor the
// days that a certificate has left.
func stateOf(g probe.Group) string {
	var b strings.Builder
	for _, r := range g.Results {
		fmt.Fprintf(&b, "%s %t %s %s %s %s %v", r.Endpoint(), r.Reachable, r.Reason, r.PKIX.Status, r.DANE.Status, r.MTASTS.Status, r.Capabilities)
		if r.TLS != nil {
			b.WriteString(" " + r.TLS.Version + " " + r.TLS.Cipher)
		}
		if len(r.Chain) > 0 {
			b.WriteString(" " + r.Chain[0].SHA256)
		}
		for _, f := range r.Findings {
			b.WriteString(" " + f.ID + "=" + string(f.Severity))
		}
		b.WriteByte('\n')
	}
	return b.String()
}
