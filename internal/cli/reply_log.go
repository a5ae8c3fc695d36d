package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/pflag"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/bounce/maillog"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// replyLogSettings are the flags of reply that are about logs.
type replyLogSettings struct {
	Log          []string `mapstructure:"log"`
	Follow       bool     `mapstructure:"follow"`
	Since        string   `mapstructure:"since"`
	Until        string   `mapstructure:"until"`
	Top          int      `mapstructure:"top"`
	Suppress     bool     `mapstructure:"suppress"`
	Suppressions string   `mapstructure:"suppressions"`
}

func addReplyLogFlags(f *pflag.FlagSet) {
	f.StringArray("log", nil, "sum up the mail log `FILE`, also .gz, - for standard input; arguments are more of them")
	f.BoolP("follow", "F", false, "wait for more lines, also when the log is rotated, until Ctrl-C")
	f.String("since", "", "only what happened from `TIME` on, such as 2026-11-22, or 24h for the last day")
	f.String("until", "", "only what happened before `TIME`")
	f.Int("top", 10, "list `N` domains")
	f.Bool("suppress", false, "put who bounced hard on the suppression list")
	f.String("suppressions", "", "write who bounced hard to `FILE`, for 'mailctl suppress import'")
}

// unused names a flag that does nothing without --log.
func (s replyLogSettings) unused() error {
	for _, flag := range []struct {
		name string
		set  bool
	}{
		{"follow", s.Follow},
		{"since", s.Since != ""},
		{"until", s.Until != ""},
		{"suppress", s.Suppress},
		{"suppressions", s.Suppressions != ""},
	} {
		if flag.set {
			return delivery.Hint(fmt.Errorf("--%s does nothing without --log", flag.name), "name the log: --log /var/log/mail.log")
		}
	}
	return nil
}

// A logRun is mail logs being summed up.
type logRun struct {
	env          Environment
	s            settings
	console      *console
	paths        []string // in the order in which they are read
	since, until time.Time
	judge        *maillog.Judge
	tally        *maillog.Tally
	input        maillog.Stats
	dead         *deadList          // nil when nobody asked for it
	events       *ui.LogEventWriter // nil when only the summary is wanted
	out          *output            // where events go
	progress     logProgress
	incomplete   bool // a log could not be read to its end
	interrupted  bool
}

// sumUpLogs reads mail logs and says what came of the mail.
func sumUpLogs(ctx context.Context, env Environment, s settings, more []string) (err error) {
	l, err := planLogs(env, s, more)
	if err != nil {
		return err
	}
	if s.Reply.Suppress || s.Reply.Suppressions != "" {
		if l.dead, err = newDeadList(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, l.dead.close()) }()
	}
	err = writeResult(env, s, func(out *output) error {
		l.out = out
		return l.run(ctx)
	})
	if err != nil {
		return err
	}
	return l.exit()
}

// planLogs verifies what was asked for.
func planLogs(env Environment, s settings, more []string) (*logRun, error) {
	l := &logRun{
		env: env, s: s, console: newConsole(env, s), paths: append(s.Reply.Log, more...),
		judge: maillog.NewJudge(), tally: maillog.NewTally(),
	}
	if err := oneOf("format", s.Format, "text", "json", "jsonl", "csv"); err != nil {
		return nil, err
	}
	var err error
	if l.since, err = parseMoment("since", s.Reply.Since, env.Now()); err != nil {
		return nil, err
	}
	if l.until, err = parseMoment("until", s.Reply.Until, env.Now()); err != nil {
		return nil, err
	}
	if s.Reply.Top < 0 {
		return nil, delivery.Hint(fmt.Errorf("invalid --top \"%d\"", s.Reply.Top), "write a number from 0 on")
	}
	if s.Reply.Follow && (len(l.paths) != 1 || l.paths[0] == "-") {
		return nil, delivery.Hint(errors.New("--follow takes one log, and not standard input"), "pipe what goes on by itself: journalctl -f | mailctl reply --log -")
	}
	if s.Reply.Follow && s.Reply.Suppressions != "" {
		return nil, delivery.Hint(errors.New("--suppressions cannot be written while a log is followed"), "use --suppress, which adds them as they come")
	}
	return l, l.order()
}

