package cli

import (
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mailctl/mailctl/internal/ui"
)

// probeSettings are the flags of probe.
type probeSettings struct {
	List           string        `mapstructure:"list"`
	Port           []int         `mapstructure:"port"`
	As             string        `mapstructure:"as"`
	Host           bool          `mapstructure:"host"`
	Family         int           `mapstructure:"family"`
	TLSVersions    bool          `mapstructure:"tls-versions"`
	Ciphers        bool          `mapstructure:"ciphers"`
	Injection      bool          `mapstructure:"injection"`
	OpenRelay      bool          `mapstructure:"open-relay"`
	Auth           string        `mapstructure:"auth"`
	PasswordFile   string        `mapstructure:"password-file"`
	AuthMechanism  string        `mapstructure:"auth-mechanism"`
	Helo           string        `mapstructure:"helo"`
	FromIP         string        `mapstructure:"from-ip"`
	CAFile         string        `mapstructure:"ca-file"`
	ConnectTimeout time.Duration `mapstructure:"connect-timeout"`
	Timeout        time.Duration `mapstructure:"timeout"`
	Concurrency    int           `mapstructure:"concurrency"`
	MinDays        int           `mapstructure:"min-days"`
	FailOn         string        `mapstructure:"fail-on"`
	Watch          bool          `mapstructure:"watch"`
	Interval       time.Duration `mapstructure:"interval"`
	Rules          bool          `mapstructure:"rules"`
}

// What probe does unless somebody says otherwise.
const (
	usualConnectTimeout = 10 * time.Second
	usualTimeout        = 45 * time.Second
	usualMinDays        = 14
)

func newProbe(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "probe HOST[:PORT]|DOMAIN…",
		Short: "What does a mail server speak, and how good is its TLS?",
		Long: `Connect to mail servers as a sender would, look at greeting, capabilities, TLS
and certificate, and say goodbye. No mail is sent. A domain's mail exchangers
are probed on port 25, a host on 25, 587 and 465; smtps://HOST means TLS at once.

Formats: ` + strings.Join(ui.CheckFormats(), ", ") + `. json and
jsonl have every fact, text with --verbose most of them, the others findings.`,
		Example: `  mailctl probe example.com
  mailctl probe mail.example.com:587 --tls-versions --auth me
  mailctl probe --list hosts.txt --min-days 14 --format jsonl`,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := loadSettings(cmd, env)
			if err != nil {
				return err
			}
			if s.Probe.Rules {
				return listRules(env, s, "probe", ui.ProbeRules())
			}
			plan, err := planProbe(env, s, args)
			if err != nil {
				return err
			}
			return plan.run(cmd.Context())
		},
	}
	addFlagGroups(cmd, []flagGroup{
		{"What to probe", addProbeTargetFlags},
		{"What to ask besides", addProbeQuestionFlags},
		{"How to connect", addProbeConnectionFlags},
		{"What comes of it", addProbeResultFlags},
		{"DNS", addDNSFlags},
	})
	return cmd
}

func addProbeTargetFlags(f *pflag.FlagSet) {
	f.String("list", "", "probe what `FILE` names too, one a line, # begins a comment; - is standard input")
	f.IntSlice("port", nil, "`PORTS` instead of the usual ones")
	f.String("as", "", "judge every port as this `SERVICE`: relay, submission or submissions (TLS at once)")
	f.Bool("host", false, "names are hosts, even if they have MX records")
	f.Int("family", 0, "only addresses of this `FAMILY`, 4 or 6 (default both)")
}

func addProbeQuestionFlags(f *pflag.FlagSet) {
	f.Bool("tls-versions", false, "which versions of TLS are accepted (more connections)")
	f.Bool("ciphers", false, "which cipher suites of each, in the server's order (many connections)")
	f.Bool("injection", false, "whether commands sent in front of TLS are obeyed within")
	f.Bool("open-relay", false, "whether a recipient of a foreign domain is accepted")
	f.String("auth", "", "prove that `USER` can log in, without sending mail; one server only")
	f.String("password-file", "", "read the password from `FILE` (or set MAILCTL_PASSWORD)")
	f.String("auth-mechanism", "", "log in with this `MECHANISM`: scram-sha-256, plain, login or xoauth2")
}

func addProbeConnectionFlags(f *pflag.FlagSet) {
	f.String("helo", "", "say that this is `NAME` (default: this machine's name)")
	f.String("from-ip", "", "connect from this `ADDRESS` of this machine")
	f.String("ca-file", "", "trust the authorities in `FILE` alone")
	f.Duration("connect-timeout", usualConnectTimeout, "how `LONG` a connection may take")
	f.Duration("timeout", usualTimeout, "how `LONG` a server may take for each reply")
	f.Int("concurrency", 64, "up to `N` connections at once, two of them to one address")
}

func addProbeResultFlags(f *pflag.FlagSet) {
	f.Int("min-days", 0, "a certificate that ends in less than `N` days is an error (default: a warning below 14)")
	f.String("fail-on", "error", "exit with 1 from this `SEVERITY` on: error, warning or notice")
	f.Bool("watch", false, "probe again and again and print what changes, until Ctrl-C")
	f.Duration("interval", time.Minute, "`TIME` between two rounds of --watch")
	f.Bool("rules", false, "list what can be found, and stop")
}
