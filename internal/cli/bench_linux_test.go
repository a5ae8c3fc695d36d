package cli

import (
	"fmt"
	"strconv"
	"syscall"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
)

// BenchmarkMillionRows shows the peak memory and the pace of lists of a hundred
// thousand and of a million rows.
func BenchmarkMillionRows(b *testing.B) {
	addr := testkit.SMTPSink(b)
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			folder := benchFolder(b, n)
			for i := 0; b.Loop(); i++ {
				cmd := mailctlCommand(b, folder, addr, fmt.Sprint("run", i))
				took := timed(b, cmd)
				usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
				if !ok {
					b.Fatal("no resource usage")
				}
				b.ReportMetric(float64(usage.Maxrss)/1000, "peak-MB")
				b.ReportMetric(float64(n)/took.Seconds(), "msgs/s")
				b.ReportMetric((cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()).Seconds()*1e6/float64(n), "cpu-µs/msg")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}
