package bounce

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// flufl reads files so many times with Python's flufl.bounce, the bounce detector of
// Mailman. Some torn messages are too much for it, which counts as reading them.
const flufl = `
import sys, email
from flufl.bounce import all_failures
files = [open(f, 'rb').read() for f in sys.argv[2:]]
for i in range(int(sys.argv[1])):
    try:
        all_failures(email.message_from_bytes(files[i % len(files)]))
    except TypeError:
        pass
`

// BenchmarkBesideFlufl reads the bounces of testdata, in turn here and by flufl.bounce,
// which finds the addresses and gives no reasons.
func BenchmarkBesideFlufl(b *testing.B) {
	const python, n = "/usr/bin/python3", 20_000
	if err := exec.CommandContext(b.Context(), python, "-c", "import flufl.bounce").Run(); err != nil {
		b.Skip("there is no flufl.bounce")
	}
	files, _ := filepath.Glob(filepath.Join(bounces, "*.eml"))
	var ours, theirs time.Duration
	for b.Loop() {
		began := time.Now()
		readTimes(b, files, n)
		ours += time.Since(began)
		began = time.Now()
		args := append([]string{"-c", flufl, strconv.Itoa(n)}, files...)
		if out, err := exec.CommandContext(b.Context(), python, args...).CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		theirs += time.Since(began)
	}
	rate := func(d time.Duration) float64 { return float64(b.N*n) / d.Seconds() }
	b.ReportMetric(rate(ours), "mailctl-msgs/s")
	b.ReportMetric(rate(theirs), "flufl-msgs/s")
	b.ReportMetric(rate(ours)/rate(theirs), "ratio")
	b.ReportMetric(0, "ns/op")
}

func readTimes(b *testing.B, files []string, n int) {
	b.Helper()
	messages := make([][]byte, len(files))
	for i, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		messages[i] = raw
	}
	for i := range n {
		if _, err := Parse(bytes.NewReader(messages[i%len(messages)]), Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
