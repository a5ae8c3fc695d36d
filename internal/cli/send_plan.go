package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// plan says what is about to happen.
func (m *mailing) plan(t ledger.Totals, resumed bool) ui.SendPlan {
	p := ui.SendPlan{
		Campaign: m.name(),
		List:     m.list.name,
		Total:    int(t.Recipients - t.Skipped - t.Suppressed),
		Left:     int(t.Pending + t.Deferred + m.resent(t)),
		From:     m.from.Readable(),
		Subject:  m.letter.subject,
		Via:      m.via.String(),
		SignedBy: m.letter.signedBy,
		Rate:     m.pace.String(),
		Resumed:  resumed,
	}
	p.Estimated = m.pace.estimate(p.Left)
	aside := map[string]int64{}
	if t.Suppressed > 0 {
		aside["suppressed"] = t.Suppressed
	}
	for reason, rows := range t.BySkip { // rows that repeat such an address among them
		aside[reason] += rows
	}
	for _, reason := range sortedKeys(aside) {
		p.SetAside = append(p.SetAside, ui.SetAside{Reason: reason, Rows: int(aside[reason])})
	}
	return p
}

// confirm shows the plan and asks, when there is a person to ask.
func (m *mailing) confirm(ctx context.Context, p ui.SendPlan) error {
	style := styleOf(m.env, m.env.Stderr, m.s.NoColor)
	if !style.Terminal && m.s.Format != "text" {
		return nil
	}
	ui.WriteSendPlan(m.env.Stderr, style, p, m.env.Now())
	_, asks := m.env.Terminal(m.env.Stdin)
	if style.Terminal && m.s.Send.List == "-" && !m.s.Send.Yes && p.Left > 0 {
		return delivery.Hint(errors.New("cannot ask before sending, since the list is standard input"), "give --yes to send without a question")
	}
	if m.s.Send.Yes || p.Left == 0 || !asks || !style.Terminal {
		return nil
	}
	fmt.Fprintf(m.env.Stderr, "Send to %s? [y/N] ", ui.Plural(p.Left, "recipient"))
	answer, err := readLine(ctx, m.env.Stdin)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if word := strings.ToLower(strings.TrimSpace(answer)); err != nil || (word != "y" && word != "yes") {
		return delivery.Hint(errors.New("nothing was sent"), "answer y, or give --yes")
	}
	return nil
}

// readLine reads a line, or gives up when the context ends. What reads then is
// left behind, since nothing can interrupt a terminal.
func readLine(ctx context.Context, r io.Reader) (string, error) {
	type result struct {
		line string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		line, err := bufio.NewReader(r).ReadString('\n')
		done <- result{line, err}
	}()
	select {
	case got := <-done:
		return got.line, got.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// resent returns how many recipients with an unknown outcome will be sent to
// again.
func (m *mailing) resent(t ledger.Totals) int64 {
	if m.s.Send.ResendUnknown {
		return t.Unknown
	}
	return 0
}

// warnOfIdleRates names each --rate-for that no recipient falls under.
func (m *mailing) warnOfIdleRates(ctx context.Context, c *console, campaign *ledger.Campaign) error {
	if len(m.pace.rateFor) == 0 || m.via.kind == viaMX {
		return nil // who hosts a domain shows on the way
	}
	keys, err := campaign.Destinations(ctx)
	if err != nil {
		return err
	}
	for _, name := range sortedKeys(m.pace.rateFor) {
		if !slices.Contains(keys, name) {
			c.warn(fmt.Sprintf("--rate-for %s: nobody who is left to send to is there", name))
		}
	}
	return nil
}
