package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// keyDelimiter separates the levels of a key. A dot would tear domain names
// apart.
const keyDelimiter = "::"

// settings is everything that can be configured. A value comes from its flag,
// else from MAILCTL_… in the environment, else from the configuration file,
// else from the flag's default. The keys of a command's section are the names
// of its flags.
type settings struct {
	globalSettings `mapstructure:",squash"`
	dnsSettings    `mapstructure:",squash"`

	Send     sendSettings     `mapstructure:"send"`
	Check    checkSettings    `mapstructure:"check"`
	Campaign campaignSettings `mapstructure:"campaign"`
	Suppress suppressSettings `mapstructure:"suppress"`
	SPF      spfSettings      `mapstructure:"spf"`
	DMARC    dmarcSettings    `mapstructure:"dmarc"`
	Verify   verifySettings   `mapstructure:"verify"`
	DKIM     dkimSettings     `mapstructure:"dkim"`
	Sink     sinkSettings     `mapstructure:"sink"`
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
	flags.StringP("format", "f", "text", "output `FORMAT`: text, json, or another that the command names")
	flags.StringP("out", "o", "", "write the result to `FILE` instead of standard output")
	flags.String("config", "", "configuration `FILE` (default: mailctl.yaml here, else config.yaml in the user's configuration folder)")
	flags.String("state", "", "`DIR` where campaigns and suppressions are remembered")
	flags.Bool("no-color", false, "no colour")
	flags.BoolP("verbose", "v", false, "show the conversation with servers, secrets removed")
}

// loadSettings puts together what a command is to do.
func loadSettings(cmd *cobra.Command, env Environment) (settings, error) {
	v := viper.NewWithOptions(viper.KeyDelimiter(keyDelimiter), viper.ExperimentalBindStruct())
	if err := readConfig(v, cmd, env); err != nil {
		return settings{}, err
	}
	section := sectionOf(cmd)
	var bindErr error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "config" || f.Name == "help" {
			return
		}
		key := f.Name
		if cmd.InheritedFlags().Lookup(f.Name) == nil && !isDNSFlag(f.Name) {
			key = section + keyDelimiter + f.Name
		}
		bindErr = errors.Join(bindErr, v.BindPFlag(key, f))
		if value, ok := env.Lookup(variable(key)); ok && !f.Changed {
			v.Set(key, splitList(f, value))
		}
	})
	if bindErr != nil {
		return settings{}, bindErr
	}
	var s settings
	if err := v.UnmarshalExact(&s, viper.DecodeHook(mapstructure.ComposeDecodeHookFunc(
		mapstructure.StringToTimeDurationHookFunc(), mapstructure.StringToBasicTypeHookFunc()))); err != nil {
		return settings{}, fmt.Errorf("invalid configuration: %w", err)
	}
	if s.State == "" {
		s.State = defaultState(env)
	}
	return s, nil
}

// splitList returns the value of a variable of the environment as the flag
// takes it: a list is separated by commas.
func splitList(f *pflag.Flag, value string) any {
	if _, list := f.Value.(pflag.SliceValue); !list {
		return value
	}
	items := strings.Split(value, ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	return items
}

// variable returns the name a key has in the environment.
func variable(key string) string {
	return "MAILCTL_" + strings.ToUpper(strings.NewReplacer(keyDelimiter, "_", "-", "_").Replace(key))
}

// sectionOf returns the section of a command: the name of the command directly
// below the root.
func sectionOf(cmd *cobra.Command) string {
	for cmd.HasParent() && cmd.Parent().HasParent() {
		cmd = cmd.Parent()
	}
	return cmd.Name()
}

// readConfig reads the configuration file, if there is one.
func readConfig(v *viper.Viper, cmd *cobra.Command, env Environment) error {
	path, err := configPath(cmd, env)
	if path == "" || err != nil {
		return err
	}
	v.SetConfigFile(path)
	v.SetConfigType("yaml")
	if err := v.ReadInConfig(); err != nil {
		return delivery.Hint(fmt.Errorf("cannot read configuration %q: %w", path, err),
			"it is YAML, with a section for each command: send: {from: …}")
	}
	known := knownKeys(cmd.Root())
	for _, key := range v.AllKeys() {
		if !slices.Contains(known, key) {
			return unknownKey(path, key, known)
		}
	}
	return nil
}

// configPath returns the configuration file to read, "" when there is none.
func configPath(cmd *cobra.Command, env Environment) (string, error) {
	named, err := cmd.Flags().GetString("config")
	if err != nil {
		return "", err
	}
	if named == "" {
		named = env.get("MAILCTL_CONFIG")
	}
	if named != "" {
		if _, err := os.Stat(named); err != nil {
			return "", fileError("read configuration", named, err)
		}
		return named, nil
	}
	for _, path := range []string{"mailctl.yaml", userConfig(env)} {
		_, err := os.Stat(path)
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", fileError("read configuration", path, err)
		}
	}
	return "", nil
}

// unknownKey names the nearest key, so that a slip of the finger is mended.
func unknownKey(path, key string, known []string) error {
	shown := strings.ReplaceAll(key, keyDelimiter, ".")
	err := fmt.Errorf("unknown key %q in %s", shown, path)
	if near := delivery.Nearest(key, known); near != "" {
		return delivery.Hint(err, fmt.Sprintf("did you mean %q?", strings.ReplaceAll(near, keyDelimiter, ".")))
	}
	return delivery.Hint(err, "keys are named like flags, those of a command below its name: send.from")
}

// knownKeys returns every key, from the flags of all commands.
func knownKeys(root *cobra.Command) []string {
	var keys []string
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name != "config" {
			keys = append(keys, f.Name)
		}
	})
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			sub.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
				if isDNSFlag(f.Name) {
					keys = append(keys, f.Name)
					return
				}
				keys = append(keys, sectionOf(sub)+keyDelimiter+f.Name)
			})
			walk(sub)
		}
	}
	walk(root)
	return keys
}

// userConfig returns the configuration file in the user's folder.
func userConfig(env Environment) string {
	folder := env.get("XDG_CONFIG_HOME")
	if folder == "" {
		folder = filepath.Join(env.get("HOME"), ".config")
	}
	return filepath.Join(folder, "mailctl", "config.yaml")
}

// defaultState returns where the ledger lives when nobody says otherwise.
func defaultState(env Environment) string {
	folder := env.get("XDG_STATE_HOME")
	if folder == "" {
		folder = filepath.Join(env.get("HOME"), ".local", "state")
	}
	return filepath.Join(folder, "mailctl")
}
