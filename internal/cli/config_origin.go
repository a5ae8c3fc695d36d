package cli

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const (
	// originKey annotates a flag that was not typed with where its value is from.
	originKey = "origin"
	// sendsKey annotates a command that also reads what send is told.
	sendsKey = "sends"
)

// remember notes where the value of a flag is from: a variable, or a key of the
// configuration file.
func (o option) remember(origin string) {
	if o.flag.Annotations == nil {
		o.flag.Annotations = map[string][]string{}
	}
	o.flag.Annotations[originKey] = []string{origin}
}

// originOf returns where the value of a flag that was not typed is from, "" when
// it has its default.
func originOf(f *pflag.Flag) string {
	if f == nil || f.Changed || len(f.Annotations[originKey]) == 0 {
		return ""
	}
	return f.Annotations[originKey][0]
}

// given reports whether a flag was typed or configured.
func given(cmd *cobra.Command, flag string) bool {
	f := cmd.Flags().Lookup(flag)
	return f != nil && (f.Changed || originOf(f) != "")
}

// flagInText finds the flags that an error is about.
var flagInText = regexp.MustCompile(`--[a-z][a-z0-9-]*`)

// originHints says of each flag that an error names where its value is from, for
// those that nobody typed.
func originHints(cmd *cobra.Command, err error) []string {
	sets := []*pflag.FlagSet{cmd.Flags()}
	if _, sends := cmd.Annotations[sendsKey]; sends {
		if send, _, failed := cmd.Root().Find([]string{"send"}); failed == nil {
			sets = append(sets, send.Flags())
		}
	}
	var hints []string
	for _, flag := range flagInText.FindAllString(err.Error(), -1) {
		for _, set := range sets {
			f := set.Lookup(flag[2:])
			if f != nil && f.Changed {
				break
			}
			hint := fmt.Sprintf("%s comes from %s", flag, originOf(f))
			if originOf(f) != "" && !slices.Contains(hints, hint) {
				hints = append(hints, hint)
				break
			}
		}
	}
	return hints
}

// onlyText is the format of a command whose result is a file of its own kind. Only
// a --format that is typed can be wrong: what is configured is for other commands.
func onlyText(cmd *cobra.Command, s *settings) error {
	if !cmd.Flags().Changed("format") {
		s.Format = "text"
	}
	return oneOf("format", s.Format, "text")
}
