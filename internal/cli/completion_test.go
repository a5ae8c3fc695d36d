package cli

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the generated files anew")

// TestCompletionsAreFresh holds the files that packages install against what
// the program would print.
func TestCompletionsAreFresh(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		var stdout bytes.Buffer
		env := testEnvironment(map[string]string{"HOME": t.TempDir()})
		env.Stdout = &stdout
		if code := Run(t.Context(), env, []string{"completion", shell}); code != exitOK {
			t.Fatalf("%s: exit code %d", shell, code)
		}
		path := filepath.Join("..", "..", "completions", "mailctl."+shell)
		if *update {
			if err := os.WriteFile(path, stdout.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(have, stdout.Bytes()) {
			t.Errorf("%s is stale: run make docs", path)
		}
	}
}
