package spf_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/spf"
)

// zone makes a resolver of records under a SOA record of the root.
func zone(t testing.TB, records string) *delivery.Zone {
	t.Helper()
	z, err := delivery.ParseZone(strings.NewReader("$TTL 300\n. SOA . . 1 1 1 1 1\n$ORIGIN .\n"+records), "test")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func check(t testing.TB, r delivery.Resolver, ip, mailFrom string) spf.Result {
	t.Helper()
	return spf.Check(t.Context(), r, spf.Query{IP: netip.MustParseAddr(ip), MailFrom: mailFrom, Helo: "mail.example.com"})
}

// appendixA is the zone of RFC 7208 Appendix A.
const appendixA = `
example.com. MX 10 mail-a.example.com.
example.com. MX 20 mail-b.example.com.
example.com. A 192.0.2.10
example.com. A 192.0.2.11
amy.example.com. A 192.0.2.65
bob.example.com. A 192.0.2.66
mail-a.example.com. A 192.0.2.129
mail-b.example.com. A 192.0.2.130
www.example.com. CNAME example.com.
example.org. MX 10 mail-c.example.org.
mail-c.example.org. A 192.0.2.140
10.2.0.192.in-addr.arpa. PTR example.com.
11.2.0.192.in-addr.arpa. PTR example.com.
65.2.0.192.in-addr.arpa. PTR amy.example.com.
66.2.0.192.in-addr.arpa. PTR bob.example.com.
129.2.0.192.in-addr.arpa. PTR mail-a.example.com.
130.2.0.192.in-addr.arpa. PTR mail-b.example.com.
140.2.0.192.in-addr.arpa. PTR mail-c.example.org.
4.0.0.10.in-addr.arpa. PTR bob.example.com.
mary.mobile-users._spf.example.com. A 127.0.0.2
fred.mobile-users._spf.example.com. A 127.0.0.2
15.15.168.192.joel.remote-users._spf.example.com. A 127.0.0.2
`

func TestAppendixA(t *testing.T) {
	tests := []struct {
		record     string
		pass, fail []string
	}{
		{"v=spf1 +all", []string{"192.0.2.1", "2001:db8::1"}, nil},
		{"v=spf1 a -all", []string{"192.0.2.10", "192.0.2.11"}, []string{"192.0.2.65"}},
		{"v=spf1 a:example.org -all", nil, []string{"192.0.2.10", "192.0.2.140"}},
		{"v=spf1 mx -all", []string{"192.0.2.129", "192.0.2.130"}, []string{"192.0.2.10"}},
		{"v=spf1 mx:example.org -all", []string{"192.0.2.140"}, []string{"192.0.2.129"}},
		{"v=spf1 mx mx:example.org -all", []string{"192.0.2.129", "192.0.2.130", "192.0.2.140"}, []string{"192.0.2.10"}},
		{"v=spf1 mx/30 mx:example.org/30 -all", []string{"192.0.2.131", "192.0.2.143"}, []string{"192.0.2.132", "192.0.2.144"}},
		{"v=spf1 ptr -all", []string{"192.0.2.10", "192.0.2.65", "192.0.2.129"}, []string{"192.0.2.140", "10.0.0.4", "192.0.2.200"}},
		{"v=spf1 ip4:192.0.2.128/28 -all", []string{"192.0.2.129", "192.0.2.140"}, []string{"192.0.2.65", "::ffff:192.0.2.65"}},
		{"v=spf1 mx include:mobile-users._spf.%{d} include:remote-users._spf.%{d} -all", []string{"192.0.2.129", "192.168.15.15"}, []string{"192.0.2.10"}},
	}
	for _, tt := range tests {
		z := zone(t, appendixA+"\nexample.com. TXT \""+tt.record+"\"\n"+
			"mobile-users._spf.example.com. TXT \"v=spf1 exists:%{l1r+}.%{d}\"\n"+
			"remote-users._spf.example.com. TXT \"v=spf1 exists:%{ir}.%{l1r+}.%{d}\"\n")
		for _, ip := range tt.pass {
			if r := check(t, z, ip, "joel@example.com"); r.Status != spf.Pass {
				t.Errorf("%q: %s: got %s, %v", tt.record, ip, r.Status, r.Err)
			}
		}
		for _, ip := range tt.fail {
			if r := check(t, z, ip, "joel@example.com"); r.Status != spf.Fail {
				t.Errorf("%q: %s: got %s, %v", tt.record, ip, r.Status, r.Err)
			}
		}
	}
}

func TestCheckErrors(t *testing.T) {
	var wide strings.Builder
	for i := range 11 {
		fmt.Fprintf(&wide, "wide.example. MX %d m%d.example.\n", i, i)
	}
	z := zone(t, wide.String()+`
a.example. A 192.0.2.1
none.example. TXT "hello"
two.example. TXT "v=spf1 -all"
two.example. TXT "v=spf1 ~all"
syntax.example. TXT "v=spf1 ip4:192.0.2.1 a:"
manymx.example. TXT "v=spf1 mx:wide.example -all"
void.example. TXT "v=spf1 a:x1.example a:x2.example a:x3.example -all"
loop.example. TXT "v=spf1 include:loop.example"
self.example. TXT "v=spf1 redirect=self.example"
innone.example. TXT "v=spf1 include:none.example"
renone.example. TXT "v=spf1 redirect=none.example"
badtarget.example. TXT "v=spf1 include:a..example"
badredirect.example. TXT "v=spf1 redirect=a..example"
spin.example. CNAME spin.example.
alias.example. TXT "v=spf1 a:spin.example -all"
deep.example. TXT "v=spf1 include:alias.example -all"
`)
	tests := []struct {
		domain  string
		status  spf.Status
		err     error
		lookups int
		void    int
	}{
		{"missing.example", spf.None, spf.ErrNoRecord, 0, 0},
		{"none.example", spf.None, spf.ErrNoRecord, 0, 0},
		{"[192.0.2.1]", spf.None, spf.ErrNoDomain, 0, 0},
		{"a..example", spf.None, spf.ErrNoDomain, 0, 0},
		{"localhost", spf.None, spf.ErrNoDomain, 0, 0},
		{"two.example", spf.PermError, spf.ErrSeveralRecords, 0, 0},
		{"syntax.example", spf.PermError, spf.ErrSyntax, 0, 0},
		{"manymx.example", spf.PermError, spf.ErrTooManyMX, 1, 0},
		{"void.example", spf.PermError, spf.ErrTooManyVoid, 3, 3},
		{"loop.example", spf.PermError, spf.ErrTooManyLookups, 11, 0},
		{"self.example", spf.PermError, spf.ErrTooManyLookups, 11, 0},
		{"innone.example", spf.PermError, spf.ErrNoRecord, 1, 0},
		{"renone.example", spf.PermError, spf.ErrNoRecord, 1, 0},
		{"badtarget.example", spf.PermError, spf.ErrNoDomain, 1, 0},
		{"badredirect.example", spf.PermError, spf.ErrNoDomain, 1, 0},
		{"alias.example", spf.TempError, spf.ErrLookup, 1, 0},
		{"deep.example", spf.TempError, spf.ErrLookup, 2, 0},
	}
	for _, tt := range tests {
		r := check(t, z, "192.0.2.1", "user@"+tt.domain)
		if r.Status != tt.status || !errors.Is(r.Err, tt.err) || r.Lookups != tt.lookups || r.VoidLookups != tt.void {
			t.Errorf("%s: got %s, %v, %d lookups, %d void; want %s, %v, %d, %d",
				tt.domain, r.Status, r.Err, r.Lookups, r.VoidLookups, tt.status, tt.err, tt.lookups, tt.void)
		}
		if r.Trace[0].Problem == "" {
			t.Errorf("%s: the trace does not tell the problem", tt.domain)
		}
	}
	if r := spf.Check(t.Context(), z, spf.Query{MailFrom: "user@two.example"}); r.Status != spf.None || !errors.Is(r.Err, spf.ErrNoClient) {
		t.Errorf("without an address: got %s, %v", r.Status, r.Err)
	}
}

func TestCheckTrace(t *testing.T) {
	z := zone(t, `
example.com. TXT "v=spf1 a:gone.example.com include:inc.example.com mx redirect=next.example.com"
inc.example.com. TXT "v=spf1 ip4:198.51.100.0/24 ?all"
example.com. MX 10 mx.example.com.
mx.example.com. A 192.0.2.2
next.example.com. TXT "v=spf1 ip4:192.0.2.0/28 ~all exp=why.example.com"
`)
	r := check(t, z, "192.0.2.1", "user@Example.com")
	want := spf.Result{
		Status: spf.Pass, Identity: spf.IdentityMailFrom, Domain: "example.com", Mechanism: "ip4:192.0.2.0/28", Lookups: 4, VoidLookups: 1,
		Trace: []*spf.Visit{
			{
				Domain: "example.com", Status: spf.Pass,
				Record: "v=spf1 a:gone.example.com include:inc.example.com mx redirect=next.example.com",
				Asked:  []spf.Asked{{"example.com", "TXT", delivery.LookupFound, []string{"v=spf1 a:gone.example.com include:inc.example.com mx redirect=next.example.com"}}},
				Steps: []spf.Step{
					{
						Term: "a:gone.example.com", Kind: spf.KindA, Target: "gone.example.com", Outcome: spf.StepNoMatch, Lookups: 1, VoidLookups: 1,
						Asked: []spf.Asked{{"gone.example.com", "A", delivery.LookupNoName, nil}},
					},
					{
						Term: "include:inc.example.com", Kind: spf.KindInclude, Target: "inc.example.com", Outcome: spf.StepNoMatch, Lookups: 1,
						Include: []*spf.Visit{{
							Domain: "inc.example.com", Record: "v=spf1 ip4:198.51.100.0/24 ?all", Status: spf.Neutral,
							Asked: []spf.Asked{{"inc.example.com", "TXT", delivery.LookupFound, []string{"v=spf1 ip4:198.51.100.0/24 ?all"}}},
							Steps: []spf.Step{
								{Term: "ip4:198.51.100.0/24", Kind: spf.KindIP4, Outcome: spf.StepNoMatch},
								{Term: "?all", Kind: spf.KindAll, Outcome: spf.StepMatch},
							},
						}},
					},
					{
						Term: "mx", Kind: spf.KindMX, Target: "example.com", Outcome: spf.StepNoMatch, Lookups: 1,
						Asked: []spf.Asked{{"example.com", "MX", delivery.LookupFound, []string{"mx.example.com"}}, {"mx.example.com", "A", delivery.LookupFound, []string{"192.0.2.2"}}},
					},
					{Term: "redirect=next.example.com", Kind: spf.KindRedirect, Target: "next.example.com", Outcome: spf.StepRedirect, Lookups: 1},
				},
			},
			{
				Domain: "next.example.com", Record: "v=spf1 ip4:192.0.2.0/28 ~all exp=why.example.com", Status: spf.Pass,
				Asked: []spf.Asked{{"next.example.com", "TXT", delivery.LookupFound, []string{"v=spf1 ip4:192.0.2.0/28 ~all exp=why.example.com"}}},
				Steps: []spf.Step{
					{Term: "ip4:192.0.2.0/28", Kind: spf.KindIP4, Outcome: spf.StepMatch},
					{Term: "~all", Kind: spf.KindAll, Outcome: spf.StepNotReached},
				},
			},
		},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestVoidIsCountedOncePerTerm: a host without IPv6 is one void look-up for an
// IPv6 client, however many hosts a term has, and an mx with one host that is
// there is none.
func TestVoidIsCountedOncePerTerm(t *testing.T) {
	z := zone(t, `
example.com. TXT "v=spf1 mx mx:half.example.com -all"
example.com. MX 1 m1.example.com.
example.com. MX 2 m2.example.com.
example.com. MX 3 m3.example.com.
example.com. MX 4 m4.example.com.
half.example.com. MX 1 m1.example.com.
half.example.com. MX 2 m5.example.com.
m1.example.com. A 192.0.2.1
m2.example.com. A 192.0.2.2
m3.example.com. A 192.0.2.3
m5.example.com. AAAA 2001:db8::5
`)
	if r := check(t, z, "2001:db8::1", "user@example.com"); r.Status != spf.Fail || r.VoidLookups != 1 || r.Lookups != 2 {
		t.Errorf("IPv6: got %s, %d void, %d lookups", r.Status, r.VoidLookups, r.Lookups)
	}
	if r := check(t, z, "192.0.2.99", "user@example.com"); r.Status != spf.Fail || r.VoidLookups != 0 {
		t.Errorf("IPv4: got %s, %d void", r.Status, r.VoidLookups)
	}
}

// TestClientNameCountsOnce: asking for the names of the client is a look-up, for
// ptr and %{p} together one.
func TestClientNameCountsOnce(t *testing.T) {
	z := zone(t, `
1.2.0.192.in-addr.arpa. PTR mail.example.com.
mail.example.com. A 192.0.2.1
one.example.com. TXT "v=spf1 exists:%{p}.a.example.com exists:%{p}.b.example.com -all"
two.example.com. TXT "v=spf1 ptr:other.example exists:%{p}.b.example.com -all"
`)
	if r := check(t, z, "192.0.2.1", "user@one.example.com"); r.Status != spf.Fail || r.Lookups != 3 {
		t.Errorf("two %%{p}: got %s, %d lookups", r.Status, r.Lookups)
	}
	if r := check(t, z, "192.0.2.1", "user@two.example.com"); r.Status != spf.Fail || r.Lookups != 2 {
		t.Errorf("ptr and %%{p}: got %s, %d lookups", r.Status, r.Lookups)
	}
}

// TestLocalPartBeyondASCII is RFC 8616 §4.
func TestLocalPartBeyondASCII(t *testing.T) {
	z := zone(t, `
*.users.example.com. A 127.0.0.2
example.com. TXT "v=spf1 -exists:%{l}.users.example.com ?all"
`)
	if r := check(t, z, "192.0.2.1", "ascii@example.com"); r.Status != spf.Fail {
		t.Errorf("ASCII: got %s", r.Status)
	}
	if r := check(t, z, "192.0.2.1", "zoë@example.com"); r.Status != spf.Neutral || r.Lookups != 1 {
		t.Errorf("beyond ASCII: got %s, %d lookups", r.Status, r.Lookups)
	}
}

func TestExplanation(t *testing.T) {
	long := strings.Repeat("%{s}%{s}%{s}%{s}", 60)
	z := zone(t, `
one.example. TXT "v=spf1 -all exp=why.%{d}"
why.one.example. TXT "%{i} is not one of " "%{o}; ask %{r}%_at %{t}"
long.example. TXT "v=spf1 -all exp=why.long.example"
why.long.example. TXT "`+long+`"
control.example. TXT "v=spf1 -all exp=why.control.example"
why.control.example. TXT "two\013lines"
soft.example. TXT "v=spf1 ~all exp=why.one.example"
empty.example. TXT "v=spf1 -all exp=%{l}..example"
`)
	tests := []struct{ domain, want string }{
		{"one.example", "192.0.2.1 is not one of one.example; ask mx.receiver.example at 0"},
		{"long.example", ""},
		{"control.example", ""},
		{"soft.example", ""},
		{"empty.example", ""},
	}
	for _, tt := range tests {
		r := spf.Check(t.Context(), z, spf.Query{
			IP: netip.MustParseAddr("192.0.2.1"), MailFrom: strings.Repeat("l", 200) + "@" + tt.domain, Receiver: "mx.receiver.example",
		})
		if r.Explanation != tt.want {
			t.Errorf("%s: got %q (%s), want %q", tt.domain, r.Explanation, r.Status, tt.want)
		}
	}
}

func TestCheckEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	client, err := delivery.NewClient(delivery.ClientOptions{Servers: []delivery.DNSServer{{Transport: delivery.TransportUDP, Addr: "127.0.0.1:1"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	r := spf.Check(ctx, client, spf.Query{IP: netip.MustParseAddr("192.0.2.1"), MailFrom: "user@example.com"})
	if r.Status != spf.TempError || !errors.Is(r.Err, context.Canceled) {
		t.Errorf("got %s, %v", r.Status, r.Err)
	}
}
