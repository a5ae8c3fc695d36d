package delivery_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
	"go.uber.org/goleak"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
)

const testZone = `
example.com. 3600 SOA ns.example.com. hostmaster.example.com. 1 3600 600 86400 120
example.com. 600 MX 20 mx2.example.com.
example.com. 600 MX 10 MX1.Example.com.
example.com. 300 TXT "v=spf1 " "-all"
example.com. 300 TXT "semi\;colon \"quoted\" \\ \000\255"
mx1.example.com. 300 A 192.0.2.1
mx1.example.com. 300 AAAA 2001:db8::1
www.example.com. 50 CNAME web.example.com.
web.example.com. 300 CNAME host.example.org.
host.example.org. 300 A 192.0.2.80
dangling.example.com. 300 CNAME nowhere.example.com.
blank.example.com. 300 CNAME mx1.example.com.
loop.example.com. 300 CNAME pool.example.com.
pool.example.com. 300 CNAME loop.example.com.
*.wild.example.com. 300 TXT "wild"
1.2.0.192.in-addr.arpa. 300 PTR mx1.example.com.
foo:bar/baz\ qux.example.com. 300 A 192.0.2.9
_25._tcp.mx1.example.com. 300 TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
xn--bcher-kva.example. 300 A 192.0.2.7
null.example.com. 300 MX 0 .
big.example.com. 300 TXT ` + "BIG"

func zoneText() string {
	long := strings.Repeat(`"`+strings.Repeat("x", 200)+`" `, 15)
	return strings.Replace(testZone, "BIG", long, 1)
}

