package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/sink"
	"github.com/mailctl/mailctl/internal/testkit"
)

// TestDoctorDirect looks at a machine that sends straight to the receivers.
func TestDoctorDirect(t *testing.T) {
	server, err := sink.Start(t.Context(), sink.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close(context.Background()) })
	_, port, err := net.SplitHostPort(server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	closed, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closedPort := closed.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // it listens on TCP
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	mute, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mute.Close() })
	go func() {
		for {
			connection, err := mute.Accept()
			if err != nil {
				return // the test is over
			}
			_ = connection.Close()
		}
	}()
	silentPort := strconv.Itoa(mute.Addr().(*net.TCPAddr).Port) //nolint:forcetypeassert // it listens on TCP
	const zone = `
acme.example. 300 IN SOA ns.acme.example. hostmaster.acme.example. 1 3600 600 86400 300
acme.example. 300 IN MX 10 mx.acme.example.
mx.acme.example. 300 IN A 127.0.0.1
in-addr.arpa. 300 IN SOA ns.acme.example. hostmaster.acme.example. 1 3600 600 86400 300
`
	const pointer = "1.0.0.127.in-addr.arpa. 300 IN PTR mx.acme.example.\n"
	t.Chdir(t.TempDir())
	for _, test := range []struct {
		name, zone, port, helo string
		way, pointed           string // statuses
		says                   string
	}{
		{"all is well", zone + pointer, port, "mx.acme.example", "ok", "ok", "a mail exchanger of acme.example answers"},
		{"greets otherwise", zone + pointer, port, "other.example", "ok", "warning", "give --helo mx.acme.example"},
		{"no name", zone, port, "mx.acme.example", "ok", "warning", "has no name that leads back to it"},
		{"nobody speaks", zone + pointer, silentPort, "mx.acme.example", "unknown", "ok", "no mail exchanger of acme.example says a word"},
		{"nobody listens", zone + pointer, strconv.Itoa(closedPort), "mx.acme.example", "unknown", "ok", "no mail exchanger of acme.example can be reached on port"},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := fmt.Sprintf("send:\n  from: news@acme.example\n  via: mx:?port=%s\n  helo: %s\n  from-ip: [127.0.0.1]\n", test.port, test.helo)
			if err := os.WriteFile("mailctl.yaml", []byte(config), 0o600); err != nil {
				t.Fatal(err)
			}
			names := testkit.NewDNS(t, test.zone)
			env := testEnvironment(map[string]string{"HOME": t.TempDir()})
			var stdout bytes.Buffer
			env.Stdout = &stdout
			Run(t.Context(), env, []string{"doctor", "--resolver", names.Addr, "--dns-timeout", "1s", "--format", "json"})
			var said struct {
				Diagnoses []struct{ Area, Status, Message string }
			}
			if err := json.Unmarshal(stdout.Bytes(), &said); err != nil {
				t.Fatalf("%v: %s", err, stdout.String())
			}
			status := map[string]string{}
			for _, d := range said.Diagnoses {
				status[d.Area] = d.Status
			}
			if status["egress"] != test.way || status["name"] != test.pointed || !strings.Contains(stdout.String(), test.says) {
				t.Errorf("want %s, %s and %q: %s", test.way, test.pointed, test.says, stdout.String())
			}
		})
	}
}

func TestPublicAddress(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "2001:db8::1": true, "10.1.2.3": false, "192.168.0.1": false, "100.64.0.1": false, "100.128.0.1": true,
		"127.0.0.1": false, "169.254.1.1": false, "fe80::1": false, "fd00::1": false, "::1": false,
	} {
		if got := isPublic(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: public %v, want %v", text, got, want)
		}
	}
}
