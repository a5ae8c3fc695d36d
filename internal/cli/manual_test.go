package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manualDate stands on the manual pages; it changes when they do.
const manualDate = "2026-11-22"

// TestManualIsFresh holds the manual pages and the reference, which packages and
// readers get, against what the commands say of themselves.
func TestManualIsFresh(t *testing.T) {
	docs := filepath.Join("..", "..", "docs")
	pages := map[string][]byte{}
	var reference bytes.Buffer
	reference.WriteString("# Every command\n\nWhat `mailctl help` says of each command. Generated; `make docs` writes it anew.\n")
	env := testEnvironment(map[string]string{"HOME": t.TempDir()})
	eachCommand(newRoot(env), func(cmd *cobra.Command) {
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
		pages[filepath.Join(docs, "man", name+".1")] = manualPage(cmd)
		fmt.Fprintf(&reference, "\n## %s\n\n```text\n%s```\n", cmd.CommandPath(), helpText(t, cmd))
	})
	pages[filepath.Join(docs, "reference.md")] = reference.Bytes()
	stale, err := filepath.Glob(filepath.Join(docs, "man", "*.1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range stale {
		if pages[path] == nil {
			t.Errorf("%s is of no command: remove it", path)
		}
	}
	for path, page := range pages {
		isFresh(t, path, page)
	}
}

// isFresh holds a generated file against what it should be, and writes it with
// -update.
func isFresh(t *testing.T, path string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Errorf("%s is stale: run make docs", path)
	}
}

// eachCommand calls do with every command a user can see.
func eachCommand(cmd *cobra.Command, do func(*cobra.Command)) {
	do(cmd)
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			eachCommand(sub, do)
		}
	}
}

// manualPage returns a command's page for man(1), in the language of man(7).
func manualPage(cmd *cobra.Command) []byte {
	var page bytes.Buffer
	section := func(title string) { fmt.Fprintf(&page, ".SH %s\n", title) }
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
	fmt.Fprintf(&page, ".TH %s 1 %q mailctl \"mailctl manual\"\n", strings.ToUpper(roff(name)), manualDate)
	section("NAME")
	fmt.Fprintf(&page, "%s \\- %s\n", roff(name), roff(cmd.Short))
	section("SYNOPSIS")
	fmt.Fprintf(&page, ".B %s\n%s\n", roff(cmd.CommandPath()), roff(strings.TrimSpace(strings.TrimPrefix(strings.TrimSuffix(cmd.UseLine(), " [flags]"), cmd.CommandPath()))))
	section("DESCRIPTION")
	text := cmd.Long
	if text == "" {
		text = cmd.Short + "."
	}
	fmt.Fprintf(&page, "%s\n", strings.ReplaceAll(roff(text), "\n\n", "\n.PP\n"))
	if cmd.HasExample() {
		section("EXAMPLES")
		fmt.Fprintf(&page, ".nf\n%s\n.fi\n", roff(cmd.Example))
	}
	if cmd.HasAvailableSubCommands() {
		section("COMMANDS")
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				fmt.Fprintf(&page, ".TP\n.BR %s (1)\n%s\n", roff(name+"-"+sub.Name()), roff(sub.Short))
			}
		}
	}
	cmd.Flags().SortFlags = false
	manualFlags(&page, "OPTIONS", cmd.LocalNonPersistentFlags())
	manualFlags(&page, "OPTIONS OF EVERY COMMAND", cmd.Root().PersistentFlags())
	if cmd.HasParent() && !cmd.HasAvailableSubCommands() {
		section("EXIT STATUS")
		for _, code := range []string{"0 all well", "1 something is wrong", "2 wrong usage", "3 could not finish", "130 interrupted"} {
			number, meaning, _ := strings.Cut(code, " ")
			fmt.Fprintf(&page, ".TP\n.B %s\n%s\n", number, meaning)
		}
	}
	return page.Bytes()
}

// manualFlags writes what flags do, in the order of the help.
func manualFlags(page *bytes.Buffer, title string, flags *pflag.FlagSet) {
	flags.SortFlags = false
	if flags.HasAvailableFlags() {
		fmt.Fprintf(page, ".SH %s\n", title)
	}
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		names := "--" + f.Name
		if f.Shorthand != "" {
			names = "-" + f.Shorthand + ", " + names
		}
		fmt.Fprintf(page, ".TP\n\\fB%s\\fR", roff(names))
		if value != "" {
			fmt.Fprintf(page, " \\fI%s\\fR", roff(value))
		}
		fmt.Fprintf(page, "\n%s\n", roff(usage))
	})
}

// roff writes text so that man(7) reads it as text.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}

// helpText returns all that a command says of itself.
func helpText(t *testing.T, cmd *cobra.Command) []byte {
	t.Helper()
	var help bytes.Buffer
	cmd.SetOut(&help)
	cmd.Annotations = map[string]string{wholeKey: ""}
	if err := cmd.Help(); err != nil {
		t.Fatal(err)
	}
	return help.Bytes()
}