// newClient returns a client of the servers that is quick to give up.
func newClient(t *testing.T, opt delivery.ClientOptions, servers ...string) *delivery.Client {
	t.Helper()
	for _, s := range servers {
		server, err := delivery.ParseDNSServer(s)
		if err != nil {
			t.Fatal(err)
		}
		opt.Servers = append(opt.Servers, server)
	}
	if opt.Timeout == 0 {
		opt.Timeout = 60 * time.Millisecond
	}
	c, err := delivery.NewClient(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func TestLookup(t *testing.T) {
	server := testkit.NewDNS(t, zoneText())
	client := newClient(t, delivery.ClientOptions{Timeout: time.Second}, server.Addr)
	tests := []struct {
		name   string
		qtype  uint16
		status delivery.LookupStatus
		want   []string // records as lines, or the target of a chain that leads to none
		ttl    time.Duration
	}{
		{"example.com", delivery.TypeMX, delivery.LookupFound, []string{"example.com. MX 20 mx2.example.com.", "example.com. MX 10 MX1.Example.com."}, 600 * time.Second},
		{"EXAMPLE.com.", delivery.TypeAAAA, delivery.LookupNoRecord, nil, 120 * time.Second},
		{"none.example.com", delivery.TypeTXT, delivery.LookupNoName, nil, 120 * time.Second},
		{"tcp.mx1.example.com", delivery.TypeTXT, delivery.LookupNoName, nil, 120 * time.Second},
		{"_tcp.mx1.example.com", delivery.TypeTXT, delivery.LookupNoRecord, nil, 120 * time.Second},
		{"www.example.com", delivery.TypeA, delivery.LookupFound, []string{"host.example.org. A 192.0.2.80"}, 50 * time.Second},
		{"www.example.com", delivery.TypeTXT, delivery.LookupNoRecord, []string{"host.example.org"}, 50 * time.Second},
		{"www.example.com", delivery.TypeCNAME, delivery.LookupFound, []string{"www.example.com. CNAME web.example.com."}, 50 * time.Second},
		{"dangling.example.com", delivery.TypeA, delivery.LookupNoName, []string{"nowhere.example.com"}, 120 * time.Second},
		{"loop.example.com", delivery.TypeA, delivery.LookupUnknown, []string{"loop.example.com"}, 0},
		{"any.thing.wild.example.com", delivery.TypeTXT, delivery.LookupFound, []string{`any.thing.wild.example.com. TXT "wild"`}, 300 * time.Second},
		{"foo:bar/baz qux.example.com", delivery.TypeA, delivery.LookupFound, []string{`foo:bar/baz\ qux.example.com. A 192.0.2.9`}, 300 * time.Second},
		{"bücher.example", delivery.TypeA, delivery.LookupFound, []string{"xn--bcher-kva.example. A 192.0.2.7"}, 300 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+dns.Type(tt.qtype).String(), func(t *testing.T) {
			a := client.Lookup(t.Context(), tt.name, tt.qtype)
			got := a.Lines()
			if !a.Found() && a.Chain != nil {
				got = []string{a.Target()}
			}
			if a.Status != tt.status || !slices.Equal(got, tt.want) || a.TTL != tt.ttl {
				t.Errorf("got %s %q for %s (%v), want %s %q for %s", a.Status, got, a.TTL, a.Err, tt.status, tt.want, tt.ttl)
			}
			if a.Server != server.Addr {
				t.Errorf("answered by %q, want %q", a.Server, server.Addr)
			}
		})
	}
}

func TestAnswerContents(t *testing.T) {
	server := testkit.NewDNS(t, zoneText())
	client := newClient(t, delivery.ClientOptions{Timeout: time.Second}, server.Addr)
	ctx := t.Context()

	texts := client.Lookup(ctx, "example.com", delivery.TypeTXT)
	if diff := cmp.Diff([]string{"v=spf1 -all", "semi;colon \"quoted\" \\ \x00\xff"}, texts.Texts()); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"v=spf1 ", "-all"}, texts.TextStrings()[0]); diff != "" {
		t.Errorf("strings (-want +got):\n%s", diff)
	}
	want := []delivery.MX{{10, "mx1.example.com"}, {20, "mx2.example.com"}}
	if diff := cmp.Diff(want, client.Lookup(ctx, "example.com", delivery.TypeMX).MX()); diff != "" {
		t.Errorf("mx (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]delivery.MX{{0, "."}}, client.Lookup(ctx, "null.example.com", delivery.TypeMX).MX()); diff != "" {
		t.Errorf("null mx (-want +got):\n%s", diff)
	}
	v4, v6 := delivery.LookupAddrs(ctx, client, "mx1.example.com")
	if !slices.Equal(v4.Addrs(), []netip.Addr{netip.MustParseAddr("192.0.2.1")}) || !slices.Equal(v6.Addrs(), []netip.Addr{netip.MustParseAddr("2001:db8::1")}) {
		t.Errorf("addresses: %v, %v", v4.Addrs(), v6.Addrs())
	}
	ptr := delivery.LookupPTR(ctx, client, netip.MustParseAddr("::ffff:192.0.2.1"))
	if !slices.Equal(ptr.Names(), []string{"mx1.example.com"}) {
		t.Errorf("names: %v", ptr.Names())
	}
	if tlsa := client.Lookup(ctx, "_25._tcp.mx1.example.com", delivery.TypeTLSA).TLSA(); len(tlsa) != 1 || tlsa[0].Usage != 3 {
		t.Errorf("tlsa: %v", tlsa)
	}
	chain := client.Lookup(ctx, "www.example.com", delivery.TypeA).Chain
	wantChain := []delivery.Alias{{"www.example.com", "web.example.com", 50 * time.Second}, {"web.example.com", "host.example.org", 300 * time.Second}}
	if diff := cmp.Diff(wantChain, chain); diff != "" {
		t.Errorf("chain (-want +got):\n%s", diff)
	}
}

func TestLookupOfFaultyServer(t *testing.T) {
	defer goleak.VerifyNone(t)
	tests := []struct {
		fault   testkit.DNSFault
		status  delivery.LookupStatus
		cause   delivery.LookupCause
		text    string // part of the error
		queries int
	}{
		{testkit.DNSServFail, delivery.LookupUnknown, delivery.CauseServFail, "SERVFAIL", 2},
		{testkit.DNSBogus, delivery.LookupUnknown, delivery.CauseBogus, "need not validate", 3},
		{testkit.DNSRefused, delivery.LookupUnknown, delivery.CauseRefused, "REFUSED", 1},
		{testkit.DNSSilent, delivery.LookupUnknown, delivery.CauseTimeout, "no answer in time", 2},
		{testkit.DNSTruncated, delivery.LookupFound, "", "", 2},
		{testkit.DNSNoTCP, delivery.LookupUnknown, delivery.CauseTimeout, "no answer in time", 4},
		{testkit.DNSWrongID, delivery.LookupUnknown, delivery.CauseMalformed, "does not belong to the question", 1},
		{testkit.DNSWrongQuestion, delivery.LookupUnknown, delivery.CauseMalformed, "does not belong to the question", 1},
		{testkit.DNSGarbage, delivery.LookupUnknown, delivery.CauseMalformed, "malformed", 1},
		{testkit.DNSReferral, delivery.LookupUnknown, delivery.CauseLame, "not responsible", 1},
		{testkit.DNSEmpty, delivery.LookupUnknown, delivery.CauseLame, "not responsible", 1},
		{testkit.DNSOutOfZone, delivery.LookupUnknown, delivery.CauseLame, "elsewhere.example", 1},
		{testkit.DNSNoEDNS, delivery.LookupFound, "", "", 2},
		{testkit.DNSUnchased, delivery.LookupFound, "", "", 1},
	}
	for _, tt := range tests {
		t.Run(string(tt.fault), func(t *testing.T) {
			t.Parallel()
			server := testkit.NewDNS(t, zoneText())
			server.Fault("", 0, tt.fault)
			client := newClient(t, delivery.ClientOptions{}, server.Addr)
			a := client.Lookup(t.Context(), "example.com", delivery.TypeMX)
			if a.Status != tt.status || a.Cause != tt.cause {
				t.Fatalf("got %s, %s (%v); want %s, %s", a.Status, a.Cause, a.Err, tt.status, tt.cause)
			}
			if (a.Err != nil) != a.Unknown() || tt.text != "" && !strings.Contains(a.Err.Error(), tt.text) {
				t.Errorf("error %v, want %q in it", a.Err, tt.text)
			}
			if n := len(server.Asked()); n != tt.queries {
				t.Errorf("%d queries, want %d", n, tt.queries)
			}
			if again := client.Lookup(t.Context(), "example.com", delivery.TypeMX); again.Status != a.Status || len(server.Asked()) != 0 {
				t.Errorf("the second look-up was not answered from the cache")
			}
		})
	}
}

func TestLookupFollowsAliasesThatTheServerDoesNot(t *testing.T) {
	server := testkit.NewDNS(t, zoneText())
	server.Fault("", 0, testkit.DNSUnchased)
	client := newClient(t, delivery.ClientOptions{}, server.Addr)
	ctx, rounds := delivery.CountRounds(t.Context())
	a := client.Lookup(ctx, "www.example.com", delivery.TypeA)
	if !a.Found() || a.Target() != "host.example.org" || len(a.Chain) != 2 || a.Name != "www.example.com" || a.TTL != 50*time.Second {
		t.Errorf("got %+v", a)
	}
	if rounds.Waves() != 3 || rounds.Queries() != 3 {
		t.Errorf("%d queries in %d waves, want 3 in 3", rounds.Queries(), rounds.Waves())
	}
	if a := client.Lookup(ctx, "loop.example.com", delivery.TypeA); a.Cause != delivery.CauseAliasLoop {
		t.Errorf("loop: got %s, %s", a.Status, a.Cause)
	}
	if a := client.Lookup(ctx, "dangling.example.com", delivery.TypeA); a.Status != delivery.LookupNoName || a.Target() != "nowhere.example.com" {
		t.Errorf("dangling: got %s at %s", a.Status, a.Target())
	}
}

func TestLookupTruncatedByItsSize(t *testing.T) {
	server := testkit.NewDNS(t, zoneText())
	var events atomic.Int32
	client := newClient(t, delivery.ClientOptions{Timeout: time.Second, Trace: func(e delivery.LookupEvent) {
		n := events.Add(1)
		if (e.Transport == delivery.TransportTCP) != (n == 2) || e.Truncated != (n == 1) || e.Rcode != "NOERROR" {
			t.Errorf("event %d: %+v", n, e)
		}
	}}, server.Addr)
	a := client.Lookup(t.Context(), "big.example.com", delivery.TypeTXT)
	if !a.Found() || len(a.Texts()[0]) != 15*200 || events.Load() != 2 {
		t.Errorf("got %s (%v) after %d queries", a.Status, a.Err, events.Load())
	}
}

func TestLookupGoesOnToTheNextServer(t *testing.T) {
	for _, fault := range []testkit.DNSFault{testkit.DNSServFail, testkit.DNSRefused, testkit.DNSSilent, testkit.DNSEmpty, testkit.DNSGarbage} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			bad, good := testkit.NewDNS(t, zoneText()), testkit.NewDNS(t, zoneText())
			bad.Fault("", 0, fault)
			client := newClient(t, delivery.ClientOptions{}, bad.Addr, good.Addr)
			if a := client.Lookup(t.Context(), "none.example.com", delivery.TypeA); a.Status != delivery.LookupNoName || a.Server != good.Addr {
				t.Errorf("got %s from %s", a.Status, a.Server)
			}
		})
	}
}

