package probe_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/probe"
)

// A switchboard connects to a test's server, whatever the address, or fails as
// it is told.
type switchboard struct {
	server string
	fails  map[string]error // by address and port, or by port alone

	mu    sync.Mutex
	calls []string
}

func (s *switchboard) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	s.mu.Lock()
	s.calls = append(s.calls, address)
	s.mu.Unlock()
	_, port, _ := net.SplitHostPort(address)
	for _, key := range []string{address, port} {
		if err := s.fails[key]; err != nil {
			return nil, err
		}
	}
	if s.server == "" {
		return nil, syscall.ECONNREFUSED
	}
	return new(net.Dialer).DialContext(ctx, network, s.server)
}

// timeout is what the network says when nobody answers.
var errTimeout = &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ETIMEDOUT)}

const zone = `
example.com. MX 10 mx1.example.com.
example.com. MX 20 mx2.example.com.
mx1.example.com. A 192.0.2.1
mx1.example.com. AAAA 2001:db8::1
mx2.example.com. A 192.0.2.2
other.example. MX 10 mx1.example.com.
null.example. MX 0 .
bad.example. MX 10 nowhere.example.
bad.example. MX 10 192.0.2.9.
bad.example. MX 10 empty.example.
empty.example. TXT "x"
host.example. A 192.0.2.3
1.2.0.192.in-addr.arpa. PTR mx1.example.com.
2.2.0.192.in-addr.arpa. PTR else.example.com.
else.example.com. A 192.0.2.2
`

const relayScript = "> 220 mx1.example.com\n< EHLO client.example\n> 250 mx1.example.com" + ending

// where lists what a group is about.
func where(g probe.Group) []string {
	var list []string
	for _, r := range g.Results {
		list = append(list, fmt.Sprintf("%s %s %d %s", r.Host, r.Address, r.Port, r.Reason))
	}
	return list
}

func TestGroupFindsServers(t *testing.T) {
	server := testkit.SMTP(t, nil, relayScript)
	tests := []struct {
		request probe.Request
		family  int
		want    []string
	}{
		{probe.Request{Name: "example.com"}, 0, []string{"mx1.example.com 192.0.2.1 25 ", "mx1.example.com 2001:db8::1 25 ", "mx2.example.com 192.0.2.2 25 "}},
		{probe.Request{Name: "example.com"}, 4, []string{"mx1.example.com 192.0.2.1 25 ", "mx2.example.com 192.0.2.2 25 "}},
		{probe.Request{Name: "example.com", Ports: []int{2525}}, 6, []string{"mx1.example.com 2001:db8::1 2525 "}},
		{probe.Request{Name: "host.example", Ports: []int{25, 587}}, 0, []string{"host.example 192.0.2.3 25 ", "host.example 192.0.2.3 587 "}},
		{probe.Request{Name: "192.0.2.7", Ports: []int{25}}, 0, []string{"192.0.2.7 192.0.2.7 25 "}},
		{probe.Request{Name: "null.example"}, 0, []string{"null.example  25 dns"}},
		{probe.Request{Name: "bad.example"}, 0, []string{"empty.example  25 dns", "nowhere.example  25 dns", "192.0.2.9  25 dns"}},
		{probe.Request{Name: "nowhere.example", Ports: []int{587}}, 0, []string{"nowhere.example  587 dns"}},
		{probe.Request{Name: "host.example"}, 6, []string{"host.example  25 dns"}},
	}
	for _, test := range tests {
		opt := impatient()
		opt.Resolver, opt.Family = zonetest.New(t, zone), test.family
		opt.Dialer = &switchboard{server: server.Addr}
		g := probe.New(opt).Group(t.Context(), test.request)
		got := where(g)
		slices.Sort(got)
		slices.Sort(test.want)
		if !slices.Equal(got, test.want) {
			t.Errorf("%+v: %q", test.request, got)
		}
	}
}

// The name of an address is held against what the server calls itself.
func TestReverseNames(t *testing.T) {
	server := testkit.SMTP(t, nil, relayScript)
	opt := impatient()
	opt.Resolver = zonetest.New(t, zone)
	opt.Dialer = &switchboard{server: server.Addr}
	g := probe.New(opt).Group(t.Context(), probe.Request{Name: "example.com"})
	seen(t, g.Results[0], "tls-no-starttls warning")
	seen(t, g.Results[1], "tls-no-starttls warning", "smtp-ptr-missing notice")
	seen(t, g.Results[2], "tls-no-starttls warning", "smtp-ptr-name notice")
	if ptr := g.Results[0].ReverseName; !g.Domain || ptr == nil || !ptr.SameAsEHLO || ptr.Status != delivery.PTRConfirmed {
		t.Errorf("%+v", g.Results[0])
	}
}

