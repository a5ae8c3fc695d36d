package cli

import (
	"bytes"
	"flag"
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
		isFresh(t, path, stdout.Bytes())
	}
}
