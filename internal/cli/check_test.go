package cli

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/check"
)

// checkEachFormat is the script command
//
//	for-each-format CODE ARGUMENT…
//
// which runs mailctl check in every format and wants the same exit code.
func checkEachFormat(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: for-each-format CODE ARGUMENT…")
	}
	for _, format := range ui.CheckFormats() {
		code := 0
		if err := ts.Exec("mailctl", append([]string{"check", "--format", format}, args[1:]...)...); err != nil {
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
	if err := ui.WriteRules(&page, check.Rules()); err != nil {
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
