package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/spf"
)

// spfSettings are the flags of spf.
type spfSettings struct {
	IP       string `mapstructure:"ip"`
	MailFrom string `mapstructure:"mail-from"`
	Helo     string `mapstructure:"helo"`
	Receiver string `mapstructure:"receiver"`
	Tree     bool   `mapstructure:"tree"`
	Flatten  bool   `mapstructure:"flatten"`
}

func newSPF(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "spf --ip IP --mail-from ADDR --helo NAME | DOMAIN",
		Short: "Would mail from this IP address pass SPF?",
		Long: `Decide like a receiver whether a server may send mail for a domain (RFC 7208),
and show how. With a DOMAIN and no --ip, show everything its record brings with
it: who may send, and what it costs.`,
		Example: `  mailctl spf --ip 192.0.2.1 --mail-from news@acme.example
  mailctl spf acme.example
  mailctl spf acme.example --flatten
  mailctl spf acme.example --ip 192.0.2.1 --zone new.zone`,
		Args: atMostOneDomain,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := loadSettings(cmd, env, "text", "json")
			if err != nil {
				return err
			}
			return runSPF(cmd, env, s, args)
		},
	}
	addFlagGroups(cmd, []flagGroup{
		{"The client", func(f *pflag.FlagSet) {
			f.String("ip", "", "`ADDRESS` of the server that sends")
			f.String("mail-from", "", "reverse-path: `ADDR` that MAIL FROM names; empty for bounces, which are judged by --helo")
			f.String("helo", "", "`NAME` by which the server greets")
			f.String("receiver", "", "`NAME` of the server that receives, for explanations that mention it")
		}},
		{"The policy of a domain", func(f *pflag.FlagSet) {
			f.Bool("tree", false, "show all that the record includes; the default without --ip")
			f.Bool("flatten", false, "write a record with networks in place of includes, good for as long as they do not change")
		}},
		{"DNS", addDNSFlags},
	})
	return cmd
}

// atMostOneDomain takes at most a domain.
func atMostOneDomain(cmd *cobra.Command, args []string) error {
	if len(args) <= 1 {
		return nil
	}
	return delivery.Hint(fmt.Errorf("%s takes one domain, not also %q", cmd.Name(), args[1]), "run it once for each domain")
}

func runSPF(cmd *cobra.Command, env Environment, s settings, args []string) error {
	if s.SPF.IP == "" || s.SPF.Tree || s.SPF.Flatten {
		if len(args) == 0 {
			return missingClient(s)
		}
		return runSPFPolicy(cmd.Context(), env, s, args[0])
	}
	query, err := spfQuery(cmd, env, s, args)
	if err != nil {
		return err
	}
	var result spf.Result
	err = withResolver(cmd.Context(), env, s, func(ctx context.Context, r delivery.Resolver) error {
		result = spf.Check(ctx, r, query)
		return nil
	}, func(out *output) error {
		if s.Format == "json" {
			return ui.WriteSPFJSON(out, result)
		}
		return ui.WriteSPF(out, out.style, result)
	})
	return verdictError(err, result.Status == spf.Pass, result.Status == spf.TempError)
}

// missingClient is the error when neither a client nor a domain is named.
func missingClient(s settings) error {
	if s.SPF.IP != "" {
		return delivery.Hint(errors.New("no domain to show the policy of"), "name one, such as: mailctl spf example.com --flatten")
	}
	return delivery.Hint(errors.New("--ip is missing"),
		"give --ip with --mail-from or --helo, or name a domain to see its whole policy: mailctl spf example.com")
}

// spfQuery is what the flags say of the client. A domain stands for any address
// at it.
func spfQuery(cmd *cobra.Command, env Environment, s settings, args []string) (spf.Query, error) {
	q := spf.Query{MailFrom: s.SPF.MailFrom, Helo: s.SPF.Helo, Receiver: s.SPF.Receiver, Time: env.Now()}
	var err error
	if q.IP, err = parseClient(s.SPF.IP); err != nil {
		return q, err
	}
	switch {
	case len(args) > 0 && q.MailFrom != "":
		return q, delivery.Hint(fmt.Errorf("unexpected argument %q beside --mail-from", args[0]), "leave one of them out")
	case len(args) > 0:
		q.MailFrom = args[0]
		return q, verifyMailFrom("domain", q.MailFrom)
	case q.MailFrom == "" && q.Helo == "" && !cmd.Flags().Changed("mail-from") && !cmd.Flags().Changed("helo"):
		return q, required(cmd, map[string]string{}, "mail-from")
	}
	return q, verifyMailFrom("--mail-from", q.MailFrom)
}

// verifyMailFrom refuses what no server would send as an address or a domain. A
// domain that cannot exist is none of that: what a receiver makes of it is an answer.
func verifyMailFrom(what, text string) error {
	domain := text[strings.LastIndexByte(text, '@')+1:]
	if notInDomain(domain) && !strings.HasPrefix(domain, "[") {
		return delivery.Hint(fmt.Errorf("invalid %s %q", what, text), "write an address such as news@example.com, or a domain such as example.com")
	}
	return nil
}

// parseClient reads the address of a server.
func parseClient(text string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil || addr.Zone() != "" {
		return netip.Addr{}, delivery.Hint(fmt.Errorf("invalid --ip %q", text), "write one address, such as 192.0.2.1 or 2001:db8::1")
	}
	return addr, nil
}

// runSPFPolicy shows what a domain publishes.
func runSPFPolicy(ctx context.Context, env Environment, s settings, domain string) error {
	if err := verifyDomain(domain); err != nil {
		return err
	}
	name, err := delivery.DNSName(domain)
	if err != nil {
		return err
	}
	var policy ui.SPFPolicy
	err = withResolver(ctx, env, s, func(ctx context.Context, r delivery.Resolver) error {
		policy.Tree = spf.Walk(ctx, r, name)
		if !s.SPF.Flatten {
			return nil
		}
		var err error
		policy.Flat, err = flatten(policy.Tree)
		return err
	}, func(out *output) error {
		if s.Format == "json" {
			return ui.WriteSPFPolicyJSON(out, policy)
		}
		return ui.WriteSPFPolicy(out, out.style, policy)
	})
	if err != nil {
		return err
	}
	return verdictError(nil, s.SPF.Flatten || usable(policy.Tree), policy.Tree.Incomplete)
}

// flatten writes a record with fewer look-ups.
func flatten(tree *spf.Tree) ([]spf.Published, error) {
	flat, err := spf.Flatten(tree)
	switch {
	case err != nil && tree.Incomplete:
		return nil, unfinished(delivery.Hint(err, "try again later; the look-up that failed is shown by: mailctl spf "+tree.Domain))
	case err != nil:
		return nil, exitWith(exitWrong, delivery.Hint(err, "see which terms cost look-ups with: mailctl spf "+tree.Domain))
	}
	return flat, nil
}

// usable reports whether no client meets a permanent error.
func usable(tree *spf.Tree) bool {
	return tree.Err == nil && tree.Record.Err() == nil && !tree.Cost.ExceedsLookups()
}