func TestLookupNamesEveryServerThatFailed(t *testing.T) {
	refusing, failing := testkit.NewDNS(t, zoneText()), testkit.NewDNS(t, zoneText())
	refusing.Fault("", 0, testkit.DNSRefused)
	failing.Fault("", 0, testkit.DNSServFail)
	client := newClient(t, delivery.ClientOptions{}, refusing.Addr, failing.Addr)
	a := client.Lookup(t.Context(), "example.com", delivery.TypeA)
	want := refusing.Addr + ": REFUSED; " + failing.Addr + ": SERVFAIL"
	if a.Cause != delivery.CauseServFail || a.Err.Error() != want {
		t.Errorf("got %s, %q, want %q", a.Cause, a.Err, want)
	}
}

func TestSilentServerIsAskedLast(t *testing.T) {
	silent, good := testkit.NewDNS(t, zoneText()), testkit.NewDNS(t, zoneText())
	silent.Fault("", 0, testkit.DNSSilent)
	client := newClient(t, delivery.ClientOptions{Timeout: 20 * time.Millisecond}, silent.Addr, good.Addr)
	for _, name := range []string{"a.example.com", "b.example.com", "c.example.com", "d.example.com", "e.example.com"} {
		client.Lookup(t.Context(), name, delivery.TypeA)
	}
	if n := len(silent.Asked()); n != 3 {
		t.Errorf("the silent server was asked %d times, want 3", n)
	}
}

