package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/message"
)

// initSettings are the flags of init.
type initSettings struct {
	From     string `mapstructure:"from"`
	Via      string `mapstructure:"via"`
	Template string `mapstructure:"template"`
	Selector string `mapstructure:"selector"`
	Dir      string `mapstructure:"dir"`
}

func newInit(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a first configuration, message, list and DKIM key",
		Long: `Write what a first mailing needs: mailctl.yaml, a message, a list, a DKIM key and
the DNS records to publish. On a terminal it asks for what no flag says. Files
that are already there are left alone.`,
		Example: `  mailctl init
  mailctl init --from 'Acme <news@acme.example>' --via smtp://me@relay.acme.example:587`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := loadSettings(cmd, env, "text", "json")
			if err != nil {
				return err
			}
			return runInit(cmd.Context(), env, s)
		},
	}
	f := cmd.Flags()
	f.String("from", "", "sender `ADDR`: 'Acme <news@acme.example>'")
	f.String("via", "", "`URL` mail leaves by: smtp://[user@]host[:587], smtps://host[:465] or sink:")
	f.String("template", "", "message to start from: `NAME` of 'mailctl template list' (default newsletter)")
	f.String("selector", "", "`NAME` of the DKIM key in the DNS (default: s and the year)")
	f.String("dir", ".", "write to `DIR`")
	return cmd
}

// runInit asks for what is missing, and writes the files.
func runInit(ctx context.Context, env Environment, s settings) error {
	if s.Init.From == "" {
		if err := askInit(ctx, env, &s); err != nil {
			return err
		}
	}
	start, err := newFirstMailing(env, s.Init)
	if err != nil {
		return err
	}
	if err := start.write(); err != nil {
		return err
	}
	return writeResult(env, s, func(out *output) error {
		if s.Format == "json" {
			return ui.WriteStartJSON(out, start.report())
		}
		return ui.WriteStart(out, out.style, start.report())
	})
}

// How mail leaves, as init asks for it.
const (
	leaveByRelay = "relay"
	leaveBySink  = "sink:"
)

// askInit asks a person for what the flags do not say.
func askInit(ctx context.Context, env Environment, s *settings) error {
	_, input := env.Terminal(env.Stdin)
	_, output := env.Terminal(env.Stderr)
	if !input || !output {
		return delivery.Hint(errors.New("--from is missing"), "give --from 'Acme <news@acme.example>', or run mailctl init on a terminal to be asked")
	}
	leave := leaveByRelay
	questions := []ui.Question{{
		Title: "Who is the mail from?", Help: "A name and an address of your own domain.", Sample: "Acme <news@acme.example>",
		Answer: &s.Init.From, Check: checkSender,
	}}
	if s.Init.Via == "" {
		questions = append(questions, ui.Question{
			Title: "How does it leave?", Answer: &leave,
			Choices: [][2]string{
				{leaveByRelay, "through a relay: your provider's or your own mail server"},
				{leaveBySink, "nowhere yet: try it out with a server that mailctl brings along"},
			},
		}, ui.Question{
			Title: "Which relay?", Help: "Its password comes from MAILCTL_PASSWORD or --password-file later.",
			Sample: "smtp://me@relay.acme.example:587", Answer: &s.Init.Via, Check: checkRelay,
			Skip: func() bool { return leave != leaveByRelay },
		})
	}
	if s.Init.Template == "" {
		question := ui.Question{Title: "Which message do you start from?", Answer: &s.Init.Template}
		for _, r := range message.ReadyMessages() {
			question.Choices = append(question.Choices, [2]string{r.Name, fmt.Sprintf("%s: %s", r.Name, r.Summary)})
		}
		questions = append(questions, question)
	}
	err := ui.Ask(ctx, env.Stdin, env.Stderr, styleOf(env, env.Stderr, s.NoColor), questions)
	if errors.Is(err, ui.ErrNoAnswer) {
		return exitWith(exitInterrupted, errors.New("nothing was written"))
	}
	if s.Init.Via == "" && leave != leaveByRelay {
		s.Init.Via = leave
	}
	return err
}

func checkSender(answer string) error {
	from, err := delivery.ParseMailbox(answer)
	if err != nil {
		return err
	}
	return checkSenderDomain(from)
}

// checkSenderDomain refuses a sender for whom no records can be published.
func checkSenderDomain(from delivery.Mailbox) error {
	domain := from.Address.Domain
	if strings.HasPrefix(domain, "[") {
		return delivery.Hint(fmt.Errorf("%q has no domain name", from.Address), "send from an address of a domain of your own")
	}
	if provider := delivery.Provider(domain); provider != "" {
		return delivery.Hint(fmt.Errorf("%q belongs to a mailbox provider, whose records you cannot publish", domain),
			"send from an address of a domain of your own")
	}
	return nil
}

func checkRelay(answer string) error {
	if answer == "" {
		return errors.New("type its URL, such as smtp://me@relay.acme.example:587")
	}
	_, err := delivery.ParseRelay(answer)
	return err
}
