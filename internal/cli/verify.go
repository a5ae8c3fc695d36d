package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/verify"
)

// verifySettings are the flags of verify.
type verifySettings struct {
	IP       string `mapstructure:"ip"`
	MailFrom string `mapstructure:"mail-from"`
	Helo     string `mapstructure:"helo"`
	Receiver string `mapstructure:"receiver"`
}

func newVerify(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify FILE [--ip IP] [--mail-from ADDR] [--helo NAME]",
		Short: "Would this message authenticate, and is it well formed?",
		Long: `Judge a message as a receiver does: SPF for the server that hands it over, the
DKIM signatures, DMARC for its author, its form, and how people unsubscribe. The
message is a file, or - for standard input.`,
		Example: `  mailctl verify message.eml
  mailctl verify message.eml --ip 192.0.2.1 --mail-from bounce@acme.example
  mailctl verify - --zone new.zone < message.eml`,
		Args: oneMessage,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := loadSettings(cmd, env, "text", "json")
			if err != nil {
				return err
			}
			return runVerify(cmd, env, s, args)
		},
	}
	addFlagGroups(cmd, []flagGroup{
		{"How the message came", func(f *pflag.FlagSet) {
			f.String("ip", "", "`ADDRESS` of the server that sends; without it SPF is not judged")
			f.String("mail-from", "", "reverse-path: `ADDR` that MAIL FROM names (default: what Return-Path says)")
			f.String("helo", "", "`NAME` by which the server greets")
			f.String("receiver", "localhost", "`NAME` of the server that receives, for Authentication-Results")
		}},
		{"DNS", addDNSFlags},
	})
	return cmd
}

// oneMessage wants one argument.
func oneMessage(cmd *cobra.Command, args []string) error {
	if len(args) == 1 {
		return nil
	}
	return delivery.Hint(fmt.Errorf("%s takes one message, not %d", cmd.Name(), len(args)), "name a file, or - for standard input")
}

func runVerify(cmd *cobra.Command, env Environment, s settings, args []string) error {
	q := verify.Query{MailFrom: s.Verify.MailFrom, Helo: s.Verify.Helo, Receiver: s.Verify.Receiver, Time: env.Now()}
	err := verifyMailFrom("--mail-from", q.MailFrom)
	if err != nil {
		return err
	}
	if s.Verify.IP != "" {
		if q.IP, err = parseClient(s.Verify.IP); err != nil {
			return err
		}
	}
	if q.Message, err = readMessage(env, args); err != nil {
		return err
	}
	if q.MailFrom == "" && !cmd.Flags().Changed("mail-from") {
		q.MailFrom, _ = verify.ReturnPath(q.Message)
	}
	return judge(cmd.Context(), env, s, q)
}

// judge verifies a message and says what came of it.
func judge(ctx context.Context, env Environment, s settings, q verify.Query) error {
	var report *verify.Report
	err := withResolver(ctx, env, s, func(ctx context.Context, r delivery.Resolver) (err error) {
		if report, err = verify.Verify(ctx, r, q); err != nil {
			return exitWith(exitWrong, err)
		}
		return nil
	}, func(out *output) error {
		if s.Format == "json" {
			return ui.WriteVerifyJSON(out, report)
		}
		return ui.WriteVerify(out, out.style, report)
	})
	if err != nil {
		return err
	}
	verdict := report.Verdict()
	return verdictError(nil, verdict == verify.VerdictPass, verdict == verify.VerdictUnknown)
}
