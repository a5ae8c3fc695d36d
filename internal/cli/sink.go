package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mailctl/mailctl/internal/sink"
	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// sinkSettings are the flags of sink.
type sinkSettings struct {
	Listen      string `mapstructure:"listen"`
	Personality string `mapstructure:"personality"`
	Store       string `mapstructure:"store"`
	TLS         bool   `mapstructure:"tls"`
	Seed        uint64 `mapstructure:"seed"`
	Quiet       bool   `mapstructure:"quiet"`

	Auth         string `mapstructure:"auth"`
	PasswordFile string `mapstructure:"password-file"`
}

func newSink(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sink",
		Short: "Run a local SMTP server to try things out against",
		Long: `Run a local SMTP server that accepts mail and keeps or counts it, or answers as
its personality says: ` + strings.Join(sink.Names(), ", ") + `, or a YAML file of rules.

It runs until it is interrupted, and then says what it got (exit 130).`,
		Example: `  mailctl sink --listen 127.0.0.1:2525 --store mail/
  mailctl sink --personality realistic --seed 7 --format jsonl`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := loadSettings(cmd, env, "text", "json", "jsonl")
			if err != nil {
				return err
			}
			return runSink(cmd.Context(), env, s)
		},
	}
	f := cmd.Flags()
	f.String("listen", "127.0.0.1:2525", "`ADDR:PORT` to listen on")
	f.String("personality", "perfect", "how it answers: `NAME|FILE` (YAML)")
	f.String("store", "", "keep each message as a file in `DIR`")
	f.Bool("tls", false, "offer STARTTLS with a certificate made for the occasion")
	f.String("auth", "", "take mail only after a login as `USER` with the password in MAILCTL_PASSWORD")
	f.String("password-file", "", "`FILE` with the password of --auth")
	f.Uint64("seed", 1, "moves all chances of the personality")
	f.Bool("quiet", false, "do not print what it got, only the totals")
	return cmd
}

func runSink(ctx context.Context, env Environment, s settings) (err error) {
	personality, err := sink.ParsePersonality(s.Sink.Personality, readPersonality)
	if err != nil {
		return err
	}
	opt := sink.Options{
		Listen: s.Sink.Listen, Personality: personality, Seed: s.Sink.Seed, Clock: env.Now,
	}
	if err := s.Sink.addLogin(env, &opt); err != nil {
		return err
	}
	if s.Sink.Store != "" {
		folder, err := sink.NewFolder(s.Sink.Store)
		if err != nil {
			return delivery.Hint(fmt.Errorf("cannot use --store %q: %w", s.Sink.Store, bare(err)),
				"name a folder that this user may write to; it is made when it is not there")
		}
		defer func() { err = errors.Join(err, folder.Close()) }()
		opt.Store = folder
	}
	if s.Sink.TLS {
		if opt.TLS, _, err = sink.SelfSigned(env.Now(), "localhost", "127.0.0.1", "::1"); err != nil {
			return err
		}
	}
	err = writeResult(env, s, func(out *output) error {
		show := sinkPrinter{out: out, format: s.Format, quiet: s.Sink.Quiet}
		opt.OnEvent = show.event
		server, err := sink.Start(ctx, opt)
		if err != nil {
			return listenError(s.Sink.Listen, err)
		}
		fmt.Fprintf(env.Stderr, "listening on %s, personality %s; Ctrl-C ends it\n", server.Addr(), personality.Name)
		<-ctx.Done()
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), sinkGrace)
		defer cancel()
		if err := server.Close(closing); err != nil {
			return unfinished(err)
		}
		return show.totals(server.Stats())
	})
	if err != nil {
		return err
	}
	return exitWith(exitInterrupted, nil) // it ends in no other way
}

