package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// saveStatus notes in the ledger how the run ended.
func (r *running) saveStatus(ctx context.Context, ended error) error {
	if paused, ok := errors.AsType[*send.Paused](ended); ok {
		return r.campaign.Pause(ctx, paused.Error())
	}
	if errors.Is(ended, context.Canceled) {
		return r.campaign.Pause(ctx, "interrupted")
	}
	if ended != nil {
		return r.campaign.Pause(ctx, ended.Error())
	}
	totals, err := r.campaign.Totals(ctx)
	if err != nil {
		return err
	}
	if totals.Pending+totals.Deferred > 0 {
		return r.campaign.Pause(ctx, "temporary failures are left for a later run")
	}
	return r.campaign.Finish(ctx)
}

// summarize returns what came of the campaign so far.
func (r *running) summarize(ctx context.Context, took time.Duration) (ui.SendSummary, error) {
	s, err := summarize(ctx, r.ledger, r.campaign.Name(), took)
	s.Resumed = r.resumed
	return s, err
}

// report writes the summary and what to do next, and returns how the program
// ends.
func (r *running) report(out *output, s ui.SendSummary, err error) error {
	var paused *send.Paused
	if errors.As(err, &paused) {
		s.Paused = paused.Error()
	}
	if err := errors.Join(r.write(out, s), out.Flush()); err != nil {
		return err
	}
	switch {
	case paused != nil:
		return unfinished(pauseAdvice(paused))
	case errors.Is(err, context.Canceled):
		r.goOn("interrupted; everything is saved")
		return exitWith(exitInterrupted, nil)
	case err != nil:
		return unfinished(err)
	case s.Deferred+s.Pending > 0 && !r.warming.waitsUntil().IsZero():
		r.console.say(fmt.Sprintf("%s over today's caps of the warm-up", ui.Plural(s.Deferred+s.Pending, "recipient")))
		r.next("go on "+r.warming.waitsUntil().Format("on 2 January 2006 from 15:04"), "run the same command again")
		return exitWith(exitUnfinished, nil)
	case s.Deferred+s.Pending > 0:
		r.goOn(fmt.Sprintf("%s left for a later run%s", ui.Plural(s.Deferred+s.Pending, "recipient"), r.nextTry(s)))
		return exitWith(exitUnfinished, nil)
	case s.Unknown > 0:
		r.next("see whose outcome is unknown", "%s --outcome unknown", r.exportCommand())
		r.next("send to them again, at the risk of repeating", "the same command with --resend-unknown")
		return exitWith(exitWrong, nil)
	case s.Bounced > 0:
		r.next("see who bounced, and why", "%s --outcome bounced", r.exportCommand())
		return exitWith(exitWrong, nil)
	}
	return nil
}

// write writes the summary in the format asked for. With one attempt a line on
// the output, people still get the summary beside it.
func (r *running) write(out *output, s ui.SendSummary) error {
	switch r.s.Format {
	case "json":
		return ui.WriteJSON(out, s)
	case "jsonl":
		return ui.WriteSendSummary(r.env.Stderr, r.console.style, s)
	}
	return ui.WriteSendSummary(out, out.style, s)
}

// goOn says how to go on with what is left.
func (r *running) goOn(what string) {
	r.console.say(what)
	r.next("go on where it stopped", "run the same command again")
}

// nextTry says when the first of those who are left is due again; "" when somebody is
// due now, or that is not known.
func (r *running) nextTry(s ui.SendSummary) string {
	if s.Pending > 0 {
		return ""
	}
	due, some, err := r.campaign.NextTry(context.Background())
	now := r.env.Now()
	if err != nil || !some || !due.After(now) {
		return ""
	}
	at := due.Local().Format(time.TimeOnly)
	if due.Sub(now) > 12*time.Hour {
		at = due.Local().Format("2 January 15:04")
	}
	return fmt.Sprintf("; none is due before %s, in %s", at, ui.Duration(due.Sub(now)))
}

// exportCommand is what to type to export the campaign.
func (m *mailing) exportCommand() string {
	command := "mailctl campaign export " + shellWord(m.name())
	if m.s.State != defaultState(m.env) {
		command += " --state " + shellWord(m.s.State)
	}
	return command
}

// shellWord quotes a word where a shell would take it apart.
func shellWord(word string) string {
	special := func(r rune) bool {
		return !strings.ContainsRune("-_./:@%+,=", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}
	if word != "" && !strings.ContainsFunc(word, special) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// next says what to type next.
func (r *running) next(purpose, format string, args ...any) {
	r.console.say(fmt.Sprintf("next: %s (%s)", fmt.Sprintf(format, args...), purpose))
}

// pauseAdvice adds what to do about a pause.
func pauseAdvice(p *send.Paused) error {
	advice := "run the same command again once that is mended; nobody is lost or repeated"
	switch p.Reason {
	case send.PauseBounces:
		allow := fmt.Sprintf("then go on with the same command and --max-bounce-rate %.0f%%", math.Ceil(p.Share*100))
		return delivery.Hint(delivery.Hint(p, allow),
			"receivers block senders who write to many dead addresses: put those you know of on the suppression list")
	case send.PauseRefused:
		if meaning := adviceOn(p.Verdict.Reason); meaning != "" {
			return delivery.Hint(delivery.Hint(p, advice), meaning)
		}
	}
	return delivery.Hint(p, advice)
}