// parseMoment reads a time, or how long ago it was; the zero time when there is
// none.
func parseMoment(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	return time.Time{}, delivery.Hint(fmt.Errorf("invalid --%s %q", flag, text), "write 2026-11-22, '2026-11-22 08:00', or 24h for as long ago")
}

// run reads all logs and writes the result.
func (l *logRun) run(ctx context.Context) error {
	if l.s.Format == "jsonl" || l.s.Format == "csv" {
		l.events = ui.NewLogEventWriter(l.out, l.s.Format)
		if err := l.events.Begin(); err != nil {
			return err
		}
	}
	stop := l.watch()
	err := l.readAll(ctx)
	stop()
	if err != nil {
		return err
	}
	if err := l.suppress(context.WithoutCancel(ctx)); err != nil || l.events != nil {
		return err
	}
	result := ui.ReplyLog{Files: l.paths, Input: l.input, Summary: l.tally.Summary(), Top: l.s.Reply.Top}
	if l.s.Reply.Suppress {
		result.Suppressed = &l.dead.added
	}
	if l.s.Format == "json" {
		return ui.WriteReplyLogJSON(l.out, result)
	}
	return ui.WriteReplyLog(l.out, l.out.style, result)
}

// watch shows progress, unless events run down the same screen.
func (l *logRun) watch() (stop func()) {
	if _, shown := l.env.Terminal(l.env.Stdout); shown && l.events != nil && l.s.Out == "" {
		return func() {}
	}
	begun := l.env.Now()
	return l.console.watchLine(func(now time.Time) string {
		return ui.LogProgress(l.progress.octets.Load(), l.progress.counts(), now.Sub(begun))
	})
}

// readAll reads the logs one after the other. One that breaks off does not keep
// the others from being read.
func (l *logRun) readAll(ctx context.Context) error {
	for _, path := range l.paths {
		in, err := openLog(ctx, l, path)
		if err == nil {
			err = errors.Join(l.read(in), in.close())
		}
		l.interrupted = context.Cause(ctx) != nil
		switch {
		case l.interrupted:
			return nil
		case errors.Is(err, errBroken):
			l.incomplete = true
			l.console.warn(fmt.Sprintf("%s: %v; what comes after line %s is missing", path, err, ui.Count(l.input.Lines)))
		case err != nil:
			return err
		}
	}
	return nil
}

// read reads one log.
func (l *logRun) read(in *logFile) error {
	events := maillog.NewReader(in, maillog.Options{Now: in.latest, Location: time.Local, Since: l.since, Until: l.until})
	before := l.input
	for {
		e, err := events.Next()
		l.input = before.Plus(events.Stats())
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := l.take(in, e); err != nil {
			return err
		}
	}
}

// take counts one event and passes it on.
func (l *logRun) take(in *logFile, e maillog.Event) error {
	v := l.judge.Verdict(e)
	l.tally.Add(e, v, l.judge.Provider(e))
	l.progress.set(l.tally.Counts())
	if l.dead != nil && maillog.Dead(e, v) {
		if err := l.dead.add(e, v); err != nil {
			return err
		}
	}
	if l.events == nil {
		return nil
	}
	return l.events.Write(ui.LogEvent{File: in.path, Event: e, Verdict: v})
}

// exit returns the exit code as an error, or nil.
func (l *logRun) exit() error {
	c := l.tally.Counts()
	strange := l.input.Lines > 0 && l.input.Foreign+l.input.Broken == l.input.Lines
	switch {
	case l.interrupted:
		return exitWith(exitInterrupted, nil)
	case strange:
		return unfinished(delivery.Hint(errors.New("no line of a mail server was found"),
			"give a log of Postfix, Exim, OpenSMTPD or Sendmail, such as /var/log/mail.log or /var/log/exim4/mainlog"))
	case c.Bounced > 0:
		return exitWith(exitWrong, nil)
	case c.Deferred > 0 || l.incomplete:
		return exitWith(exitUnfinished, nil)
	}
	return nil
}
