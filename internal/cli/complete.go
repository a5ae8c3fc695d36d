package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A value says what shells complete a flag or an argument to.
type value struct {
	command  string // its path behind "mailctl", or that of one above; "" is every command
	flag     string // "" for the arguments
	with     string // only beside this flag
	complete cobra.CompletionFunc
}

// fits reports whether the value is that of a flag of a command; flag is "" for
// the arguments.
func (v value) fits(cmd *cobra.Command, flag string) bool {
	meant := v.command == "" || strings.HasPrefix(behindName(cmd)+" ", v.command+" ")
	return meant && v.flag == flag && (v.with == "" || cmd.Flags().Changed(v.with))
}

// behindName returns the path of a command without the program's name.
func behindName(cmd *cobra.Command) string {
	_, path, _ := strings.Cut(cmd.CommandPath(), " ")
	return path
}

// addCompletion lets shells complete the values of all flags and arguments.
func addCompletion(root *cobra.Command, env Environment) {
	table := values(env)
	register := func(cmd *cobra.Command, f *pflag.Flag) {
		// The error is that of a flag that is not there or has its values already.
		_ = cmd.RegisterFlagCompletionFunc(f.Name, func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			return completerOf(table, cmd, f)(cmd, args, word)
		})
	}
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) { register(root, f) })
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) { register(cmd, f) })
		if !cmd.HasSubCommands() && cmd.ValidArgsFunction == nil {
			cmd.ValidArgsFunction = argumentsOf(table, cmd)
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(root)
}

// plainUsages takes the marks of values' names out of what flags say they are
// for, which shells show as it is.
func plainUsages(cmd *cobra.Command) {
	plain := func(f *pflag.Flag) { f.Usage = strings.ReplaceAll(f.Usage, "`", "") }
	cmd.PersistentFlags().VisitAll(plain)
	cmd.Flags().VisitAll(plain)
	for _, sub := range cmd.Commands() {
		plainUsages(sub)
	}
}

// completerOf returns what completes a flag: the first line of the table that
// fits, else what the name of its value in the help means.
func completerOf(table []value, cmd *cobra.Command, f *pflag.Flag) cobra.CompletionFunc {
	if i := slices.IndexFunc(table, func(v value) bool { return v.fits(cmd, f.Name) }); i >= 0 {
		return table[i].complete
	}
	switch kind, _ := pflag.UnquoteUsage(f); kind {
	case "FILE", "PROGRAM":
		return files()
	case "DIR":
		return folders
	default:
		return cobra.NoFileCompletions
	}
}

// argumentsOf returns what completes the arguments of a command: its line in the
// table, else files where the usage asks for one.
func argumentsOf(table []value, cmd *cobra.Command) cobra.CompletionFunc {
	if i := slices.IndexFunc(table, func(v value) bool { return v.fits(cmd, "") }); i >= 0 {
		return table[i].complete
	}
	for _, word := range strings.Fields(cmd.Use)[1:] {
		if strings.HasPrefix(word, "FILE") {
			return files()
		}
	}
	return cobra.NoFileCompletions
}

// words completes to one of the words, in this order. A word can be followed by
// a tab and a description.
func words(all ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		return beginning(word, all), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// wordsOrFile completes to one of the words, which may stand behind "NAME=", or to
// a file.
func wordsOrFile(all ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		named := word[:strings.LastIndexByte(word, '=')+1]
		return beginning(word, prefixed(named, all)), cobra.ShellCompDirectiveDefault
	}
}

// commas completes the last item of a list with commas to one of the words that
// it has not yet.
func commas(all ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		done := word[:strings.LastIndexByte(word, ',')+1]
		named := strings.Split(done, ",")
		var left []string
		for _, w := range all {
			if bare, _, _ := strings.Cut(w, "\t"); !slices.Contains(named, bare) {
				left = append(left, done+w)
			}
		}
		return beginning(word, left), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveKeepOrder
	}
}

// behind completes to one of the words behind the last of the separator, which
// belongs to the word.
func behind(separator string, all ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		i := strings.LastIndex(word, separator)
		if i < 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		}
		return beginning(word, prefixed(word[:i+len(separator)], all)), cobra.ShellCompDirectiveNoFileComp
	}
}

// files completes to files with one of the extensions, or to any.
func files(extensions ...string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		if len(extensions) == 0 {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return extensions, cobra.ShellCompDirectiveFilterFileExt
	}
}

// folders completes to folders.
func folders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// once completes the first argument, and no other.
func once(complete cobra.CompletionFunc) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return complete(cmd, args, word)
	}
}

// beginning returns the words that begin with a prefix.
func beginning(prefix string, all []string) []string {
	var fitting []string
	for _, w := range all {
		if strings.HasPrefix(w, prefix) {
			fitting = append(fitting, w)
		}
	}
	return fitting
}

func prefixed(prefix string, all []string) []string {
	with := make([]string, len(all))
	for i, w := range all {
		with[i] = prefix + w
	}
	return with
}