func TestLookupUnreachable(t *testing.T) {
	client := newClient(t, delivery.ClientOptions{}, "127.0.0.1:1", "tcp://127.0.0.1:1")
	if a := client.Lookup(t.Context(), "example.com", delivery.TypeA); a.Cause != delivery.CauseNetwork ||
		a.Err.Error() != "127.0.0.1:1: connection refused; tcp://127.0.0.1:1: connection refused" {
		t.Errorf("got %s, %v", a.Cause, a.Err)
	}
	if _, err := delivery.NewClient(delivery.ClientOptions{}); !errors.Is(err, delivery.ErrNoDNSServers) {
		t.Errorf("without servers: %v", err)
	}
}

func TestLookupOfInvalidName(t *testing.T) {
	client := newClient(t, delivery.ClientOptions{}, "127.0.0.1:1")
	for _, name := range []string{"", "a..example", ".example", strings.Repeat("a", 64) + ".example", strings.Repeat("abcdefghi.", 26), "\xff.example", "ex\u00adample\u0300.\u0300"} {
		a := client.Lookup(t.Context(), name, delivery.TypeA)
		if a.Cause != delivery.CauseInvalidName || !errors.Is(a.Err, delivery.ErrInvalidName) {
			t.Errorf("%q: got %s, %v", name, a.Cause, a.Err)
		}
	}
	if n := client.Stats().Queries; n != 0 {
		t.Errorf("%d queries were sent", n)
	}
}

