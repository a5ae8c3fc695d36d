package cli

import (
	"bytes"
	"context"
	"encoding/json"
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
		Run(ctx, env, []string{"sink", "--listen", "127.0.0.1:0", "--format", format})
		const want = `{"schema":"mailctl.sink/1","connections":0,"accepted":0,"recipients":0,"bytes":0,"duplicates":0,` +
			`"flawed":0,"deferred":0,"rejected":0,"replies":{},"dropped":0,"aborted":0}` + "\n"
		if stdout.String() != want || !json.Valid(stdout.Bytes()) {
			t.Errorf("%s: %s", format, &stdout)
		}
	}
}
