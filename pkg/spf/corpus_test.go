package spf_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/testkit/spfsuite"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/spf"
)

// A silence is a resolver that cannot tell what the suite says times out.
type silence struct {
	delivery.Resolver
	silent map[string][]uint16
}

var errSilence = errors.New("no answer in time")

func (s silence) Lookup(ctx context.Context, name string, qtype uint16) delivery.Answer {
	if slices.Contains(s.silent[name], qtype) {
		return delivery.Answer{Name: name, Type: qtype, Status: delivery.LookupUnknown, Cause: delivery.CauseTimeout, Err: errSilence}
	}
	return s.Resolver.Lookup(ctx, name, qtype)
}

// runCorpus checks every test of the suite with the resolver made for its zone.
func runCorpus(t *testing.T, resolver func(*testing.T, spfsuite.Scenario) delivery.Resolver) {
	for _, s := range spfsuite.Read(t) {
		r := resolver(t, s)
		for _, test := range s.Tests {
			t.Run(s.Name+"/"+test.Name, func(t *testing.T) {
				got := spf.Check(t.Context(), r, spf.Query{
					IP: netip.MustParseAddr(test.Host), MailFrom: test.MailFrom, Helo: test.Helo,
				})
				test.Judge(t, string(got.Status), got.Explanation)
				if (got.Err != nil) != slices.Contains([]spf.Status{spf.None, spf.TempError, spf.PermError}, got.Status) {
					t.Errorf("%s with error %v", got.Status, got.Err)
				}
			})
		}
	}
}

func TestCorpus(t *testing.T) {
	runCorpus(t, func(t *testing.T, s spfsuite.Scenario) delivery.Resolver {
		z, err := delivery.ParseZone(strings.NewReader(s.Zone), "rfc7208")
		if err != nil {
			t.Fatal(err)
		}
		return silence{z, s.Silent}
	})
}

func TestCorpusThroughNameServer(t *testing.T) {
	runCorpus(t, func(t *testing.T, s spfsuite.Scenario) delivery.Resolver {
		address, err := delivery.ParseDNSServer(s.Serve(t).Addr)
		if err != nil {
			t.Fatal(err)
		}
		client, err := delivery.NewClient(delivery.ClientOptions{Servers: []delivery.DNSServer{address}, Timeout: 100 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := client.Close(); err != nil {
				t.Error(err)
			}
		})
		return client
	})
}
