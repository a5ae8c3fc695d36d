package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// sendSettings are the flags of send.
type sendSettings struct {
	standIn string // for a sender that nobody named, in a message that is only looked at

	listSettings    `mapstructure:",squash"`
	OrderBy         string `mapstructure:"order-by"`
	messageSettings `mapstructure:",squash"`
	signSettings    `mapstructure:",squash"`
	relaySettings   `mapstructure:",squash"`
	paceSettings    `mapstructure:",squash"`

	Campaign      string `mapstructure:"campaign"`
	ResendUnknown bool   `mapstructure:"resend-unknown"`
	SkipPreflight bool   `mapstructure:"skip-preflight"`
	DryRun        bool   `mapstructure:"dry-run"`
	Preview       int    `mapstructure:"preview"`
	TestTo        string `mapstructure:"test-to"`
	Yes           bool   `mapstructure:"yes"`
}

// listSettings say to whom.
type listSettings struct {
	List             string `mapstructure:"list"`
	EmailColumn      string `mapstructure:"email-column"`
	SuppressedColumn string `mapstructure:"suppressed-column"`
	Where            string `mapstructure:"where"`
	SkipBadRows      bool   `mapstructure:"skip-bad-rows"`
}

// messageSettings say what is sent.
type messageSettings struct {
	Message      string   `mapstructure:"message"`
	Subject      string   `mapstructure:"subject"`
	Text         string   `mapstructure:"text"`
	HTML         string   `mapstructure:"html"`
	From         string   `mapstructure:"from"`
	ReplyTo      string   `mapstructure:"reply-to"`
	Header       []string `mapstructure:"header"`
	Attach       []string `mapstructure:"attach"`
	AttachColumn string   `mapstructure:"attach-column"`
	AttachRoot   string   `mapstructure:"attach-root"`
	Unsubscribe  []string `mapstructure:"unsubscribe"`
	FeedbackID   string   `mapstructure:"feedback-id"`
	Encoding     string   `mapstructure:"encoding"`
}

// signSettings say with what it is signed.
type signSettings struct {
	DKIMKey      []string `mapstructure:"dkim-key"`
	DKIMDomain   []string `mapstructure:"dkim-domain"`
	DKIMSelector []string `mapstructure:"dkim-selector"`
}

// relaySettings say how it leaves.
type relaySettings struct {
	Via           string `mapstructure:"via"`
	Helo          string `mapstructure:"helo"`
	CAFile        string `mapstructure:"ca-file"`
	PasswordFile  string `mapstructure:"password-file"`
	AuthMechanism string `mapstructure:"auth-mechanism"`
	DSN           string `mapstructure:"dsn"`

	FromIP   []string `mapstructure:"from-ip"`
	Receiver []string `mapstructure:"receiver"`
}

// paceSettings say how fast, and what becomes of failures.
type paceSettings struct {
	Rate                      string        `mapstructure:"rate"`
	RateFor                   []string      `mapstructure:"rate-for"`
	Connections               int           `mapstructure:"connections"`
	ConnectionsPerDestination int           `mapstructure:"connections-per-destination"`
	MessagesPerConnection     int           `mapstructure:"messages-per-connection"`
	RetryFor                  time.Duration `mapstructure:"retry-for"`
	RetryAfter                time.Duration `mapstructure:"retry-after"`
	NoWait                    bool          `mapstructure:"no-wait"`
	Warmup                    string        `mapstructure:"warmup"`
	Adapt                     bool          `mapstructure:"adapt"`
	MaxBounceRate             string        `mapstructure:"max-bounce-rate"`
}

func newSend(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "send --list FILE --message FILE --from ADDR --via URL",
		Short: "Send one message to everyone on a list",
		Long: `Send one message to everyone on a list, exactly as fast as the receivers allow.

A mailing is a campaign: run the same command again and it goes on where it
stopped, whatever stopped it. Nobody is lost and nobody is written to twice.`,
		Example: `  mailctl send --list contacts.csv --message welcome.md \
    --from 'Acme <news@acme.example>' --via smtp://relay.acme.example:587
  mailctl send --list contacts.csv --message welcome.md \
    --from news@acme.example --where 'country == "DE" && orders > 3' --dry-run`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := loadSettings(cmd, env)
			if err != nil {
				return err
			}
			if err := validateSend(cmd, s); err != nil {
				return err
			}
			if err := validateTrial(cmd, s.Send); err != nil {
				return err
			}
			return runSend(cmd.Context(), env, s)
		},
	}
	addFlagGroups(cmd, []flagGroup{
		{"The campaign", addRunFlags},
		{"The list", addSentListFlags},
		{"The message", addMessageFlags},
		{"The way", addRelayFlags},
		{"The pace", addPaceFlags},
		{"The DNS", addDNSFlags},
	})
	return cmd
}

func addListFlags(f *pflag.FlagSet) {
	f.String("list", "", "`FILE` of recipients: CSV, TSV, JSON lines; - is standard input")
	f.String("email-column", "email", "`COLUMN` that holds the address")
	f.String("suppressed-column", "suppressed", "`COLUMN` that says yes for who must not be written to")
	f.String("where", "", "only rows for which the `EXPR` is true: country == \"DE\" && orders > 3")
	f.Bool("skip-bad-rows", false, "set bad rows aside instead of stopping")
}

// addSentListFlags adds what matters only when everyone is sent to.
func addSentListFlags(f *pflag.FlagSet) {
	addListFlags(f)
	f.String("order-by", "", "send in the order of a column, empty ones last: `'COLUMN desc'` (default: the list's order)")
}

