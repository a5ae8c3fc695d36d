package delivery_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/delivery"
)

const mxZone = `
two.example MX 20 b.two.example.
two.example MX 10 a.two.example.
two.example MX 30 a.two.example.
a.two.example A 192.0.2.1
a.two.example AAAA 2001:db8::1
b.two.example CNAME c.two.example.
c.two.example A 192.0.2.2
null.example MX 0 .
both.example MX 0 .
both.example MX 10 a.two.example.
literal.example MX 10 192.0.2.1.
literal.example MX 20 [192.0.2.1].
local.example MX 10 localhost.
dash.example MX 10 -mail.example.
under.example MX 10 mail_1.two.example.
mail_1.two.example A 192.0.2.3
implicit.example A 192.0.2.4
none.example TXT "nothing"
gone.example MX 10 nowhere.example.
`

func TestLookupMX(t *testing.T) {
	r := zonetest.New(t, mxZone)
	tests := []struct {
		domain string
		kind   delivery.MXKind
		null   bool
		hosts  []string // name, problem, addresses
	}{
		{"two.example", delivery.MXExplicit, false, []string{"a.two.example 192.0.2.1 2001:db8::1", "b.two.example 192.0.2.2"}},
		{"TWO.example.", delivery.MXExplicit, false, []string{"a.two.example 192.0.2.1 2001:db8::1", "b.two.example 192.0.2.2"}},
		{"null.example", delivery.MXNull, true, nil},
		{"both.example", delivery.MXExplicit, true, []string{"a.two.example 192.0.2.1 2001:db8::1"}},
		{"literal.example", delivery.MXExplicit, false, []string{"192.0.2.1 address-literal", "[192.0.2.1] address-literal"}},
		{"local.example", delivery.MXExplicit, false, []string{"localhost invalid-name"}},
		{"dash.example", delivery.MXExplicit, false, []string{"-mail.example invalid-name"}},
		{"under.example", delivery.MXExplicit, false, []string{"mail_1.two.example 192.0.2.3"}},
		{"implicit.example", delivery.MXImplicit, false, []string{"implicit.example 192.0.2.4"}},
		{"none.example", delivery.MXNone, false, nil},
		{"gone.example", delivery.MXExplicit, false, []string{"nowhere.example"}},
		{"missing.example", delivery.MXNoSuchDomain, false, nil},
		{"bad..example", delivery.MXUnknown, false, nil},
	}
	for _, test := range tests {
		set := delivery.LookupMX(t.Context(), r, test.domain)
		var hosts []string
		for _, host := range set.Hosts {
			words := []string{host.Name}
			if host.Problem != "" {
				words = append(words, string(host.Problem))
			}
			for _, addr := range host.Addrs() {
				words = append(words, addr.String())
			}
			hosts = append(hosts, strings.Join(words, " "))
		}
		if diff := cmp.Diff(test.hosts, hosts); diff != "" || set.Kind != test.kind || set.Null != test.null {
			t.Errorf("%s: %s, null %t (-want +got)\n%s", test.domain, set.Kind, set.Null, diff)
		}
	}
}

func TestLookupMXPreferences(t *testing.T) {
	set := delivery.LookupMX(t.Context(), zonetest.New(t, mxZone), "two.example")
	if diff := cmp.Diff([]uint16{10, 30}, set.Hosts[0].Preferences); diff != "" {
		t.Error(diff)
	}
	gone := delivery.LookupMX(t.Context(), zonetest.New(t, mxZone), "gone.example")
	if !gone.Hosts[0].Unreachable() || gone.Hosts[0].Unknown() {
		t.Error("nowhere.example has no address, for certain")
	}
}

// A failed look-up is unknown, unless the other family tells enough.
func TestLookupMXUnknown(t *testing.T) {
	fail := func(name string) *zonetest.Resolver {
		return zonetest.New(t, mxZone).Fail(delivery.CauseServFail, name)
	}
	if set := delivery.LookupMX(t.Context(), fail("two.example"), "two.example"); set.Kind != delivery.MXUnknown {
		t.Errorf("the domain: %s", set.Kind)
	}
	set := delivery.LookupMX(t.Context(), fail("a.two.example"), "two.example")
	if !set.Hosts[0].Unknown() || set.Hosts[0].Unreachable() || set.Hosts[1].Unknown() {
		t.Errorf("a host: %+v", set.Hosts)
	}
	if set := delivery.LookupMX(t.Context(), fail("implicit.example"), "implicit.example"); set.Kind != delivery.MXUnknown {
		t.Errorf("the implicit MX: %s", set.Kind)
	}
}

func TestLookupAddressName(t *testing.T) {
	r := zonetest.New(t, `
1.2.0.192.in-addr.arpa PTR mail.example.
mail.example A 192.0.2.1
2.2.0.192.in-addr.arpa PTR other.example.
other.example A 192.0.2.99
4.2.0.192.in-addr.arpa PTR 192-0-2-4.dsl.example.
192-0-2-4.dsl.example A 192.0.2.4
5.2.0.192.in-addr.arpa PTR failing.example.
6.2.0.192.in-addr.arpa PTR host-6-2-0-192.pool.example.
host-6-2-0-192.pool.example A 192.0.2.6
1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR six.example.
six.example AAAA 2001:db8::1
six.example A 192.0.2.50
`).Fail(delivery.CauseTimeout, "failing.example", "7.2.0.192.in-addr.arpa")
	tests := []struct {
		addr    string
		status  delivery.PTRStatus
		generic bool
	}{
		{"192.0.2.1", delivery.PTRConfirmed, false},
		{"::ffff:192.0.2.1", delivery.PTRConfirmed, false},
		{"192.0.2.2", delivery.PTRMismatch, false},
		{"192.0.2.3", delivery.PTRNone, false},
		{"192.0.2.4", delivery.PTRConfirmed, true},
		{"192.0.2.5", delivery.PTRUnknown, false},
		{"192.0.2.6", delivery.PTRConfirmed, true},
		{"192.0.2.7", delivery.PTRUnknown, false},
		{"2001:db8::1", delivery.PTRConfirmed, false},
	}
	for _, test := range tests {
		got := delivery.LookupAddressName(t.Context(), r, netip.MustParseAddr(test.addr))
		if got.Status != test.status || got.Generic() != test.generic {
			t.Errorf("%s: %s, generic %t", test.addr, got.Status, got.Generic())
		}
	}
}
