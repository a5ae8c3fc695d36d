package cli

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dmarc"
)

// dmarcSettings are the flags of dmarc.
type dmarcSettings struct {
	SPF  string   `mapstructure:"spf"`
	DKIM []string `mapstructure:"dkim"`
}

// authResults are the results of SPF (RFC 7208 §2.6) and DKIM (RFC 8601 §2.7.1).
func authResults(flag string) []string {
	if flag == "spf" {
		return []string{"pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"}
	}
	return []string{"pass", "fail", "neutral", "none", "policy", "temperror", "permerror"}
}

func newDMARC(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dmarc DOMAIN [--spf DOMAIN=RESULT] [--dkim DOMAIN=RESULT]…",
		Short: "Which DMARC policy applies, and would these identifiers pass?",
		Long: `Find the DMARC record that applies to the domain of a From address (RFC 9989),
and decide like a receiver whether the identifiers that SPF and DKIM
authenticated are aligned with it. Without any it shows the policy, and the exit
code is 0 when there is one.`,
		Example: `  mailctl dmarc acme.example
  mailctl dmarc news.acme.example --spf bounce.acme.example=pass
  mailctl dmarc acme.example --spf relay.example=pass --dkim acme.example=pass`,
		Args: oneDomain,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := loadSettings(cmd, env, "text", "json")
			if err != nil {
				return err
			}
			in, err := dmarcInput(s, args[0])
			if err != nil {
				return err
			}
			return runDMARC(cmd.Context(), env, s, in)
		},
	}
	addFlagGroups(cmd, []flagGroup{
		{"Identifiers", func(f *pflag.FlagSet) {
			f.String("spf", "", "domain of MAIL FROM and what SPF said, `DOMAIN=RESULT`")
			f.StringArray("dkim", nil, "domain of a signature (d=) and what came of it, `DOMAIN=RESULT`; repeatable")
		}},
		{"DNS", addDNSFlags},
	})
	return cmd
}

// oneDomain wants one argument.
func oneDomain(cmd *cobra.Command, args []string) error {
	if len(args) == 1 {
		return nil
	}
	return delivery.Hint(fmt.Errorf("%s takes one domain, not %d", cmd.Name(), len(args)), fmt.Sprintf("run '%s --help' for an example", cmd.CommandPath()))
}

// dmarcInput reads the identifiers.
func dmarcInput(s settings, author string) (dmarc.Input, error) {
	in := dmarc.Input{Author: author}
	if _, err := netip.ParseAddr(author); err == nil {
		return in, delivery.Hint(fmt.Errorf("invalid domain %q", author), "write the domain of the From address, such as example.com")
	}
	err := verifyDomain(author)
	if err != nil {
		return in, err
	}
	if s.DMARC.SPF != "" {
		if in.SPF, err = parseIdentifier("spf", s.DMARC.SPF); err != nil {
			return in, err
		}
	}
	for _, text := range s.DMARC.DKIM {
		id, err := parseIdentifier("dkim", text)
		if err != nil {
			return in, err
		}
		in.DKIM = append(in.DKIM, id)
	}
	return in, nil
}

func parseIdentifier(flag, text string) (dmarc.Identifier, error) {
	domain, result, ok := strings.Cut(text, "=")
	result = strings.ToLower(strings.TrimSpace(result))
	domain = strings.TrimSpace(domain)
	domain = domain[strings.LastIndexByte(domain, '@')+1:]
	if !ok || domain == "" || notInDomain(domain) {
		return dmarc.Identifier{}, delivery.Hint(fmt.Errorf("invalid --%s %q", flag, text), "write a domain and a result, such as example.com=pass")
	}
	if allowed := authResults(flag); !slices.Contains(allowed, result) {
		hint := "it is one of: " + strings.Join(allowed, ", ")
		if near := delivery.Nearest(result, allowed); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return dmarc.Identifier{}, delivery.Hint(fmt.Errorf("invalid --%s %q: unknown result %q", flag, text, result), hint)
	}
	if _, err := delivery.DNSName(domain); err != nil {
		return dmarc.Identifier{}, fmt.Errorf("invalid --%s %q: %w", flag, text, err)
	}
	return dmarc.Identifier{Domain: domain, Result: result}, nil
}

func runDMARC(ctx context.Context, env Environment, s settings, in dmarc.Input) error {
	var e *dmarc.Evaluation
	err := withResolver(ctx, env, s, func(ctx context.Context, r delivery.Resolver) (err error) {
		if e, err = dmarc.Evaluate(ctx, r, in); err != nil {
			return delivery.Hint(fmt.Errorf("%q is not a domain", in.Author), "write the domain of the From address, such as example.com")
		}
		return nil
	}, func(out *output) error {
		if s.Format == "json" {
			return ui.WriteDMARCJSON(out, e)
		}
		return ui.WriteDMARC(out, out.style, e)
	})
	if err != nil {
		return err
	}
	if e.Result == dmarc.ResultFail && in.SPF.Domain == "" && len(in.DKIM) == 0 {
		hint := "hint: to see whether mail would pass, add --spf DOMAIN=RESULT or --dkim DOMAIN=RESULT"
		fmt.Fprintln(env.Stderr, styleOf(env, env.Stderr, true).Fold(hint))
		return nil // only the policy was asked for, and there is one
	}
	return verdictError(nil, e.Result == dmarc.ResultPass, e.Result == dmarc.ResultTempError)
}
