package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"
	"go.yaml.in/yaml/v3"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// readConfig reads the configuration file. Without one, nothing is configured.
func readConfig(cmd *cobra.Command, env Environment) (*viper.Viper, error) {
	file := viper.NewWithOptions(viper.KeyDelimiter(keyDelimiter), viper.WithDecoderRegistry(asWritten{}))
	path, err := configPath(cmd, env)
	if path == "" || err != nil {
		return file, err
	}
	file.SetConfigFile(path)
	file.SetConfigType("yaml")
	err = file.ReadInConfig()
	if malformed, ok := errors.AsType[viper.ConfigParseError](err); ok {
		return nil, delivery.Hint(fmt.Errorf("cannot read configuration %q: %w", path, malformed.Unwrap()),
			"it is YAML, with a section for each command: send: {from: …}")
	}
	if err != nil {
		return nil, fileError("read configuration", path, err)
	}
	return file, nil
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

// userConfig returns the configuration file in the user's folder.
func userConfig(env Environment) string {
	folder := env.get("XDG_CONFIG_HOME")
	if folder == "" {
		folder = filepath.Join(env.get("HOME"), ".config")
	}
	return filepath.Join(folder, "mailctl", "config.yaml")
}

// checkKeys refuses a file with a key that nothing is configured by. A section
// may be empty.
func checkKeys(file *viper.Viper, options []option, sections []string) error {
	path, known := file.ConfigFileUsed(), make([]string, len(options))
	for i, o := range options {
		known[i] = o.key
	}
	for _, key := range slices.Sorted(slices.Values(file.AllKeys())) {
		above := slices.IndexFunc(known, func(k string) bool { return strings.HasPrefix(key, k+keyDelimiter) })
		switch {
		case slices.Contains(known, key):
		case slices.Contains(sections, key):
			if value := file.Get(key); value != nil {
				return delivery.Hint(fmt.Errorf("%s must be a section, not %q, in %s", key, fmt.Sprint(value), path),
					fmt.Sprintf("write its keys below it: %s: {key: value}", key))
			}
		case above >= 0:
			return delivery.Hint(fmt.Errorf("%s must not be a section, with %q, in %s", dotted(known[above]), dotted(key), path),
				options[above].form())
		default:
			return unknownKey(path, key, known)
		}
	}
	return nil
}

// unknownKey names the nearest key, so that a slip of the finger is mended.
func unknownKey(path, key string, known []string) error {
	err := fmt.Errorf("unknown key %q in %s", dotted(key), path)
	if section, name, found := strings.Cut(key, "."); found && slices.Contains(known, section+keyDelimiter+name) {
		return delivery.Hint(err, fmt.Sprintf("write it in its section: %s: {%s: …}", section, name))
	}
	if near := delivery.Nearest(key, known); near != "" {
		return delivery.Hint(err, fmt.Sprintf("did you mean %q?", dotted(near)))
	}
	return delivery.Hint(err, "keys are named like flags, those of a command below its name: send.from")
}

// asWritten decodes YAML for viper with each value as the text that is written
// in the file, so that 1.10 stays 1.10, and a flag reads it as it reads its
// argument.
type asWritten struct{}

// Decoder returns the decoder for any format.
func (asWritten) Decoder(string) (viper.Decoder, error) { return asWritten{}, nil }

// Decode puts the sections of a file into a map.
func (asWritten) Decode(content []byte, into map[string]any) error {
	var anything any // finds what is repeated or contains itself
	if err := yaml.Unmarshal(content, &anything); err != nil {
		return oneLine(err)
	}
	var file written
	if err := yaml.Unmarshal(content, &file); err != nil {
		return oneLine(err)
	}
	switch content := file.content.(type) {
	case nil:
		return nil
	case map[string]any:
		maps.Copy(into, content)
		return nil
	default:
		return fmt.Errorf("%q is not a section", fmt.Sprint(content))
	}
}

// oneLine lists on one line what the YAML library puts on several.
func oneLine(err error) error {
	if several, ok := errors.AsType[*yaml.TypeError](err); ok {
		return errors.New(strings.Join(several.Errors, "; "))
	}
	return err
}

// written is a value of a file: nil, a string, a []any or a map[string]any.
type written struct{ content any }

// UnmarshalYAML takes a node as it is written. It is not called for null.
func (w *written) UnmarshalYAML(node *yaml.Node) error {
	switch node.Kind {
	case yaml.MappingNode:
		var section map[string]written
		if err := node.Decode(&section); err != nil {
			return err
		}
		content := make(map[string]any, len(section))
		for key, value := range section {
			content[key] = value.content
		}
		w.content = content
	case yaml.SequenceNode:
		var items []written
		if err := node.Decode(&items); err != nil {
			return err
		}
		content := make([]any, len(items))
		for i, item := range items {
			content[i] = item.content
		}
		w.content = content
	default:
		w.content = node.Value
	}
	return nil
}
