package check

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// Every domain has the findings that are behind it in the files, and no others:
// through a validating resolver, and straight from the name server, which knows
// nothing of DNSSEC.
func TestZones(t *testing.T) {
	t.Parallel()
	cases, text := readZones(t)
	if len(cases) < 60 {
		t.Fatalf("%d domains in %s", len(cases), zoneFiles)
	}
	zone, anchor := testkit.Zone{Origin: ".", Text: text}.Signed(t)
	server := testkit.NSD(t, zone)
	t.Run("unbound", func(t *testing.T) {
		t.Parallel()
		checkZones(t, testkit.Unbound(t, server, anchor), cases)
	})
	t.Run("nsd", func(t *testing.T) {
		t.Parallel()
		checkZones(t, server.Addr, cases, StandardDNSSEC, StandardDANE)
	})
}

// checkZones checks all domains but for some standards.
func checkZones(t *testing.T, server string, cases []zoneCase, skip ...Standard) {
	t.Helper()
	resolver := dial(t, server)
	client := serveDocuments(t, resolver, cases)
	got := make([][]Finding, len(cases))
	var tasks []func(context.Context)
	for i, c := range cases {
		opt := Options{Resolver: resolver, HTTP: client, Selectors: []string{"news"}, Skip: skip}
		if c.unnamed {
			opt.Selectors = nil
		}
		if c.ip != "" {
			opt.IPs = []netip.Addr{netip.MustParseAddr(c.ip)}
		}
		tasks = append(tasks, func(ctx context.Context) { got[i] = Check(ctx, c.domain, opt).Findings })
	}
	for some := range slices.Chunk(tasks, 16) {
		delivery.Concurrently(t.Context(), some...)
	}
	for i, c := range cases {
		want := slices.DeleteFunc(slices.Clone(c.want), func(id string) bool {
			rule, _ := RuleOf(id)
			return slices.Contains(skip, rule.Standard)
		})
		if diff := cmp.Diff(want, idsOf(got[i])); diff != "" {
			t.Errorf("%s (-want +got)\n%s%s\n%s", c.domain, diff, messages(got[i]), c.records)
		}
	}
}

// Every rule that records can break has a domain that does, but for those that
// other tests are about.
func TestZonesHaveEveryRule(t *testing.T) {
	t.Parallel()
	elsewhere := []string{
		"mx-invalid-domain", "spf-too-large", // no zone can hold the first, none should hold the second
		"dane-bogus", "dane-insecure", "dane-mx-insecure",
		"bimi-certificate-expired", "bimi-certificate-expires", "bimi-certificate-domain",
	}
	cases, _ := readZones(t)
	for _, rule := range Rules() {
		has := func(c zoneCase) bool { return slices.Contains(c.want, rule.ID) }
		switch {
		case rule.Severity == SeverityUnknown, rule.Severity == SeverityOK, slices.Contains(elsewhere, rule.ID),
			slices.Contains([]Standard{StandardDNSSEC, StandardDNSBL, StandardPolicy}, rule.Standard):
		case !slices.ContainsFunc(cases, has):
			t.Errorf("no domain in %s has %s", zoneFiles, rule.ID)
		}
	}
}

// dial returns a resolver that asks a name server and remembers nothing.
func dial(t *testing.T, addr string) *delivery.Client {
	t.Helper()
	server, err := delivery.ParseDNSServer(addr)
	if err != nil {
		t.Fatal(err)
	}
	client, err := delivery.NewClient(delivery.ClientOptions{Servers: []delivery.DNSServer{server}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// idsOf returns the ids of what is not as it should be, sorted, each once.
func idsOf(findings []Finding) []string {
	ids := []string{}
	for _, f := range findings {
		if f.Severity != SeverityOK {
			ids = append(ids, f.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func messages(findings []Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s %s: %s: %s\n", f.Severity, f.ID, f.Subject, f.Message)
	}
	return b.String()
}
