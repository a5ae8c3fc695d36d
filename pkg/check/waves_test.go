package check_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// slow is a subdomain with a three-level SPF tree, two selectors, an inherited
// DMARC record and two mail servers.
const slow = `
news.example.com. SOA ns.example.com. hostmaster.example.com. 1 3600 600 86400 60
news.example.com. MX 10 mx1.example.com.
news.example.com. MX 20 mx2.example.com.
news.example.com. TXT "v=spf1 include:a.example.com -all"
a.example.com. TXT "v=spf1 include:b.example.com -all"
b.example.com. TXT "v=spf1 a:c.example.com -all"
c.example.com. A 192.0.2.3
c.example.com. AAAA 2001:db8::3
mx1.example.com. A 192.0.2.1
mx2.example.com. A 192.0.2.2
_dmarc.example.com. TXT "v=DMARC1; p=reject; rua=mailto:d@example.com"
s1._domainkey.news.example.com. TXT "v=DKIM1; p={rsa2048}"
s2._domainkey.news.example.com. TXT "v=DKIM1; p={rsa2048}"
`

// A late resolver takes its time for each answer.
type late struct {
	delivery.Resolver
	delay time.Duration
}

// Lookup is part of [delivery.Resolver].
func (l late) Lookup(ctx context.Context, name string, qtype uint16) delivery.Answer {
	time.Sleep(l.delay)
	return l.Resolver.Lookup(ctx, name, qtype)
}

const (
	late50  = 50 * time.Millisecond
	longest = 4 // waves for slow: the records of the domain, of a, of b, and the addresses of c
)

func TestWaves(t *testing.T) {
	server := testkit.NewDNS(t, withKeys(slow))
	server.Delay(late50)
	d := checkSlow(t, client(t, delivery.ClientOptions{Servers: servers(server)}))
	if d.Waves != longest {
		t.Errorf("%d waves, want %d", d.Waves, longest)
	}
}

// TestWaitsForWavesOnly goes by the clock of a bubble, where nothing but an answer
// takes time.
func TestWaitsForWavesOnly(t *testing.T) {
	const parents = "com. SOA ns.com. hostmaster.com. 1 3600 600 86400 60\nexample.com. SOA ns.example.com. hostmaster.example.com. 1 3600 600 86400 60\n"
	zone, err := delivery.ParseZone(strings.NewReader(withKeys(slow)+parents), "slow")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		checkSlow(t, late{zone, late50})
		if took := time.Since(began); took != longest*late50 {
			t.Errorf("it took %s, want %s", took, longest*late50)
		}
	})
}

// checkSlow checks the domain of slow, with which nothing is wrong.
func checkSlow(t *testing.T, resolver delivery.Resolver) check.Domain {
	t.Helper()
	d := check.Check(t.Context(), "news.example.com", check.Options{Resolver: resolver, Selectors: []string{"s1", "s2"}, Now: clock})
	if d.Verdict == check.VerdictUnknown || d.Verdict == check.VerdictFail {
		t.Errorf("%s: %+v", d.Verdict, d.Findings)
	}
	return d
}

func manyZones(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(good, "example.com", fmt.Sprintf("d%d.example", i)))
	}
	return b.String()
}

// BenchmarkDomains is 1,000 domains on a local name server, 64 at once.
func BenchmarkDomains(b *testing.B) {
	const n = 1000
	server := testkit.NewDNS(b, manyZones(n))
	domains := make([]string, n)
	for i := range domains {
		domains[i] = fmt.Sprintf("d%d.example", i)
	}
	for b.Loop() {
		resolver := client(b, delivery.ClientOptions{Servers: servers(server)})
		for d := range check.Stream(b.Context(), slices.Values(domains), 64, checker(check.Options{Resolver: check.Bounded(resolver, 0), Now: clock})) {
			if d.Verdict == check.VerdictUnknown {
				b.Fatalf("%+v", d.Findings)
			}
		}
		b.ReportMetric(float64(resolver.Stats().Queries)/n, "queries/domain")
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "domains/s")
}
