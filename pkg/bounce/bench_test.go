package bounce

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkParse reads all of testdata/bounces over and over.
func BenchmarkParse(b *testing.B) {
	files, _ := filepath.Glob(filepath.Join(bounces, "*.eml"))
	var messages [][]byte
	total := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		messages = append(messages, raw)
		total += len(raw)
	}
	b.SetBytes(int64(total / len(messages)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := Parse(bytes.NewReader(messages[i%len(messages)]), Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
