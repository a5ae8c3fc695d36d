package cli

import (
	"bufio"
	"errors"
	"fmt"
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
		Left:     int(t.Pending + t.Deferred),
		From:     m.from.String(),
		Subject:  m.letter.subject,
		Via:      m.via.String(),
		SignedBy: m.letter.signedBy,
		Rate:     m.pace.String(),
		Resumed:  resumed,
	}
	p.Estimated = m.pace.estimate(p.Left)
	for _, reason := range sortedKeys(t.BySkip) {
		p.SetAside = append(p.SetAside, ui.SetAside{Reason: reason, Rows: int(t.BySkip[reason])})
	}
	if t.Suppressed > 0 {
		p.SetAside = append(p.SetAside, ui.SetAside{Reason: "suppressed", Rows: int(t.Suppressed)})
	}
	return p
}

// confirm shows the plan and asks, when there is a person to ask.
func (m *mailing) confirm(p ui.SendPlan) error {
	style := styleOf(m.env, m.env.Stderr, m.s.NoColor)
	if !style.Terminal && m.s.Format != "text" {
		return nil
	}
	ui.WriteSendPlan(m.env.Stderr, style, p, m.env.Now())
	_, asks := m.env.Terminal(m.env.Stdin)
	if m.s.Send.Yes || p.Left == 0 || !asks || !style.Terminal {
		return nil
	}
	fmt.Fprintf(m.env.Stderr, "Send to %s? [y/N] ", ui.Plural(p.Left, "recipient"))
	answer, err := bufio.NewReader(m.env.Stdin).ReadString('\n')
	if word := strings.ToLower(strings.TrimSpace(answer)); err != nil || (word != "y" && word != "yes") {
		return delivery.Hint(errors.New("nothing was sent"), "answer y, or give --yes")
	}
	return nil
}
