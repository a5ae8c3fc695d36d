package cli

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// completed returns what a shell is offered behind some words, without
// descriptions.
func completed(t *testing.T, env Environment, args ...string) []string {
	t.Helper()
	var stdout bytes.Buffer
	env.Stdout = &stdout
	if code := Run(t.Context(), env, append([]string{cobra.ShellCompRequestCmd}, args...)); code != exitOK {
		t.Fatalf("%q: exit code %d", args, code)
	}
	var offers []string
	for line := range strings.Lines(stdout.String()) {
		offer, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !strings.HasPrefix(offer, ":") {
			offers = append(offers, offer)
		}
	}
	return offers
}

// TestCompletion holds what is offered for values.
func TestCompletion(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	if err := os.MkdirAll("out/box", 0o700); err != nil {
		t.Fatal(err)
	}
	env := testEnvironment(map[string]string{"HOME": folder})
	for _, c := range []struct{ line, want string }{
		{"send --format=", "text json jsonl"},
		{"send -f j", "json jsonl"},
		{"check --rules --format ", "text json markdown"},
		{"send --via ", "smtp:// smtps:// mx: sink: maildir:"},
		{"send --via s", "smtp:// smtps:// sink:"},
		{"send --via sink:p", "sink:perfect"},
		{"send --via maildir:", "maildir:out"},
		{"send --via maildir:out/", "maildir:out/box"},
		{"send --via smtp://", ""},
		{"init --via m", "mx: maildir:"},
		{"check --only d", "dkim dmarc dnssec dane dnsbl"},
		{"check --only dkim,dm", "dkim,dmarc"},
		{"check --only spf,dkim,d", "spf,dkim,dmarc spf,dkim,dnssec spf,dkim,dane spf,dkim,dnsbl"},
		{"check --profile gmail,a", "gmail,all gmail,apple"},
		{"check --with ", "dnsbl"},
		{"check --fail-on ", "error warning notice"},
		{"send --dsn failure,d", "failure,delay"},
		{"dkim keygen --type ", "rsa2048 rsa4096 ed25519"},
		{"dkim keygen --key ", ""},
		{"dmarc --spf acme.example=soft", "acme.example=softfail"},
		{"dmarc --dkim acme", ""},
		{"campaign export x --outcome d", "delivered deferred"},
		{"sink --personality p", "perfect"},
		{"warmup simulate plan.json --personality gmail=p", "gmail=perfect"},
		{"campaign show ", ""},
		{"send --message ", "md markdown html htm txt"},
		{"verify ", "eml"},
		{"verify one.eml ", ""},
		{"send --subject ", ""},
		{"template new re", "receipt re-engagement"},
	} {
		got := strings.Join(completed(t, env, strings.Split(c.line, " ")...), " ")
		if got != c.want {
			t.Errorf("%q offers %q, want %q", c.line, got, c.want)
		}
	}
	if entries, _ := os.ReadDir(folder); len(entries) != 1 {
		t.Errorf("completion left files behind: %v", entries)
	}
}

// TestCompletionOfFormats asks every command which formats it knows, and holds
// that against what is offered.
func TestCompletionOfFormats(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	env := testEnvironment(map[string]string{"HOME": folder})
	root := newRoot(env)
	compare := func(cmd *cobra.Command, with ...string) {
		path := strings.Fields(behindName(cmd))
		offers := completed(t, env, slices.Concat(path, with, []string{"--format", ""})...)
		hint := refusedFormat(t, env, slices.Concat(examplesOf(t, cmd)[0], with, []string{"--format", "nonsense"}))
		if want := strings.Join(offers, ", "); hint != "it is one of: "+want {
			t.Errorf("%s %q: it offers the formats %s, but says %q", cmd.CommandPath(), with, want, hint)
		}
	}
	eachCommand(root, func(cmd *cobra.Command) {
		if cmd.HasSubCommands() {
			return
		}
		compare(cmd)
		for _, v := range values(env) {
			if v.flag != "format" || v.with == "" || v.command != behindName(cmd) {
				continue
			}
			switch f := cmd.Flags().Lookup(v.with); {
			case f == nil:
				t.Errorf("%s has no flag --%s", cmd.CommandPath(), v.with)
			case f.NoOptDefVal != "":
				compare(cmd, "--"+v.with)
			default:
				compare(cmd, "--"+v.with, "x")
			}
		}
	})
}

// refusedFormat returns the hint about a format that no command has.
func refusedFormat(t *testing.T, env Environment, args []string) string {
	t.Helper()
	root := newRoot(env)
	root.SetArgs(args)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	err := root.ExecuteContext(t.Context())
	hints := delivery.Hints(err)
	if err == nil || !strings.Contains(err.Error(), `--format "nonsense"`) || len(hints) != 1 {
		t.Fatalf("%q: %v, hints %q", args, err, hints)
	}
	return hints[0]
}

// TestCompletionTable finds lines of the table that no command has.
func TestCompletionTable(t *testing.T) {
	env := testEnvironment(nil)
	root := newRoot(env)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, v := range values(env) {
		has := func(cmd *cobra.Command) bool {
			return (v.flag == "" || cmd.Flag(v.flag) != nil) && (v.with == "" || cmd.Flag(v.with) != nil)
		}
		above, rest, err := root.Find(strings.Fields(v.command))
		used := err == nil && len(rest) == 0 && has(above)
		eachCommand(above, func(cmd *cobra.Command) { used = used || has(cmd) })
		if !used {
			t.Errorf("no command is meant by the line for %q --%s %q", v.command, v.flag, v.with)
		}
	}
}
