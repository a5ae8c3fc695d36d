package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// replySettings are the flags of reply.
type replySettings struct {
	Stage   string `mapstructure:"stage"`
	Host    string `mapstructure:"host"`
	Reasons bool   `mapstructure:"reasons"`
	Codes   bool   `mapstructure:"codes"`

	replyLogSettings `mapstructure:",squash"`
}

func newReply(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reply [TEXT…]",
		Short: "What does this SMTP reply mean, and what should I do?",
		Long: `Say what a server's answer means: what happened, whether the address is dead,
and what to do next. Replies are arguments in quotes, or lines of standard
input, as servers, logs, bounces and programs' errors have them. A line of JSON
is one too, with the fields text, and perhaps stage and host.

Or sum up mail logs of Postfix, Exim, OpenSMTPD and Sendmail: who was not
delivered to, why, and what to do first.

Formats: text, json, jsonl (one line for each reply). --reasons and --codes also
know markdown; of logs, json is the summary, jsonl and csv are every delivery.`,
		Example: `  mailctl reply '550 5.1.1 User unknown'
  mailctl reply --stage message '554 5.7.1 Message refused'
  grep ' said: ' mail.log | mailctl reply --format jsonl
  mailctl reply --log /var/log/mail.log* --since 24h
  mailctl reply --reasons`,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := loadSettings(cmd, env)
			if err != nil {
				return err
			}
			return runReply(cmd, env, s, args)
		},
	}
	addFlagGroups(cmd, []flagGroup{
		{"Where the reply came from", func(f *pflag.FlagSet) {
			f.String("stage", "", "`PART` of the session it answers: "+strings.Join(replyStages(), ", "))
			f.String("host", "", "`NAME` of the server, or the recipient's domain, to know the provider by")
		}},
		{"Mail logs", addReplyLogFlags},
		{"Tables", func(f *pflag.FlagSet) {
			f.Bool("reasons", false, "list every reason with its meaning and advice, and stop")
			f.Bool("codes", false, "list every basic and enhanced code, and stop")
		}},
	})
	return cmd
}

// replyStages are what --stage may name.
func replyStages() []string {
	var names []string
	for _, stage := range []delivery.Stage{
		delivery.StageGreeting, delivery.StageHello, delivery.StageTLS, delivery.StageAuth,
		delivery.StageMail, delivery.StageRcpt, delivery.StageData, delivery.StageMessage,
	} {
		names = append(names, string(stage))
	}
	return names
}

func runReply(cmd *cobra.Command, env Environment, s settings, args []string) error {
	switch {
	case s.Reply.Reasons && s.Reply.Codes:
		return delivery.Hint(errors.New("--reasons cannot be used with --codes"), "leave one of them out, and run it once for each")
	case s.Reply.Reasons:
		return listReasons(env, s)
	case s.Reply.Codes:
		return listCodes(env, s)
	case len(s.Reply.Log) > 0:
		return sumUpLogs(cmd.Context(), env, s, args)
	}
	if err := s.Reply.unused(); err != nil {
		return err
	}
	if err := oneOf("format", s.Format, "text", "json", "jsonl"); err != nil {
		return err
	}
	if s.Reply.Stage != "" {
		if err := oneOf("stage", s.Reply.Stage, replyStages()...); err != nil {
			return err
		}
	}
	quotes, err := quoteArguments(args)
	if err != nil {
		return err
	}
	if len(quotes) == 0 {
		return explainInput(cmd.Context(), env, s)
	}
	return writeResult(env, s, func(out *output) error {
		w := ui.NewReplyWriter(out, out.style, s.Format)
		for _, quote := range quotes {
			if err := w.Write(explain(s.Reply, quote)); err != nil {
				return err
			}
		}
		return nil
	})
}

// quoteArguments reads each argument as a reply, or all of them as one whose words
// were not put in quotes.
func quoteArguments(args []string) ([]delivery.Quote, error) {
	whole := func(arg string) bool { return strings.ContainsAny(arg, " \t\n") || isObject(arg) }
	if len(args) > 1 && !slices.ContainsFunc(args, whole) {
		args = []string{strings.Join(args, " ")}
	}
	var quotes []delivery.Quote
	for _, arg := range args {
		quote, err := parseQuote(arg)
		if err != nil && !understood(delivery.Classify(quote.Reply, quote.Stage)) {
			return nil, delivery.Hint(err, "give the whole answer of the server, in quotes: mailctl reply '550 5.1.1 User unknown'")
		}
		quotes = append(quotes, quote)
	}
	return quotes, nil
}

// explain judges a reply. What the flags say of where it came from counts more than
// what the words around it do.
func explain(s replySettings, quote delivery.Quote) ui.ExplainedReply {
	if s.Stage != "" {
		quote.Stage = delivery.Stage(s.Stage)
	}
	if s.Host != "" {
		quote.Host = s.Host
	}
	return ui.ExplainedReply{Reply: quote.Reply, Verdict: delivery.ClassifyFrom(quote.Reply, quote.Stage, quote.Host)}
}

// understood reports whether a reply said anything. Text without a code whose words
// nobody knows is a protocol error too, but an unsure one.
func understood(v delivery.Verdict) bool {
	const wordless = 0.6
	return v.Reason != delivery.ReasonUnknown && (v.Reason != delivery.ReasonProtocolError || v.Confidence > wordless)
}