func TestLookupEndsWithItsContext(t *testing.T) {
	server := testkit.NewDNS(t, zoneText())
	server.Fault("", 0, testkit.DNSSilent)
	client := newClient(t, delivery.ClientOptions{Timeout: time.Minute}, server.Addr)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if a := client.Lookup(ctx, "example.com", delivery.TypeA); a.Cause != delivery.CauseCanceled {
		t.Errorf("got %s, %v", a.Cause, a.Err)
	}
	server.Fault("", 0, "")
	if a := client.Lookup(t.Context(), "example.com", delivery.TypeMX); !a.Found() {
		t.Errorf("afterwards: got %s, %v", a.Status, a.Err)
	}
}

func TestIdenticalQuestionsAreMerged(t *testing.T) {
	server := testkit.NewDNS(t, zoneText())
	server.Delay(50 * time.Millisecond)
	client := newClient(t, delivery.ClientOptions{Timeout: time.Second, CacheOctets: -1}, server.Addr)
	ctx, rounds := delivery.CountRounds(t.Context())
	var found atomic.Int32
	tasks := make([]func(context.Context), 20)
	for i := range tasks {
		tasks[i] = func(ctx context.Context) {
			if client.Lookup(ctx, "Example.Com", delivery.TypeMX).Found() {
				found.Add(1)
			}
		}
	}
	delivery.Concurrently(ctx, tasks...)
	if n := len(server.Asked()); n != 1 || found.Load() != 20 {
		t.Errorf("%d queries for %d answers, want 1 for 20", n, found.Load())
	}
	if stats := client.Stats(); stats.Queries != 1 || stats.Merged != 19 {
		t.Errorf("stats: %+v", stats)
	}
	if rounds.Waves() != 1 {
		t.Errorf("%d waves, want 1", rounds.Waves())
	}
}

func TestMergedLookupOutlivesTheOneThatAsked(t *testing.T) {
	server := testkit.NewDNS(t, zoneText())
	server.Delay(60 * time.Millisecond)
	client := newClient(t, delivery.ClientOptions{Timeout: time.Second}, server.Addr)
	first, cancel := context.WithCancel(t.Context())
	asking := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		close(asking)
		client.Lookup(first, "example.com", delivery.TypeMX)
	})
	<-asking
	running.Go(func() {
		if a := client.Lookup(t.Context(), "example.com", delivery.TypeMX); !a.Found() {
			t.Errorf("got %s, %v", a.Status, a.Err)
		}
	})
	time.AfterFunc(20*time.Millisecond, cancel)
	running.Wait()
}

func TestCacheForgetsByTheClock(t *testing.T) {
	server := testkit.NewDNS(t, zoneText())
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	client := newClient(t, delivery.ClientOptions{Timeout: time.Second, Now: func() time.Time { return now }}, server.Addr)
	asked := func(name string) int {
		client.Lookup(t.Context(), name, delivery.TypeMX)
		return len(server.Asked())
	}
	steps := []struct {
		name    string
		after   time.Duration
		queries int
	}{
		{"example.com", 0, 1},
		{"example.com", 599 * time.Second, 0},
		{"example.com", time.Second, 1},
		{"none.example.com", 0, 1}, // kept as long as the SOA record says
		{"none.example.com", 119 * time.Second, 0},
		{"none.example.com", time.Second, 1},
	}
	for i, step := range steps {
		now = now.Add(step.after)
		if n := asked(step.name); n != step.queries {
			t.Errorf("step %d: %d queries, want %d", i, n, step.queries)
		}
	}
}

func TestCacheIsBounded(t *testing.T) {
	server := testkit.NewDNS(t, "*.example.com. TXT x\n")
	client := newClient(t, delivery.ClientOptions{Timeout: time.Second, CacheOctets: 4000}, server.Addr)
	names := make([]string, 20)
	for i := range names {
		names[i] = strings.Repeat("a", i+1) + ".example.com"
		client.Lookup(t.Context(), names[i], delivery.TypeTXT)
	}
	server.Asked()
	client.Lookup(t.Context(), names[19], delivery.TypeTXT)
	client.Lookup(t.Context(), names[0], delivery.TypeTXT)
	if asked := server.Asked(); !slices.Equal(asked, []string{"a.example.com. TXT"}) {
		t.Errorf("asked again: %v", asked)
	}
}