// addLogin says what clients have to log in with, if anything.
func (s sinkSettings) addLogin(env Environment, opt *sink.Options) error {
	if s.Auth == "" && s.PasswordFile != "" {
		return delivery.Hint(errors.New("--password-file does nothing without --auth"), "name the user: --auth USER")
	}
	if s.Auth == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(s.Listen)
	if err != nil {
		host = "localhost" // the error is that of listening
	}
	password, err := readSecret(env, s.PasswordFile, delivery.Relay{User: s.Auth, Host: host})
	opt.Login = &sink.Login{User: s.Auth, Password: password}
	return err
}

// readPersonality reads the file of a personality.
func readPersonality(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, delivery.Hint(fmt.Errorf("cannot read %q: %w", path, bare(err)), "use one of: "+strings.Join(sink.Names(), ", ")+", or a file that is there")
	}
	return data, nil
}

// listenError says why the sink cannot listen, and where it might.
func listenError(address string, err error) error {
	if len(delivery.Hints(err)) > 0 {
		return err
	}
	if failed, ok := errors.AsType[*net.OpError](err); ok {
		err = failed.Err
	}
	return delivery.Hint(fmt.Errorf("cannot listen on --listen %q: %w", address, err),
		"give an address of this machine and a port up to 65535 that is not in use; 0 is any free one")
}

// sinkGrace is how long the sink waits for its clients once it is interrupted.
const sinkGrace = 5 * time.Second

// A sinkPrinter writes what the sink got.
type sinkPrinter struct {
	out    *output
	format string
	quiet  bool
}

// event writes one event. A result that cannot be written shows when the
// output is flushed.
func (p sinkPrinter) event(e sink.Event) {
	if p.quiet || p.format == "json" {
		return
	}
	if p.format == "jsonl" {
		_ = ui.WriteJSON(p.out, struct {
			Schema string `json:"schema"`
			sink.Event
		}{"mailctl.sink-event/1", e})
	} else if line := sinkLine(p.out.style, e); line != "" {
		_, _ = p.out.WriteString(p.out.style.Fold(line) + "\n")
	}
	_ = p.out.Flush()
}

// sinkLine says in one line what happened; "" for what is of no interest.
func sinkLine(style ui.Style, e sink.Event) string {
	at := style.Faint(e.Time.Format("15:04:05"))
	to := strings.Join(e.To, ", ")
	switch e.Kind {
	case sink.EventAccept:
		parts := []string{fmt.Sprintf("%s %s <%s> → %s", at, style.Good("accepted"), e.From, to), ui.Bytes(e.Size), strconv.Quote(e.Subject)}
		if e.Duplicate {
			parts = append(parts, style.Bad("seen before"))
		}
		for _, flaw := range e.Flaws {
			parts = append(parts, style.Warn(string(flaw)))
		}
		return strings.Join(parts, "  ")
	case sink.EventRefuse:
		return fmt.Sprintf("%s %s %s at %s: %s", at, style.Warn("refused "), to, e.Stage, e.Reply)
	case sink.EventDrop:
		return fmt.Sprintf("%s %s %s at %s", at, style.Bad("dropped "), e.Remote, e.Stage)
	case sink.EventAbort, sink.EventError:
		return fmt.Sprintf("%s %s %s", at, style.Bad(string(e.Kind)+"   "), e.Err)
	default:
		return ""
	}
}

// totals writes what the sink got in all.
func (p sinkPrinter) totals(t sink.Stats) error {
	if p.format != "text" {
		return ui.WriteJSON(p.out, struct {
			Schema string `json:"schema"`
			sink.Stats
		}{"mailctl.sink/1", t})
	}
	_, err := fmt.Fprintf(p.out, "%s accepted (%s), %s deferred, %s rejected, %s dropped, over %s\n",
		ui.Plural(int(t.Accepted), "message"), ui.Bytes(t.Bytes), ui.Count(int(t.Deferred)),
		ui.Count(int(t.Rejected)), ui.Count(int(t.Dropped)), ui.Plural(int(t.Connections), "connection"))
	return err
}
