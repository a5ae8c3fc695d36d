package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// withExamples gives a command its examples, one on each line.
func withExamples(cmd *cobra.Command, examples ...string) *cobra.Command {
	cmd.Example = "  " + strings.Join(examples, "\n  ")
	return cmd
}

// A flagGroup is a set of flags under a heading of its own in the help.
type flagGroup struct {
	title string
	add   func(*pflag.FlagSet)
}

// addFlagGroups adds flags to a command, and shows them in groups.
func addFlagGroups(cmd *cobra.Command, groups []flagGroup) {
	sets := make([]*pflag.FlagSet, len(groups))
	for i, g := range groups {
		sets[i] = pflag.NewFlagSet(g.title, pflag.ContinueOnError)
		sets[i].SortFlags = false
		g.add(sets[i])
		cmd.Flags().AddFlagSet(sets[i])
	}
	cmd.SetUsageFunc(func(cmd *cobra.Command) error {
		return writeUsage(cmd, func(w io.Writer, width int) {
			for i, g := range groups {
				writeFlags(w, g.title, sets[i], width)
			}
		})
	})
}

// usage is the help of a command without groups.
func usage(cmd *cobra.Command) error {
	return writeUsage(cmd, func(w io.Writer, width int) {
		own := cmd.LocalNonPersistentFlags()
		own.SortFlags = false
		writeFlags(w, "Flags", own, width)
	})
}

// writeUsage writes everything below a command's description: how to call it,
// examples, what is below it, flags and exit codes.
func writeUsage(cmd *cobra.Command, flags func(io.Writer, int)) error {
	w, width := cmd.OutOrStdout(), helpWidth
	fmt.Fprintf(w, "Usage:\n  %s\n", strings.TrimSuffix(cmd.UseLine(), " [flags]"))
	if cmd.HasExample() {
		fmt.Fprintf(w, "\nExamples:\n%s\n", cmd.Example)
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintln(w, "\nCommands:")
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				fmt.Fprintf(w, "  %-12s%s\n", sub.Name(), sub.Short)
			}
		}
	}
	flags(w, width)
	writeFlags(w, "Flags of every command", cmd.Root().PersistentFlags(), width)
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(w, "\n'%s COMMAND --help' says more about a command.\n", cmd.CommandPath())
		return nil
	}
	_, err := fmt.Fprintln(w, "\nExit codes: 0 all well, 1 something is wrong, 2 wrong usage, 3 could not finish,\n130 interrupted.")
	return err
}

// helpWidth is the width of the help in columns.
const helpWidth = 80

func writeFlags(w io.Writer, title string, set *pflag.FlagSet, width int) {
	if text := set.FlagUsagesWrapped(width); text != "" {
		fmt.Fprintf(w, "\n%s:\n%s", title, text)
	}
}
