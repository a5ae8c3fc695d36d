package cli

import (
	"os"
	"strings"
	"testing"
	"time"
)

// TestSendFindsTheRate shows a receiver that answers 421 to everything above 5/s
// beside one that takes all: the one gets what it takes, the other waits for
// nobody.
func TestSendFindsTheRate(t *testing.T) {
	t.Parallel()
	seconds := 8
	if os.Getenv("LONG_TESTS") != "" {
		seconds = 75
	}
	w := newMXWorld(t)
	slow := &strict{w: w, name: "slow", judge: func(now time.Time, accepted []time.Time) string {
		if since(accepted, now.Add(-time.Second)) >= 5 {
			return "421 4.7.0 too many messages, slow down"
		}
		return ""
	}}
	slow.start("1")
	w.receiver("fast", "2", "", nil)
	w.names(map[string]string{"lab.": "slow MX 10 mx.slow\nmx.slow A BASE1\nfast MX 10 mx.fast\nmx.fast A BASE2\n"})
	n := 5 * seconds
	w.list(n, "slow.lab", "fast.lab")
	start := time.Now()
	code, stdout, stderr := w.send("--skip-preflight", "--format", "jsonl")
	took := time.Since(start)
	if code != exitOK {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	t.Logf("%s", stderr)
	for email, copies := range w.accepted {
		if copies != 1 {
			t.Errorf("%s got %d copies", email, copies)
		}
	}
	if len(w.accepted) != 2*n {
		t.Errorf("%d recipients got a message, want %d", len(w.accepted), 2*n)
	}
	if fast := w.times["fast"][n-1].Sub(start); fast > 5*time.Second {
		t.Errorf("the other receiver waited %v", fast)
	}
	half := w.times["slow"][n/2]
	rate := float64(n-n/2) / w.times["slow"][n-1].Sub(half).Seconds()
	t.Logf("%d messages in %v, %.2f/s in the second half, %d refusals", n, took, rate, w.refusals["slow"])
	least := 3.5 // it has hardly begun
	if n > 300 {
		least = 4
	}
	if rate < least || rate > 6 {
		t.Errorf("%.2f/s in the second half, want 5 within a fifth", rate)
	}
	if !strings.Contains(stdout, `"schema":"mailctl.event/1"`) || !strings.Contains(stdout, `"event":"slower","destination":"mx.slow.lab"`) {
		t.Errorf("no event says that it was slowed down\n%s", stdout)
	}
}
