package cli

import (
	"strings"
	"testing"
)

// TestSuppressedUnderWay puts recipients of a campaign on the suppression list while
// another process sends to them, who were claimed long ago.
func TestSuppressedUnderWay(t *testing.T) {
	const n = 60
	r, folder := newReceiver(t), writeList(t, n)
	p := start(t, folder, append(sendArgs(r, "--rate", "40/s"), "--format", "jsonl")...)
	r.waitFor(t, 5)
	add := start(t, folder, "suppress", "add", "U50@x1.example", "@x3.example")
	if code := add.end(); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, add.stderr.String())
	}
	r.mu.Lock()
	before := len(r.accepted) // of x3.example, u3 only
	r.mu.Unlock()
	if before > 35 {
		t.Skip("the machine is too slow to tell")
	}
	if code := p.end(); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, p.stderr.String())
	}
	for _, to := range []string{"u50@x1.example", "u45@x3.example", "u52@x3.example", "u59@x3.example"} {
		if r.accepted[to] != 0 {
			t.Errorf("%s was written to", to)
		}
	}
	suppressed := exported(t, folder, "suppressed")
	if len(suppressed)+len(r.accepted) != n {
		t.Errorf("%d were written to and %d suppressed, of %d", len(r.accepted), len(suppressed), n)
	}
	if lines := strings.Count(p.stdout.String(), `"outcome":"suppressed"`); lines != len(suppressed) {
		t.Errorf("%d lines for %d who were suppressed", lines, len(suppressed))
	}
}
