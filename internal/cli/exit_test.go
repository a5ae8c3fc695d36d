package cli

import (
	"bytes"
	"os"
	"testing"
)

// TestReaderGone shows that nothing is said when who reads the result has enough.
func TestReaderGone(t *testing.T) {
	for _, args := range [][]string{{"reply", "--codes"}, {"version"}, {"completion", "bash"}} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		env := testEnvironment(map[string]string{"HOME": t.TempDir()})
		var stderr bytes.Buffer
		env.Stdout, env.Stderr = w, &stderr
		if code := Run(t.Context(), env, args); code != exitPipe || stderr.Len() > 0 {
			t.Errorf("%q: exit code %d, %q", args, code, stderr.String())
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
}
