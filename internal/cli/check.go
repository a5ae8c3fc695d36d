package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mailctl/mailctl/internal/ui"
)

// checkSettings are the flags of check.
type checkSettings struct {
	List        string   `mapstructure:"list"`
	Only        []string `mapstructure:"only"`
	Skip        []string `mapstructure:"skip"`
	With        []string `mapstructure:"with"`
	Selector    []string `mapstructure:"selector"`
	IP          []string `mapstructure:"ip"`
	Profile     []string `mapstructure:"profile"`
	Policy      string   `mapstructure:"policy"`
	WritePolicy string   `mapstructure:"write-policy"`
	FailOn      string   `mapstructure:"fail-on"`
	Concurrency int      `mapstructure:"concurrency"`
	Rules       bool     `mapstructure:"rules"`
	Probe       bool     `mapstructure:"probe"`
	CAFile      string   `mapstructure:"ca-file"`
	Helo        string   `mapstructure:"helo"`
}

func newCheck(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check DOMAIN…",
		Short: "Are the published DNS records right?",
		Long: `Look at everything a domain publishes about its mail: MX, SPF, DKIM, DMARC,
MTA-STS, TLS-RPT, DNSSEC, DANE and BIMI. What is wrong is named, with the record
that mends it. What could not be looked up is unknown, never missing.

Formats: ` + strings.Join(ui.CheckFormats(), ", ") + `.`,
		Example: `  mailctl check example.com
  mailctl check example.com --zone draft.zone --selector s1 --ip 192.0.2.25
  mailctl check --policy mail-policy.yaml --format sarif --out check.sarif
  mailctl check --list domains.txt --format jsonl --concurrency 64`,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := loadSettings(cmd, env)
			if err != nil {
				return err
			}
			if s.Check.Rules {
				return listRules(env, s, "check", checkRules(s.Check.Probe))
			}
			plan, err := planCheck(env, s, args)
			if err != nil {
				return err
			}
			return plan.run(cmd.Context())
		},
	}
	addFlagGroups(cmd, []flagGroup{
		{"What to check", addCheckFlags},
		{"What must be true", addCheckPolicyFlags},
		{"Mail servers", addCheckProbeFlags},
		{"DNS", addDNSFlags},
	})
	return cmd
}

func addCheckFlags(f *pflag.FlagSet) {
	f.String("list", "", "check the domains of `FILE` too, one a line, # begins a comment; - is standard input")
	f.StringSlice("only", nil, "check only these `STANDARDS`: spf, dkim, dmarc, mx, mtasts, tlsrpt, dane, dnssec, bimi, dnsbl")
	f.StringSlice("skip", nil, "do not check these `STANDARDS`")
	f.StringSlice("with", nil, "check these `STANDARDS` too: dnsbl, which is left out otherwise")
	f.StringArray("selector", nil, "a `SELECTOR` of the domain's DKIM keys; repeatable (default: those of known providers)")
	f.StringArray("ip", nil, "an `ADDRESS` that sends for the domain; repeatable")
	f.Int("concurrency", 16, "check `N` domains at once")
	f.Bool("rules", false, "list what can be found, and stop")
}

func addCheckPolicyFlags(f *pflag.FlagSet) {
	f.StringSlice("profile", nil, "apply the published rules of these `RECEIVERS`: gmail, yahoo, outlook, apple, laposte, gmx, or all")
	f.String("policy", "", "hold the domains against `FILE`; without a domain, check all it names")
	f.String("write-policy", "", "write a policy `FILE` from what is published today")
	f.String("fail-on", "error", "exit with 1 from this `SEVERITY` on: error, warning or notice")
}
