package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/bounce"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// report takes one report to the ledger and shows it.
func (r *bounceRun) report(ctx context.Context, file string, report bounce.Report) error {
	line := ui.BounceLine{File: file, Report: report, Recipient: report.Recipient}
	sent, found, err := r.find(ctx, report)
	if err != nil {
		return err
	}
	if found {
		line.Campaign = sent.Campaign
		line.Recipient = sent.Address // whom we wrote to, wherever it went from there
		if err := r.amend(ctx, sent, report); err != nil {
			return err
		}
	}
	if r.s.Bounce.Suppress && worthSuppressing(line) {
		line.Suppressed = found || r.s.Bounce.Any
		if !line.Suppressed {
			r.summary.Strangers++
		} else if err := r.queue(ctx, line); err != nil {
			return err
		}
	}
	if line.Recipient != report.Recipient {
		line.Final = report.Recipient
	}
	r.summary.Add(line)
	if report.Kind == bounce.KindBounce {
		r.progress.bounces.Add(1)
	}
	return r.out.Add(line)
}

// find looks for the recipient in the ledger: by the Message-ID of what came back,
// else by the addresses the report names.
func (r *bounceRun) find(ctx context.Context, report bounce.Report) (ledger.Sent, bool, error) {
	if r.ledger == nil || report.Kind == bounce.KindNone {
		return ledger.Sent{}, false, nil
	}
	sent, found, err := r.ledger.FindSent(ctx, report.MessageID, report.Recipient)
	if found || err != nil || report.Original.IsZero() {
		return sent, found, err
	}
	return r.ledger.FindSent(ctx, "", report.Original)
}

// amend corrects the recipient's outcome.
func (r *bounceRun) amend(ctx context.Context, sent ledger.Sent, report bounce.Report) error {
	attempt := delivery.Attempt{
		Reply: report.Reply, Verdict: report.Verdict, Host: report.ReportingMTA, MessageID: report.MessageID,
	}
	switch {
	case report.Kind == bounce.KindBounce && !r.believable(sent, report):
		r.summary.Doubted++
		return nil
	case report.Kind == bounce.KindBounce:
		attempt.Outcome = delivery.OutcomeBounced
	case report.Kind == bounce.KindDelivered && sent.ByMessage:
		attempt.Outcome = delivery.OutcomeDelivered
	default:
		return nil
	}
	if attempt.Reply.IsZero() {
		attempt.Err = report.Diagnostic
	}
	changed, err := r.ledger.Amend(ctx, sent.ID, attempt)
	if changed {
		r.summary.Corrected++
	}
	return err
}

// believable reports whether a bounce may take back that a server accepted the
// message. One that quotes our Message-ID may: only who got the message knows it.
// Anybody can write the address alone, so that such a report must be made for
// programs, and must not quote the Message-ID of some other message.
func (r *bounceRun) believable(sent ledger.Sent, report bounce.Report) bool {
	return sent.ByMessage || sent.Outcome != delivery.OutcomeDelivered || r.s.Bounce.Any || report.Structured && report.MessageID == ""
}

// worthSuppressing reports whether a report says that the recipient must not be
// written to again. To a host without a domain nothing is ever written.
func worthSuppressing(line ui.BounceLine) bool {
	report := line.Report
	_, err := delivery.ParseAddress(line.Recipient.String())
	return err == nil && !report.Recipient.IsZero() &&
		(report.Kind == bounce.KindComplaint || report.Kind == bounce.KindBounce && report.Verdict.Bounce == delivery.BounceHard)
}

// suppressAtOnce is how many suppressions share a transaction.
const suppressAtOnce = 1000

// queue remembers a suppression until there are enough for a transaction.
func (r *bounceRun) queue(ctx context.Context, line ui.BounceLine) error {
	entry := ledger.Suppression{Address: line.Recipient.String(), Reason: "hard-bounce", Source: "bounce", Time: r.env.Now()}
	if line.Report.Kind == bounce.KindComplaint {
		entry.Reason = "complaint"
	}
	r.queued = append(r.queued, entry)
	if len(r.queued) < suppressAtOnce {
		return nil
	}
	return r.suppress(ctx)
}

// suppress puts on the list who is queued for it, also when the run was
// interrupted.
func (r *bounceRun) suppress(ctx context.Context) error {
	if len(r.queued) == 0 {
		return nil
	}
	left := r.queued
	added, err := r.ledger.Suppressions().Import(context.WithoutCancel(ctx), func() (ledger.Suppression, error) {
		if len(left) == 0 {
			return ledger.Suppression{}, io.EOF
		}
		entry := left[0]
		left = left[1:]
		return entry, nil
	})
	r.summary.Suppressed += added
	r.queued = r.queued[:0]
	return err
}

// next says what to do next.
func (r *bounceRun) next() {
	switch n := r.summary.Strangers; {
	case n == 1:
		r.console.say("1 address was never written to from here and is left alone; --any suppresses it, too")
	case n > 1:
		r.console.say(fmt.Sprintf("%s addresses were never written to from here and are left alone; --any suppresses them, too", ui.Count(n)))
	}
	if n := r.summary.Doubted; n > 0 {
		r.console.say(fmt.Sprintf("%s named only by the address of somebody whom a server accepted the message for: outcomes left as they are (--suppress --any corrects them, too)", ui.Plural(n, "bounce")))
	}
	if dead := r.summary.Hard + r.summary.Kinds[bounce.KindComplaint]; dead > 0 && !r.s.Bounce.Suppress && r.s.Format == "text" {
		r.console.say("next: the same with --suppress (hard bounces and complaints get no more mail)")
	}
}
