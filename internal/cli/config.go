package cli

import (
	"path/filepath"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// settings is everything that can be configured. A value comes from its flag,
// else from MAILCTL_… in the environment, else from the configuration file,
// else from the flag's default. The keys of a command's section are the names
// of its flags.
type settings struct {
	globalSettings `mapstructure:",squash"`
	dnsSettings    `mapstructure:",squash"`

	Send     sendSettings     `mapstructure:"send"`
	Check    checkSettings    `mapstructure:"check"`
	Probe    probeSettings    `mapstructure:"probe"`
	Campaign campaignSettings `mapstructure:"campaign"`
	Suppress suppressSettings `mapstructure:"suppress"`
	SPF      spfSettings      `mapstructure:"spf"`
	DMARC    dmarcSettings    `mapstructure:"dmarc"`
	Verify   verifySettings   `mapstructure:"verify"`
	Reply    replySettings    `mapstructure:"reply"`
	DKIM     dkimSettings     `mapstructure:"dkim"`
	Bounce   bounceSettings   `mapstructure:"bounce"`
	Sink     sinkSettings     `mapstructure:"sink"`
	Init     initSettings     `mapstructure:"init"`
	Doctor   doctorSettings   `mapstructure:"doctor"`
	Preview  previewSettings  `mapstructure:"preview"`
	Template templateSettings `mapstructure:"template"`
	Warmup   warmupSettings   `mapstructure:"warmup"`
	Version  struct{}         `mapstructure:"version"`
}

// globalSettings are the flags that every command has.
type globalSettings struct {
	Format  string `mapstructure:"format"`
	Out     string `mapstructure:"out"`
	State   string `mapstructure:"state"`
	NoColor bool   `mapstructure:"no-color"`
	Verbose bool   `mapstructure:"verbose"`
}

// addGlobalFlags adds the flags that every command has.
func addGlobalFlags(flags *pflag.FlagSet) {
	flags.StringP("format", "f", "text", "text, json or another output `FORMAT`")
	flags.StringP("out", "o", "", "write the result to `FILE` instead of standard output")
	flags.String("config", "", "configuration `FILE` (default: mailctl.yaml here, else config.yaml in the user's configuration folder)")
	flags.String("state", "", "`DIR` where campaigns and suppressions are remembered")
	flags.Bool("no-color", false, "no colour")
	flags.BoolP("verbose", "v", false, "show the conversation with servers, secrets removed")
}

// loadSettings puts together what a command is to do. The whole file and all
// variables are checked, also what is for other commands, that what is to be
// written can be, and that the format is one of those that are given, if any are.
func loadSettings(cmd *cobra.Command, env Environment, formats ...string) (settings, error) {
	s, config, err := readSettings(cmd, env)
	if err != nil {
		return s, err
	}
	if err := checkWritten(cmd, env, config); err != nil || len(formats) == 0 {
		return s, err
	}
	return s, oneOf("format", s.Format, formats...)
}

// readSettings does what loadSettings does, but for what is to be written, and
// returns the configuration file too, "" when there is none.
func readSettings(cmd *cobra.Command, env Environment) (s settings, config string, err error) {
	options, sections := listOptions(cmd.Root())
	if err := checkVariables(env, options); err != nil {
		return s, "", err
	}
	file, err := readConfig(cmd, env)
	if err != nil {
		return s, "", err
	}
	if err := checkKeys(file, options, sections); err != nil {
		return s, "", err
	}
	values := map[string]any{}
	for _, o := range options {
		if err := o.configure(file, env); err != nil {
			return s, "", err
		}
		if cmd.Flags().Lookup(o.flag.Name) == o.flag {
			addValue(values, o)
		}
	}
	s, err = decodeSettings(values)
	if s.State == "" {
		s.State = defaultState(env)
	}
	return s, file.ConfigFileUsed(), err
}

// addValue adds what a flag says, in the section of its key.
func addValue(values map[string]any, o option) {
	if section, _, found := strings.Cut(o.key, keyDelimiter); found {
		inner, ok := values[section].(map[string]any)
		if !ok {
			inner = map[string]any{}
			values[section] = inner
		}
		values = inner
	}
	if list, ok := o.flag.Value.(pflag.SliceValue); ok {
		values[o.flag.Name] = list.GetSlice()
		return
	}
	values[o.flag.Name] = o.flag.Value.String()
}

// decodeSettings puts the values of flags into their fields. Each flag has one.
func decodeSettings(values map[string]any) (settings, error) {
	var s settings
	decoder, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		Result:      &s,
		ErrorUnused: true,
		DecodeHook: mapstructure.ComposeDecodeHookFunc(
			mapstructure.StringToTimeDurationHookFunc(), mapstructure.StringToBasicTypeHookFunc()),
	})
	if err != nil {
		return s, err
	}
	return s, decoder.Decode(values)
}

// defaultState returns where the ledger lives when nobody says otherwise.
func defaultState(env Environment) string {
	folder := env.get("XDG_STATE_HOME")
	if folder == "" {
		folder = filepath.Join(env.get("HOME"), ".local", "state")
	}
	return filepath.Join(folder, "mailctl")
}
