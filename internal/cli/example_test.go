package cli

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestEveryCommandIsExplained holds the help of every command against what all
// of them promise.
func TestEveryCommandIsExplained(t *testing.T) {
	env := testEnvironment(map[string]string{"HOME": t.TempDir()})
	eachCommand(newRoot(env), func(cmd *cobra.Command) {
		name := cmd.CommandPath()
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s: the short description is %q", name, cmd.Short)
		}
		if n := len(examplesOf(t, cmd)); n < 2 {
			t.Errorf("%s has %d examples", name, n)
		}
		for _, args := range examplesOf(t, cmd) {
			checkExample(t, cmd, args)
		}
		var stdout bytes.Buffer
		said := env
		said.Stdout = &stdout
		if code := Run(t.Context(), said, append(strings.Fields(behindName(cmd)), "--help")); code != exitOK {
			t.Errorf("%s --help: exit code %d", name, code)
		}
		help := stdout.String()
		if !cmd.HasSubCommands() && !strings.Contains(help, "\nExit codes: 0 ") {
			t.Errorf("%s does not say its exit codes", name)
		}
		if n := strings.Count(help, "\n"); n > helpHeight {
			t.Errorf("%s --help has %d lines, more than %d", name, n, helpHeight)
		}
		for line := range strings.Lines(help) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > helpWidth {
				t.Errorf("%s --help has a line of %d columns: %s", name, n, line)
			}
		}
	})
}

// checkExample holds an example against the flags and arguments of its command,
// which is the one it explains or below it.
func checkExample(t *testing.T, explained *cobra.Command, args []string) {
	t.Helper()
	cmd, rest, err := newRoot(testEnvironment(nil)).Find(args)
	if err == nil && !strings.HasPrefix(cmd.CommandPath()+" ", explained.CommandPath()+" ") {
		t.Errorf("%s: the example %q is of %s", explained.CommandPath(), args, cmd.CommandPath())
	}
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err == nil {
		err = cmd.ValidateArgs(cmd.Flags().Args())
	}
	if err != nil {
		t.Errorf("%s: the example %q: %v", explained.CommandPath(), args, err)
	}
}

// examplesOf returns the arguments of each example of a command.
func examplesOf(t *testing.T, cmd *cobra.Command) [][]string {
	t.Helper()
	var examples [][]string
	for line := range strings.Lines(strings.ReplaceAll(cmd.Example, "\\\n", " ")) {
		words := exampleWords(line)
		begin := slices.Index(words, "mailctl")
		if begin < 0 {
			t.Fatalf("%s: the example %q does not call mailctl", cmd.CommandPath(), line)
		}
		words = words[begin:]
		if i := indexOfRedirection(words); i >= 0 {
			words = words[:i]
		}
		examples = append(examples, words[1:])
	}
	return examples
}

// exampleWord is a word of a shell whose only quotes are single ones.
var exampleWord = regexp.MustCompile(`(?:'[^']*'|[^\s'])+`)

// exampleWords tears a line into words as a shell does.
func exampleWords(line string) []string {
	words := exampleWord.FindAllString(line, -1)
	for i, w := range words {
		words[i] = strings.ReplaceAll(w, "'", "")
	}
	return words
}

func indexOfRedirection(words []string) int {
	return slices.IndexFunc(words, func(w string) bool { return w == "<" || w == ">" || w == "|" })
}
