package cli

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/probe"
)

// A farServer is one that takes its time for each reply.
type farServer struct {
	name  string
	delay time.Duration
	tls   *tls.Config
	// implicit starts with TLS.
	implicit bool
}

// serve speaks to one client until it leaves.
func (s farServer) serve(ctx context.Context, conn net.Conn) {
	defer func() { _ = conn.Close() }()
	if s.implicit {
		conn = tls.Server(conn, s.tls)
	}
	reader := bufio.NewReader(conn)
	reply := func(text string) {
		timer := time.NewTimer(s.delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		_, _ = fmt.Fprintf(conn, "%s\r\n", text)
	}
	reply("220 " + s.name + " ESMTP")
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(line[:min(len(line), 4)]); verb {
		case "EHLO":
			reply("250-" + s.name + "\r\n250-PIPELINING\r\n250 STARTTLS")
		case "STAR":
			reply("220 go")
			conn = tls.Server(conn, s.tls)
			reader.Reset(conn)
		case "QUIT":
			reply("221 bye")
			return
		}
	}
}

// listen starts the server at addresses.
func (s farServer) listen(t *testing.T, addrs ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	var listeners []net.Listener
	t.Cleanup(func() {
		cancel()
		for _, l := range listeners {
			_ = l.Close()
		}
		running.Wait()
	})
	for _, addr := range addrs {
		l, err := net.Listen("tcp", addr)
		if errors.Is(err, os.ErrPermission) {
			t.Skipf("needs to listen at %s: %v", addr, err)
		}
		if err != nil {
			t.Fatal(err)
		}
		listeners = append(listeners, l)
		running.Go(func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				running.Go(func() { s.serve(ctx, conn) })
			}
		})
	}
}

// TestProbeMany probes 500 servers that take 100 milliseconds for each of their
// five replies, in a process of its own: within ten seconds and 100 MB.
func TestProbeMany(t *testing.T) {
	servers := 500
	if raceDetector {
		servers = 50
	}
	ca := testkit.NewCA(t)
	far := farServer{name: "far.example", delay: 100 * time.Millisecond, tls: testkit.ServerTLS(ca.Valid(t, "far.example"))}
	folder := t.TempDir()
	var addrs []string
	for i := range servers {
		addrs = append(addrs, fmt.Sprintf("127.77.%d.%d:2525", i/250, 1+i%250))
	}
	far.listen(t, addrs...)
	for name, content := range map[string][]byte{"hosts": []byte(strings.Join(addrs, "\n")), "ca.pem": ca.PEM()} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "probe", "--list", "hosts", "--ca-file", "ca.pem", "--format", "json")
	cmd.Dir = folder
	cmd.Env = []string{asMailctl + "=1", atOnce, "HOME=" + folder}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	begun := time.Now()
	peak, err := runPeak(cmd)
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	took := time.Since(begun)
	checkOutput(t, stdout.String())
	var report struct{ Targets []probe.Result }
	if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, r := range report.Targets {
		if r.Reachable && r.TLS != nil && r.Milliseconds.Total >= 400 {
			seen++
		}
	}
	t.Logf("%d servers in %s with %d MB", seen, took.Round(time.Millisecond), peak)
	if seen != servers || !raceDetector && (took > 10*time.Second || peak > 100) {
		t.Errorf("%d of %d servers, %s, %d MB", seen, servers, took, peak)
	}
}

// runPeak runs a command and returns the most memory it had, in MB. What wait(2)
// tells is of no use: there a process begins with what its parent had.
func runPeak(cmd *exec.Cmd) (peak int, err error) {
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return peak, err
		case <-tick.C:
			status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
			if err != nil {
				continue // it has just ended
			}
			if _, line, ok := strings.Cut(string(status), "VmHWM:"); ok {
				kilobytes := 0
				if _, err := fmt.Sscan(line, &kilobytes); err == nil {
					peak = kilobytes / 1000
				}
			}
		}
	}
}
