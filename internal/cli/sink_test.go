package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// A writeFunc is called for each write.
type writeFunc func(text string)

func (f writeFunc) Write(p []byte) (int, error) {
	f(string(p))
	return len(p), nil
}

// TestSinkTotals holds what the sink writes for programs when it is interrupted.
func TestSinkTotals(t *testing.T) {
	for _, format := range []string{"json", "jsonl"} {
		t.Run(format, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			var stdout bytes.Buffer
			env := testEnvironment(map[string]string{"HOME": t.TempDir()})
			env.Stdout = &stdout
			env.Stderr = writeFunc(func(text string) {
				if strings.HasPrefix(text, "listening on ") {
					interrupt()
				}
			})
			if code := Run(ctx, env, []string{"sink", "--listen", "127.0.0.1:0", "--format", format}); code != exitOK {
				t.Errorf("exit code %d", code)
			}
			const want = `{"schema":"mailctl.sink/1","connections":0,"accepted":0,"recipients":0,"bytes":0,"duplicates":0,` +
				`"flawed":0,"deferred":0,"rejected":0,"replies":{},"dropped":0,"aborted":0}` + "\n"
			if stdout.String() != want {
				t.Errorf("got %s", &stdout)
			}
		})
	}
}
