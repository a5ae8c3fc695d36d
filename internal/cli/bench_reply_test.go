package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkReplyLines has the command judge a million lines on one core, its start
// included: the replies of testdata over and over.
func BenchmarkReplyLines(b *testing.B) {
	const n = 1_000_000
	input := knownReplies(b, n)
	for b.Loop() {
		cmd := exec.CommandContext(b.Context(), os.Args[0], "reply", "--format", "jsonl")
		cmd.Env = append(os.Environ(), asMailctl+"=1", "GOMAXPROCS=1")
		cmd.Stdin = bytes.NewReader(input)
		if err := cmd.Run(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "lines/s")
	b.ReportMetric(0, "ns/op")
}

// knownReplies returns n lines with the replies of testdata.
func knownReplies(b *testing.B, n int) []byte {
	b.Helper()
	files, _ := filepath.Glob("../../testdata/replies/*.jsonl")
	var replies []string
	for _, path := range files {
		f, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			var known struct{ Reply string }
			if err := json.Unmarshal(lines.Bytes(), &known); err != nil {
				b.Fatal(err)
			}
			if known.Reply != "" && !strings.Contains(known.Reply, "\n") {
				replies = append(replies, known.Reply+"\n")
			}
		}
		_ = f.Close()
	}
	var input bytes.Buffer
	for i := range n {
		input.WriteString(replies[i%len(replies)])
	}
	return input.Bytes()
}
