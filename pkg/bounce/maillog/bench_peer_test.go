package maillog

import (
	"os/exec"
	"runtime"
	"testing"
	"time"
)

// BenchmarkBesidePflogsumm sums up a log of 100 MB, in turn here, on one core, and by
// pflogsumm, which groups the words of replies and judges none.
func BenchmarkBesidePflogsumm(b *testing.B) {
	peer, err := exec.LookPath("pflogsumm")
	if err != nil {
		b.Skip("there is no pflogsumm")
	}
	const size = 100 << 20
	path := makeLog(b, size)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var ours, theirs time.Duration
	for b.Loop() {
		began := time.Now()
		sumUp(b, path)
		ours += time.Since(began)
		began = time.Now()
		if err := exec.CommandContext(b.Context(), peer, path).Run(); err != nil {
			b.Fatal(err)
		}
		theirs += time.Since(began)
	}
	rate := func(d time.Duration) float64 { return float64(b.N) * size / 1e6 / d.Seconds() }
	b.ReportMetric(rate(ours), "mailctl-MB/s")
	b.ReportMetric(rate(theirs), "pflogsumm-MB/s")
	b.ReportMetric(rate(ours)/rate(theirs), "ratio")
	b.ReportMetric(0, "ns/op")
}
