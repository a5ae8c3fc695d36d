package cli

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
)

// A stopper ends a run when enough was printed.
type stopper struct {
	mu   sync.Mutex
	text bytes.Buffer
	word string
	stop context.CancelFunc
}

func (s *stopper) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.text.Write(b)
	if strings.Contains(s.text.String(), s.word) {
		s.stop()
	}
	return n, err
}

// TestProbeWatch probes a server that changes its mind: what stays the same is
// printed once, what changes is printed again, and Ctrl-C ends it.
func TestProbeWatch(t *testing.T) {
	refuses, busy := "> 554 no\n! eof", "> 421 later\n! eof"
	server := testkit.SMTP(t, nil, refuses, refuses, refuses, busy)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &stopper{word: "smtp-greeting-busy", stop: cancel}
	var stderr bytes.Buffer
	env := testEnvironment(map[string]string{"HOME": t.TempDir()})
	env.Stdout, env.Stderr = out, &stderr
	code := Run(ctx, env, []string{"probe", server.Addr, "--watch", "--interval", "1ms"})
	text := out.text.String()
	if code != exitInterrupted || strings.Count(text, "smtp-greeting-refused") != 1 || strings.Count(text, "changed") != 1 || !strings.Contains(stderr.String(), "stopped after 4 rounds") {
		t.Errorf("exit code %d\n%s%s", code, text, stderr.String())
	}
}