// Port 25 is blocked when nothing comes through it and the same hosts answer
// otherwise.
func TestEgress(t *testing.T) {
	server := testkit.SMTP(t, nil, "! eof")
	tests := []struct {
		name   string
		server string
		fails  map[string]error
		want   probe.Reason
		id     string
	}{
		{"blocked, other ports refuse", "", map[string]error{"25": errTimeout}, probe.ReasonEgress, "net-egress-blocked unknown"},
		{"blocked, other ports answer", server.Addr, map[string]error{"25": errTimeout}, probe.ReasonEgress, "net-egress-blocked unknown"},
		{"down", "", map[string]error{"25": errTimeout, "587": errTimeout, "465": errTimeout, "443": errTimeout}, probe.ReasonTimeout, "net-timeout unknown"},
		{"one refuses", "", map[string]error{"192.0.2.1:25": errTimeout, "[2001:db8::1]:25": errTimeout}, probe.ReasonTimeout, "net-timeout unknown"},
		{"no network", "", map[string]error{"25": syscall.ENETUNREACH}, probe.ReasonEgress, "net-no-route unknown"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			opt := impatient()
			opt.Resolver = zonetest.New(t, zone)
			opt.Dialer = &switchboard{server: test.server, fails: test.fails}
			g := probe.New(opt).Group(t.Context(), probe.Request{Name: "example.com"})
			seen(t, g.Results[0], test.id)
			if g.Results[0].Reason != test.want || g.Results[0].Verdict != probe.VerdictUnknown {
				t.Errorf("%+v", g.Results[0])
			}
		})
	}
}

// A port that nobody named may be closed as long as another one is open.
func TestOptionalPorts(t *testing.T) {
	server := testkit.SMTP(t, nil, relayScript)
	opt := impatient()
	opt.Resolver = zonetest.New(t, zone)
	opt.Dialer = &switchboard{server: server.Addr, fails: map[string]error{"587": syscall.ECONNREFUSED, "465": errTimeout}}
	g := probe.New(opt).Group(t.Context(), probe.Request{Name: "host.example"})
	seen(t, g.Results[0], "tls-no-starttls warning")
	seen(t, g.Results[1], "net-refused notice")
	seen(t, g.Results[2], "net-timeout notice")
	opt.Dialer = &switchboard{}
	g = probe.New(opt).Group(t.Context(), probe.Request{Name: "host.example"})
	seen(t, g.Results[1], "net-refused error")
}

// A mail exchanger of many domains is connected to once.
func TestSharedServers(t *testing.T) {
	server := testkit.SMTP(t, nil, relayScript)
	board := &switchboard{server: server.Addr}
	opt := impatient()
	opt.Resolver, opt.Dialer, opt.Family = zonetest.New(t, zone), board, 4
	p := probe.New(opt)
	requests := slices.Values([]probe.Request{{Name: "example.com"}, {Name: "other.example"}, {Name: "example.com"}})
	var domains []string
	for g := range p.Stream(t.Context(), requests) {
		for _, r := range g.Results {
			domains = append(domains, r.Domain)
		}
	}
	if want := []string{"example.com", "example.com", "other.example", "example.com", "example.com"}; !slices.Equal(domains, want) {
		t.Errorf("%q", domains)
	}
	if len(board.calls) != 2 {
		t.Errorf("calls %q", board.calls)
	}
	p.Forget()
	p.Group(t.Context(), probe.Request{Name: "other.example"})
	if len(board.calls) != 3 {
		t.Errorf("calls %q", board.calls)
	}
}

// Interrupting ends everything at once.
func TestInterrupted(t *testing.T) {
	server := testkit.SMTP(t, nil, "! wait 1h")
	ctx, cancel := context.WithCancel(t.Context())
	opt := impatient()
	opt.Timeouts.Greeting = time.Hour
	opt.Limit = time.Hour
	opt.Dialer = dialHook{func() { time.AfterFunc(10*time.Millisecond, cancel) }}
	r := probe.New(opt).Probe(ctx, at(server.Port, probe.ServiceRelay))
	if seen(t, r, "smtp-limit unknown"); ctx.Err() == nil || r.Error != context.Canceled.Error() {
		t.Errorf("%+v", r)
	}
}

// A dialHook calls a function whenever somebody dials.
type dialHook struct{ dialed func() }

func (d dialHook) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d.dialed()
	return new(net.Dialer).DialContext(ctx, network, address)
}
