package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// keyDelimiter separates the levels of a key. A dot would tear domain names
// apart.
const keyDelimiter = "::"

// An option is a flag and the key by which it is configured.
type option struct {
	key  string
	flag *pflag.Flag
}

// listOptions returns the options of all commands, and the sections that a file
// can have. Commands below the same section may have flags of the same name,
// which then share a key.
func listOptions(root *cobra.Command) (options []option, sections []string) {
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name != "config" {
			options = append(options, option{f.Name, f})
		}
	})
	var walk func(section string, cmd *cobra.Command)
	walk = func(section string, cmd *cobra.Command) {
		cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			switch {
			case f.Name == "help":
			case isDNSFlag(f.Name):
				options = append(options, option{f.Name, f})
			default:
				options = append(options, option{section + keyDelimiter + f.Name, f})
			}
		})
		for _, sub := range cmd.Commands() {
			walk(section, sub)
		}
	}
	for _, cmd := range root.Commands() {
		if cmd.Name() != "completion" && cmd.Name() != "help" {
			sections = append(sections, cmd.Name())
			walk(cmd.Name(), cmd)
		}
	}
	return options, sections
}

// dotted returns a key as people write it: send.from.
func dotted(key string) string { return strings.ReplaceAll(key, keyDelimiter, ".") }

// variable returns the name a key has in the environment.
func variable(key string) string {
	return variablePrefix + strings.ToUpper(strings.NewReplacer(keyDelimiter, "_", "-", "_").Replace(key))
}

// configure gives a flag that is not on the command line the value it has in
// the environment, else in the file. An empty variable counts as not set. A
// variable for a list has one item on each line.
func (o option) configure(file *viper.Viper, env Environment) error {
	if o.flag.Changed {
		return nil
	}
	name := variable(o.key)
	if text := env.get(name); text != "" {
		o.remember(name + " in the environment")
		if o.isList() {
			return o.set(splitLines(text), name)
		}
		return o.set([]string{text}, name)
	}
	path, content := file.ConfigFileUsed(), file.Get(o.key)
	if content != nil {
		o.remember(dotted(o.key) + " in " + path)
	}
	switch value := content.(type) {
	case nil: // there is none, or it is null
		return nil
	case string:
		return o.set([]string{value}, path)
	case []any:
		return o.setList(value, path)
	default:
		return delivery.Hint(fmt.Errorf("%s must not be a section, in %s", dotted(o.key), path), o.form())
	}
}

// setList takes a list of the file.
func (o option) setList(items []any, path string) error {
	if !o.isList() {
		return delivery.Hint(fmt.Errorf("%s must be one value, not the list %q, in %s", dotted(o.key), fmt.Sprint(items), path), o.form())
	}
	texts := make([]string, len(items))
	for i, item := range items {
		text, ok := item.(string)
		if fields, object := item.(map[string]any); object && o.takesObjects() {
			text, ok = joinFields(fields)
		}
		if !ok {
			return delivery.Hint(fmt.Errorf("item %d of %s must be a text in %s", i+1, dotted(o.key), path),
				fmt.Sprintf("put each into quotes, since a colon makes a section: %s: ['…: …']", o.flag.Name))
		}
		texts[i] = text
	}
	return o.set(texts, path)
}

// objects marks a flag whose items a file may hold as objects: {name: gmail,
// connections: 5} for name=gmail,connections=5.
const objects = "objects"

func (o option) takesObjects() bool { return o.flag.Annotations[objects] != nil }

// joinFields writes an object as the flag takes it, and reports whether all its
// values are texts.
func joinFields(fields map[string]any) (string, bool) {
	parts := make([]string, 0, len(fields))
	for _, name := range sortedKeys(fields) {
		value, ok := fields[name].(string)
		if !ok {
			return "", false
		}
		parts = append(parts, name+"="+value)
	}
	return strings.Join(parts, ","), true
}

// set gives the flag one text after the other, as the command line would. The
// texts replace what a list had.
func (o option) set(texts []string, source string) error {
	if list, ok := o.flag.Value.(pflag.SliceValue); ok {
		if err := list.Replace(nil); err != nil {
			return err
		}
	}
	for _, text := range texts {
		if err := o.flag.Value.Set(o.word(text)); err != nil {
			return o.refuse(text, source)
		}
	}
	return nil
}

// word returns what a flag knows for the words that YAML also has for true and
// false.
func (o option) word(text string) string {
	if o.flag.Value.Type() != "bool" {
		return text
	}
	switch strings.ToLower(text) {
	case "yes", "on":
		return "true"
	case "no", "off":
		return "false"
	default:
		return text
	}
}

// refuse says which value is wrong, where it is and what would be right.
func (o option) refuse(text, source string) error {
	return delivery.Hint(fmt.Errorf("invalid %s %q in %s", dotted(o.key), text, source), o.form())
}

// form says how a value is written.
func (o option) form() string {
	switch o.flag.Value.Type() {
	case "bool":
		return "write true or false"
	case "int":
		return "write a whole number such as 10"
	case "uint64":
		return "write a whole number such as 10, not below zero"
	case "intSlice":
		return "write whole numbers with commas between them, such as 25,587"
	case "duration":
		return "write a time with its unit, such as 90s, 30m or 24h"
	case "stringArray", "stringSlice":
		return fmt.Sprintf("write a list of texts: %s: ['…', '…'], or one on each line of %s", o.flag.Name, variable(o.key))
	default:
		return fmt.Sprintf("write one text, as for --%s", o.flag.Name)
	}
}

func (o option) isList() bool {
	_, list := o.flag.Value.(pflag.SliceValue)
	return list
}

// splitLines returns the lines that are not blank.
func splitLines(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// variablePrefix begins the name of every variable of the program.
const variablePrefix = "MAILCTL_"

// checkVariables refuses a variable of the program that nothing is configured
// by.
func checkVariables(env Environment, options []option) error {
	if env.Environ == nil {
		return nil
	}
	known := []string{"CONFIG", "PASSWORD"}
	for _, o := range options {
		known = append(known, strings.TrimPrefix(variable(o.key), variablePrefix))
	}
	foreign := []string{
		"TEST_RUN",                               // makes the test binary run as mailctl
		"ACTIVE_HELP", "COMPLETION_DESCRIPTIONS", // set by shells that complete, see cobra
	}
	for _, entry := range env.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		rest, ours := strings.CutPrefix(name, variablePrefix)
		if !ours || value == "" || slices.Contains(known, rest) || slices.Contains(foreign, rest) {
			continue
		}
		err := fmt.Errorf("unknown variable %q in the environment", name)
		if near := delivery.Nearest(rest, known); near != "" {
			return delivery.Hint(err, fmt.Sprintf("did you mean %q?", variablePrefix+near))
		}
		return delivery.Hint(err, "variables are named like flags, those of a command after its name: MAILCTL_SEND_FROM; unset this one")
	}
	return nil
}
