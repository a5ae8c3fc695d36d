package cli

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v3"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/check"
)

// checkEachFormat is the script command
//
//	for-each-format CODE [probe] ARGUMENT…
//
// which runs mailctl check or probe in every format and wants the same exit code,
// and SARIF as its schema has it.
func checkEachFormat(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: for-each-format CODE [probe] ARGUMENT…")
	}
	command, rest := "check", args[1:]
	if rest[0] == "probe" {
		command, rest = rest[0], rest[1:]
	}
	for _, format := range ui.CheckFormats() {
		code := 0
		if err := ts.Exec("mailctl", append([]string{command, "--format", format}, rest...)...); err != nil {
			exit, ok := errors.AsType[*exec.ExitError](err)
			if !ok {
				ts.Fatalf("%v", err)
			}
			code = exit.ExitCode()
		}
		if strconv.Itoa(code) != args[0] {
			ts.Fatalf("--format %s: exit code %d, want %s\n%s", format, code, args[0], ts.ReadFile("stdout"))
		}
	}
}

// TestRulesPage holds docs/rules.md against the rules; -update writes it.
func TestRulesPage(t *testing.T) {
	const path = "../../docs/rules.md"
	var page bytes.Buffer
	if err := ui.WriteRules(&page, "check", check.Rules()); err != nil {
		t.Fatal(err)
	}
	page.WriteString("\n")
	if err := ui.WriteRules(&page, "probe", ui.ProbeRules()); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, page.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(page.String(), string(got)); diff != "" {
		t.Errorf("docs/rules.md is out of date; go test ./internal/cli -run RulesPage -update writes it (-want +got):\n%s", diff)
	}
}

// TestActionFlags holds the GitHub Action against the flags there are, and its
// script against the inputs it declares.
func TestActionFlags(t *testing.T) {
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Inputs map[string]any
		Runs   struct{ Steps []struct{ Run string } }
	}
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	cmd := newCheck(testEnvironment(nil))
	addGlobalFlags(cmd.Flags())
	for _, step := range action.Runs.Steps {
		for line := range strings.SplitSeq(step.Run, "\n") {
			if !strings.Contains(line, "mailctl\" check") && !strings.Contains(line, "args") {
				continue
			}
			for _, m := range regexp.MustCompile(` ?\(?--([a-z-]+)`).FindAllStringSubmatch(line, -1) {
				if cmd.Flags().Lookup(m[1]) == nil {
					t.Errorf("action.yml uses --%s, which check does not have", m[1])
				}
			}
		}
	}
	for _, m := range regexp.MustCompile(`inputs\.([a-z-]+)`).FindAllStringSubmatch(string(text), -1) {
		if _, ok := action.Inputs[m[1]]; !ok {
			t.Errorf("action.yml uses the input %q, which it does not declare", m[1])
		}
	}
}

// TestPolicyOfTheManual reads the policy that docs/ci.md shows.
func TestPolicyOfTheManual(t *testing.T) {
	page, err := os.ReadFile("../../docs/ci.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	sample, _, _ := strings.Cut(rest, "```")
	policy, err := check.ParsePolicy(strings.NewReader(sample))
	if err != nil {
		t.Fatal(err)
	}
	if d := policy.For("acme.example"); d == nil || d.Lookups.Value != 8 || len(d.Ignore) != 1 || len(policy.Ignore) != 1 {
		t.Errorf("read %+v", policy)
	}
}
