package cli

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// plainRelay is a server that takes everything and offers nothing. It returns its
// address.
func plainRelay(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	t.Cleanup(cancel)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go converse(conn)
		}
	}()
	return listener.Addr().String()
}

func converse(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	fmt.Fprint(conn, "220 plain\r\n")
	content := false
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		switch line := lines.Text(); {
		case content && line != ".":
		case line == "DATA":
			content = true
			fmt.Fprint(conn, "354 go\r\n")
		case line == "QUIT":
			fmt.Fprint(conn, "221 bye\r\n")
			return
		default:
			content = false
			fmt.Fprint(conn, "250 fine\r\n")
		}
	}
}

func TestRelayPreflight(t *testing.T) {
	relay := plainRelay(t)
	for _, test := range []struct {
		name string
		args []string
		want map[string]int // how often a text is there
	}{
		{"nothing asked", nil, map[string]int{"warning": 0}},
		{"notifications", []string{"--dsn", "failure"}, map[string]int{"does not offer delivery status notifications": 1}},
		{"published", []string{"--zone", "bad.zone", "--resolver", "127.0.0.1:9"}, map[string]int{"warning: ": 2, "acme.example": -1}},
		{"skipped", []string{"--zone", "bad.zone", "--skip-preflight"}, map[string]int{"warning": 0}},
		{"no answer", []string{"--resolver", "127.0.0.1:9"}, map[string]int{"warning": 0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			t.Chdir(folder)
			for name, text := range map[string]string{
				"list.csv": "email\na@x.example\nb@x.example\n",
				"bad.zone": "$ORIGIN example.\n@ 60 IN SOA ns h 1 1 1 1 60\nacme 60 IN TXT \"v=spf1 ip4:nowhere -all\"\n",
			} {
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			env := testEnvironment(map[string]string{"HOME": folder})
			var stdout, stderr strings.Builder
			env.Stdout, env.Stderr = &stdout, &stderr
			start := time.Now()
			code := Run(t.Context(), env, append([]string{
				"send", "--list", "list.csv", "--subject", "Hello", "--text", "Hello", "--from", "news@acme.example", "--yes",
				"--via", "smtp://" + relay + "?tls=none", "--state", filepath.Join(folder, "state"), "--connections", "1",
			}, test.args...))
			if code != exitOK || time.Since(start) > 2*relayPatience {
				t.Fatalf("exit code %d after %v\n%s%s", code, time.Since(start), stdout.String(), stderr.String())
			}
			for text, n := range test.want {
				if got := strings.Count(stderr.String(), text); got != n && (n >= 0 || got == 0) {
					t.Errorf("%q is there %d times, want %d:\n%s", text, got, n, stderr.String())
				}
			}
		})
	}
}