func addMessageFlags(f *pflag.FlagSet) {
	f.String("message", "", "`FILE` of the message: Markdown, HTML or text")
	f.String("subject", "", "`TEXT` of the subject, instead of the message's; a template, as are --text and --html")
	f.String("text", "", "plain `TEXT`, instead of --message")
	f.String("html", "", "`HTML`, instead of --message")
	f.String("from", "", "sender `ADDR`: 'Acme <news@acme.example>'; the message may say it, too")
	f.String("reply-to", "", "`ADDR` that replies go to")
	f.StringArray("header", nil, "one more header `FIELD`: 'X-Name: value'")
	f.StringArray("attach", nil, "attach a `FILE`")
	f.String("attach-column", "", "attach the file that each row names in `COLUMN`")
	f.String("attach-root", "", "`DIR` that --attach-column may take files from (default: where the list is)")
	f.StringArray("unsubscribe", nil, "`URL` for List-Unsubscribe, https: or mailto:; a template")
	f.String("feedback-id", "", "`TEXT` of a Feedback-ID header field; a template")
	f.String("encoding", "7bit", "`HOW` text travels: 7bit, or 8bit where the server takes it")
	f.StringArray("dkim-key", nil, "sign with the private key in `FILE`")
	f.StringArray("dkim-domain", nil, "`DOMAIN` that signs (default: that of --from)")
	f.StringArray("dkim-selector", nil, "`SELECTOR` under which the public key is published")
}

func addRelayFlags(f *pflag.FlagSet) {
	f.String("via", "", "`URL`: smtp://[user@]host[:587], smtps://host[:465], mx:, sink: or maildir:DIR")
	f.String("helo", "", "`NAME` to greet with (default: this machine's)")
	f.String("ca-file", "", "`FILE` with the certificates to trust, instead of the system's")
	f.String("password-file", "", "`FILE` with the password or token (else MAILCTL_PASSWORD)")
	f.String("auth-mechanism", "", "`NAME`: scram-sha-256, plain, login or xoauth2 (default: the best offered)")
	f.StringArray("from-ip", nil, "with mx:, send from `ADDR`, or from several by share: 192.0.2.1=3")
	f.String("dsn", "", "ask for delivery status notifications `WHEN`: never, or any of success,failure,delay")
}

func addPaceFlags(f *pflag.FlagSet) {
	f.String("rate", "", "at most that many messages in any second, minute, hour or day: `600/m`")
	f.StringArray("rate-for", nil, "the same for one domain, provider or set of mail exchangers: `gmail.com=5/s`")
	f.StringArray("receiver", nil, "with mx:, what a receiver `TAKES`: name=gmail,connections=5")
	f.Lookup("receiver").Annotations = map[string][]string{objects: {}}
	f.Int("connections", 0, "`N` connections at once (default: 10, with mx: 100)")
	f.Int("connections-per-destination", 0, "`N` connections at once to one destination (default: --connections, with mx: what is known of it)")
	f.Int("messages-per-connection", 500, "`N` messages before a connection is replaced, with mx: at most")
	f.String("warmup", "", "obey today's caps of a warm-up plan: `FILE` of 'mailctl warmup plan'")
	f.Bool("adapt", false, "with --warmup, move the plan by what came of the days before")
	f.Duration("retry-for", 24*time.Hour, "how `LONG` temporary failures are tried again")
	f.Duration("retry-after", time.Minute, "`WAIT` before the second attempt, which then doubles")
	f.Bool("no-wait", false, "leave temporary failures for a later run")
	f.String("max-bounce-rate", "5%", "pause when more than this `SHARE` bounces hard, after 100 recipients; 0 never")
}

func addRunFlags(f *pflag.FlagSet) {
	f.String("campaign", "", "`NAME` of this mailing (default: list-message, of a rehearsal list-message-sink)")
	f.Bool("resend-unknown", false, "also send to those whose outcome a crash left unknown")
	f.Bool("skip-preflight", false, "do not first try the relay, or check the From domain")
	f.Bool("dry-run", false, "render and check every row, deliver nothing")
	f.Int("preview", 0, "write the first `N` messages and deliver nothing")
	f.String("test-to", "", "send only the first row's message, to `ADDR`")
	f.Bool("yes", false, "do not ask before sending")
}

// validateTrial refuses a trial that would not be one: an empty variable must
// not turn it into the mailing itself.
func validateTrial(cmd *cobra.Command, s sendSettings) error {
	chosen := 0
	for name, asked := range map[string]bool{"test-to": s.TestTo != "", "preview": s.Preview > 0, "dry-run": s.DryRun} {
		if name != "dry-run" && cmd.Flags().Changed(name) && !asked {
			return delivery.Hint(fmt.Errorf("invalid --%s %q", name, cmd.Flag(name).Value), "give it a value, or leave it out to send to everyone")
		}
		if asked {
			chosen++
		}
	}
	if chosen > 1 {
		return delivery.Hint(errors.New("--dry-run, --preview and --test-to cannot be used together"), "choose one of them")
	}
	return nil
}

// runSend does what the flags say.
func runSend(ctx context.Context, env Environment, s settings) (err error) {
	m, err := prepareMailing(env, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	switch {
	case s.Send.Preview > 0:
		return m.preview(ctx)
	case s.Send.DryRun:
		return m.dryRun(ctx)
	case s.Send.TestTo != "":
		return m.testTo(ctx, s.Send.TestTo)
	default:
		return m.send(ctx)
	}
}