func TestSecureAnswer(t *testing.T) {
	server := testkit.NewDNS(t, zoneText())
	server.Authenticate()
	client := newClient(t, delivery.ClientOptions{Timeout: time.Second}, server.Addr)
	if a := client.Lookup(t.Context(), "www.example.com", delivery.TypeA); !a.Secure {
		t.Error("the AD bit is lost")
	}
}

func TestLookupOverTLSAndHTTPS(t *testing.T) {
	server := testkit.NewDNS(t, zoneText())
	ca := testkit.NewCA(t)
	url, roots := server.HTTPS()
	config := ca.ClientTLS()
	config.RootCAs = roots
	for name, client := range map[string]*delivery.Client{
		"tls":   newClient(t, delivery.ClientOptions{Timeout: 2 * time.Second, TLS: ca.ClientTLS()}, "tls://"+server.TLS(ca)),
		"https": newClient(t, delivery.ClientOptions{Timeout: 2 * time.Second, TLS: config}, url),
	} {
		t.Run(name, func(t *testing.T) {
			ctx, rounds := delivery.CountRounds(t.Context())
			answers := delivery.LookupAll(ctx, client,
				delivery.Question{Name: "example.com", Type: delivery.TypeMX}, delivery.Question{Name: "big.example.com", Type: delivery.TypeTXT},
				delivery.Question{Name: "none.example.com", Type: delivery.TypeMX}, delivery.Question{Name: "www.example.com", Type: delivery.TypeA})
			want := []delivery.LookupStatus{delivery.LookupFound, delivery.LookupFound, delivery.LookupNoName, delivery.LookupFound}
			for i, a := range answers {
				if a.Status != want[i] {
					t.Errorf("%s: got %s, %v", a.Name, a.Status, a.Err)
				}
			}
			if a := client.Lookup(ctx, "mx1.example.com", delivery.TypeA); !a.Found() {
				t.Errorf("over a kept connection: got %s, %v", a.Status, a.Err)
			}
			if rounds.Waves() != 2 || rounds.Queries() != 5 {
				t.Errorf("%d queries in %d waves, want 5 in 2", rounds.Queries(), rounds.Waves())
			}
		})
	}
}

func TestCertificateOfTheNameServerIsVerified(t *testing.T) {
	server := testkit.NewDNS(t, zoneText())
	url, _ := server.HTTPS()
	client := newClient(t, delivery.ClientOptions{Timeout: time.Second, Attempts: 1, TLS: testkit.NewCA(t).ClientTLS()},
		"tls://"+server.TLS(testkit.NewCA(t)), url)
	a := client.Lookup(t.Context(), "example.com", delivery.TypeMX)
	if a.Cause != delivery.CauseNetwork || strings.Count(a.Err.Error(), "certificate") < 2 {
		t.Errorf("got %s, %v", a.Status, a.Err)
	}
}

func TestRoundsOfDependentWork(t *testing.T) {
	server := testkit.NewDNS(t, zoneText())
	client := newClient(t, delivery.ClientOptions{Timeout: time.Second, CacheOctets: -1}, server.Addr)
	ctx, rounds := delivery.CountRounds(t.Context())
	// Each asks for something else: who shares a query waits for whoever began it.
	chain := func(n int, kind uint16) func(context.Context) {
		return func(ctx context.Context) {
			for range n {
				client.Lookup(ctx, "example.com", kind)
			}
		}
	}
	delivery.Concurrently(ctx, chain(1, delivery.TypeMX), chain(3, delivery.TypeTXT), func(ctx context.Context) {
		delivery.Concurrently(ctx, chain(1, delivery.TypeA), chain(2, delivery.TypeAAAA))
	})
	client.Lookup(ctx, "mx1.example.com", delivery.TypeA)
	if rounds.Waves() != 4 {
		t.Errorf("%d waves, want 4", rounds.Waves())
	}
}
