package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
)

// shellLines are what somebody typed, and what shells offer then.
var shellLines = [][2]string{
	{"mailctl se", "send"},
	{"mailctl campaign ", "cancel export list show"},
	{"mailctl send --dkim-", "--dkim-domain --dkim-key --dkim-selector"},
	{"mailctl send --format ", "json jsonl text"},
	{"mailctl send --format=j", "json jsonl"},
	{"mailctl check example.com -f s", "sarif"},
	{"mailctl campaign show ", "welcome-2026"},
	{"mailctl campaign cancel ", ""},
	{"mailctl send --campaign w", "welcome-2026"},
	{"mailctl campaign show --state nowhere ", ""},
	{"mailctl check --only spf,dm", "spf,dmarc"},
	{"mailctl send --via sink:gre", "sink:greylist"},
	{"mailctl template show news", "newsletter"},
	{"mailctl suppress import lists/ut", "utf16be.csv utf16le.csv utf8-bom.csv"},
}

// TestShells completes command lines in real shells with the files that packages
// install.
func TestShells(t *testing.T) {
	project, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	folder := shellFolder(t, project)
	send := inShell(t, folder, filepath.Join(folder, "bin", "mailctl"), "send", "--list", "lists/contacts.csv", "--message", "welcome.md",
		"--from", "Acme <news@acme.example>", "--via", "sink:", "--yes", "--campaign", "welcome-2026")
	if output, err := send.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	var typed strings.Builder
	for _, line := range shellLines {
		typed.WriteString(line[0] + "\n")
	}
	for _, shell := range [][]string{{"bash"}, {"zsh", "-f"}, {"fish", "--no-config"}} {
		name := shell[0]
		t.Run(name, func(t *testing.T) {
			program := testkit.Program(t, name)
			if name == "bash" {
				testkit.NeedFile(t, "/usr/share/bash-completion/bash_completion")
			}
			script := filepath.Join(project, "testdata", "shells", "offers."+name)
			cmd := inShell(t, folder, program, slices.Concat(shell[1:], []string{script, filepath.Join(project, "completions", "mailctl."+name)})...)
			cmd.Stdin = strings.NewReader(typed.String())
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			output, err := cmd.Output()
			got := offered(string(output))
			if err != nil || len(got) != len(shellLines) {
				t.Fatalf("%d answers, %v\n%s%s", len(got), err, output, stderr.String())
			}
			for i, line := range shellLines {
				want := line[1]
				if name == "bash" { // which offers only what is behind a colon
					want = want[strings.LastIndexByte(want, ':')+1:]
				}
				if got[i] != want {
					t.Errorf("%q offers %q, want %q", line[0], got[i], want)
				}
			}
		})
	}
}

// shellFolder returns a folder with a list and a message, where this test is
// bin/mailctl.
func shellFolder(t *testing.T, project string) string {
	t.Helper()
	folder := t.TempDir()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(project, "testdata")
	for name, target := range map[string]string{
		"bin/mailctl": program, "lists": filepath.Join(data, "lists"), "welcome.md": filepath.Join(data, "messages", "welcome.md"),
	} {
		if err := os.Symlink(target, filepath.Join(folder, name)); err != nil {
			t.Skip(err) // Windows wants a right for it
		}
	}
	return folder
}

// inShell prepares a program that finds mailctl on its path and its state in the
// folder.
func inShell(t *testing.T, folder, program string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), asMailctl+"=1", atOnce, "HOME="+folder, "XDG_STATE_HOME="+folder, "XDG_CONFIG_HOME="+folder,
		"PATH="+filepath.Join(folder, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	return cmd
}

// offered returns what was offered for each line, in alphabetical order. What
// only some shells show is left out: descriptions, folders of files, quotes, the
// flag in front of a value, and the second offer with a dot behind it that keeps
// fish from adding a space.
func offered(output string) []string {
	var lines []string
	var offers []string
	for line := range strings.Lines(output) {
		offer, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
		offer, _, _ = strings.Cut(offer, "  (")
		offer = strings.TrimSuffix(strings.ReplaceAll(offer, "\\", ""), ".")
		offer = strings.TrimPrefix(strings.TrimPrefix(offer, "lists/"), "--format=")
		if offer != "" {
			offers = append(offers, offer)
			continue
		}
		slices.Sort(offers)
		lines = append(lines, strings.Join(slices.Compact(offers), " "))
		offers = nil
	}
	return lines
}
