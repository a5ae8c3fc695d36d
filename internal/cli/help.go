package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const (
	// helpWidth is the width of the help in columns.
	helpWidth = 80
	// helpHeight is how many lines a help has at most, unless all is asked for:
	// what a window of 50 lines shows besides the command and the next prompt.
	helpHeight = 48

	groupKey = "group" // annotation of a flag: the heading above it
	wholeKey = "whole" // annotation of a command: its help is shown in full
)

// A helpWriter writes the help, and keeps the first error of writing, which cobra
// does not hand on.
type helpWriter struct {
	io.Writer
	err error
}

func (w *helpWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if w.err == nil {
		w.err = resultError(err)
	}
	return n, err
}

// A flagGroup is a set of flags under a heading of its own in the help.
type flagGroup struct {
	title string
	add   func(*pflag.FlagSet)
}

// addFlagGroups adds flags to a command, and shows them in groups.
func addFlagGroups(cmd *cobra.Command, groups []flagGroup) {
	for _, g := range groups {
		set := pflag.NewFlagSet(g.title, pflag.ContinueOnError)
		set.SortFlags = false
		g.add(set)
		set.VisitAll(func(f *pflag.Flag) {
			if f.Annotations == nil {
				f.Annotations = map[string][]string{}
			}
			f.Annotations[groupKey] = []string{g.title}
		})
		cmd.Flags().AddFlagSet(set)
	}
}

// withExamples gives a command its examples, one on each line.
func withExamples(cmd *cobra.Command, examples ...string) *cobra.Command {
	cmd.Example = "  " + strings.Join(examples, "\n  ")
	return cmd
}

// helper returns what shows the help of a command: what it is for, how to call
// it, examples, what is below it, flags, formats and exit codes. What would not
// fit on a screen names some flags without saying what they do.
func helper(env Environment) func(*cobra.Command, []string) {
	table := values(env)
	return func(cmd *cobra.Command, _ []string) {
		top := helpTop(cmd)
		bottom := helpBottom(cmd, table)
		blocks := flagBlocks(cmd)
		if _, whole := cmd.Annotations[wholeKey]; !whole && cmd.HasParent() {
			shorten(blocks, helpHeight-strings.Count(top+bottom, "\n"))
		}
		// An error of writing is kept by the writer.
		_, _ = fmt.Fprint(cmd.OutOrStdout(), top, flagsText(behindName(cmd), blocks), bottom)
	}
}

// helpTop returns all that stands above the flags.
func helpTop(cmd *cobra.Command) string {
	var b strings.Builder
	text := cmd.Long
	if text == "" {
		text = cmd.Short + "."
	}
	fmt.Fprintf(&b, "%s\n\nUsage:\n", strings.Join(paragraphs(text), "\n"))
	line := strings.TrimSuffix(cmd.UseLine(), " [flags]")
	if cmd.HasAvailableSubCommands() {
		line += " COMMAND"
	}
	b.WriteString(hanging("  ", line, 4))
	if cmd.HasExample() {
		b.WriteString("\nExamples:\n")
		for line := range strings.Lines(cmd.Example) {
			b.WriteString(foldCommand(strings.TrimSuffix(line, "\n")))
		}
	}
	if cmd.HasAvailableSubCommands() {
		for _, group := range commandGroups(cmd) {
			fmt.Fprintf(&b, "\n%s:\n", group.Title)
			for _, sub := range cmd.Commands() {
				if sub.IsAvailableCommand() && sub.GroupID == group.ID {
					b.WriteString(hanging(fmt.Sprintf("  %-12s", sub.Name()), sub.Short, 14))
				}
			}
		}
	}
	return b.String()
}

// commandGroups returns the headings of a command's commands.
func commandGroups(cmd *cobra.Command) []*cobra.Group {
	if groups := cmd.Groups(); len(groups) > 0 {
		return groups
	}
	return []*cobra.Group{{Title: "Commands"}}
}

// helpBottom returns all that stands below the flags of the command.
func helpBottom(cmd *cobra.Command, table []value) string {
	if cmd.HasAvailableSubCommands() {
		return fmt.Sprintf("\n'%s COMMAND --help' says more about a command.\n", cmd.CommandPath())
	}
	var b strings.Builder
	b.WriteByte('\n')
	formats, _ := completerOf(table, cmd, "format", "")(cmd, nil, "")
	if len(formats) > 0 && !strings.Contains(cmd.Long, "Formats:") {
		b.WriteString(hanging("", "Formats: "+strings.Join(formats, ", ")+".", 0))
	}
	b.WriteString("Exit codes: 0 all well, 1 something is wrong, 2 wrong usage, 3 could not finish,\n130 interrupted.\n")
	return b.String()
}

// paragraphs wraps a text whose paragraphs are parted by empty lines.
func paragraphs(text string) []string {
	var lines []string
	for i, p := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			lines = append(lines, "")
		}
		if strings.HasPrefix(p, " ") { // set by hand
			lines = append(lines, p)
			continue
		}
		lines = append(lines, wrap(p, helpWidth)...)
	}
	return lines
}

// hanging writes a text behind a label, and what does not fit below it with an
// indent.
func hanging(label, text string, indent int) string {
	lines := wrap(text, helpWidth-max(indent, len(label)))
	return label + strings.Join(lines, "\n"+strings.Repeat(" ", indent)) + "\n"
}

// foldCommand continues a command that is too long on a line below, as a shell
// takes it.
func foldCommand(line string) string {
	if len([]rune(line)) <= helpWidth {
		return line + "\n"
	}
	fits := strings.LastIndex(string([]rune(line)[:helpWidth-1]), " --")
	if fits < 0 {
		return line + "\n"
	}
	return line[:fits] + " \\\n    " + line[fits+1:] + "\n"
}

// wrap breaks a text at its spaces into lines of at most that many columns, but
// never a word.
func wrap(text string, width int) []string {
	lines := []string{""}
	for word := range strings.FieldsSeq(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case len([]rune(*last))+1+len([]rune(word)) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}

// neededFlags returns the flags that a command's usage names outside brackets.
func neededFlags(cmd *cobra.Command) []string {
	var needed []string
	for word := range strings.FieldsSeq(cmd.Use) {
		if name, ok := strings.CutPrefix(word, "--"); ok {
			needed = append(needed, name)
		}
	}
	return slices.Compact(needed)
}
