package spf_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/spf"
)

const walkZone = `
example.com. TXT "v=spf1 a:one.example.com include:inc.example.com mx exists:%{i}.x.example.com redirect=next.example.com"
example.com. TXT "some-verification=1234"
example.com. TXT " v=spf1 include:old.example.com"
example.com. SPF "v=spf1 -all"
example.com. MX 10 mx.example.com.
one.example.com. A 192.0.2.1
mx.example.com. A 192.0.2.2
mx.example.com. AAAA 2001:db8::2
inc.example.com. TXT "v=spf1 ip4:198.51.100.0/24 -ip4:198.51.100.77 include:deep.example.com ~all"
deep.example.com. TXT "v=spf1 -ip4:203.0.113.7 ip4:203.0.113.0/28 a:gone.example.com -all ip4:192.0.2.0/24"
next.example.com. TXT "v=spf1 ip6:2001:db8:1::/48 ~all"
`

func TestWalk(t *testing.T) {
	tree := spf.Walk(t.Context(), zone(t, walkZone), "Example.com.")
	want := `example.com: 7 of 10 look-ups
├─ a:one.example.com (1) 192.0.2.1
├─ include:inc.example.com (3)
│  ├─ ip4:198.51.100.0/24
│  ├─ -ip4:198.51.100.77
│  ├─ include:deep.example.com (2)
│  │  ├─ -ip4:203.0.113.7
│  │  ├─ ip4:203.0.113.0/28
│  │  ├─ a:gone.example.com (1)
│  │  ├─ -all
│  │  └─ ip4:192.0.2.0/24
│  └─ ~all
├─ mx (1) 192.0.2.2, 2001:db8::2
├─ exists:%{i}.x.example.com (1)
└─ redirect=next.example.com (1)
   ├─ ip6:2001:db8:1::/48
   └─ ~all
`
	if diff := cmp.Diff(want, tree.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if tree.Cost != (spf.Cost{Lookups: 7, Void4: 1, Void6: 2}) || tree.Cost.ExceedsLookups() || tree.Cost.ExceedsVoid() {
		t.Errorf("cost: %+v", tree.Cost)
	}
	if tree.Default != spf.SoftFail || tree.Incomplete || tree.Err != nil {
		t.Errorf("default %s, incomplete %t, %v", tree.Default, tree.Incomplete, tree.Err)
	}
	if diff := cmp.Diff([]string{"v=spf1 -all"}, tree.Retired); diff != "" {
		t.Errorf("retired: %s", diff)
	}
	if diff := cmp.Diff([]string{" v=spf1 include:old.example.com"}, tree.Similar); diff != "" {
		t.Errorf("similar: %s", diff)
	}
	if tree.Size.Record != 103 || tree.Size.Combined != 11+103+22+31 || tree.Size.Message != 12+17+3*13+103+22+31 {
		t.Errorf("size: %+v", tree.Size)
	}
	networks, exact := tree.Networks(spf.Pass)
	if diff := cmp.Diff("[192.0.2.1/32 192.0.2.2/32 198.51.100.0/24 203.0.113.0/30 203.0.113.4/31 203.0.113.6/32 203.0.113.8/29 2001:db8::2/128 2001:db8:1::/48]", fmt.Sprint(networks)); diff != "" || exact {
		t.Errorf("networks, exact %t: %s", exact, diff)
	}
	if v4, v6 := tree.Senders(); v4.Int64() != 1+1+256+15 || v6.BitLen() != 81 {
		t.Errorf("%s and %s addresses", v4, v6)
	}
	var domains []string
	tree.All(func(path []string, _ *spf.Tree) { domains = append(domains, strings.Join(path, " ")) })
	if diff := cmp.Diff([]string{"example.com", "example.com inc.example.com", "example.com inc.example.com deep.example.com", "example.com next.example.com"}, domains); diff != "" {
		t.Errorf("domains: %s", diff)
	}
	deep := tree.Branches[1].Below.Branches[2].Below
	if !deep.Branches[3].Reached || deep.Branches[4].Reached {
		t.Error("what is behind all is not reached")
	}
}

func TestWalkRedundant(t *testing.T) {
	tests := []struct {
		record string
		want   string // for each term: ".", the index of what covers it, or "*" for several
	}{
		{"ip4:192.0.2.0/24 ip4:192.0.2.1 -all", ". 0 ."},
		{"ip4:192.0.2.1 ip4:192.0.2.0/24 -all", "1 . ."},
		{"ip4:192.0.2.1 -ip4:192.0.2.2 ip4:192.0.2.0/24 -all", ". . . ."},
		{"-ip4:192.0.2.0/24 ip4:192.0.2.7 -all", ". 0 ."},
		{"ip4:192.0.2.1 ip4:192.0.2.1 -all", ". 0 ."},
		{"ip4:192.0.2.0/25 ip4:192.0.2.128/25 ip4:192.0.2.0/24 -all", "2 2 * ."},
		{"ip4:192.0.2.0/25 exists:%{i}.x.example.com ip4:192.0.2.0/24 -all", ". . . ."},
		{"include:inc.example.com ip4:198.51.100.9 a:one.example.com -all", ". 0 . ."},
		{"a:gone.example.com a:gone.example.com -all", ". . ."},
	}
	for _, tt := range tests {
		z := zone(t, strings.ReplaceAll(walkZone, "example.com. TXT \"v=spf1 a:one", "unused. TXT \"v=spf1 a:one")+`test.example.com. TXT "v=spf1 `+tt.record+"\"\n")
		tree := spf.Walk(t.Context(), z, "test.example.com")
		var got []string
		for _, b := range tree.Branches {
			switch {
			case !b.Redundant:
				got = append(got, ".")
			case b.By < 0:
				got = append(got, "*")
			default:
				got = append(got, strconv.Itoa(b.By))
			}
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %s", tt.record, diff)
		}
	}
}

func TestWalkErrors(t *testing.T) {
	var wide strings.Builder
	for i := range 11 {
		fmt.Fprintf(&wide, "wide.example. MX %d m%d.example.\n", i, i)
	}
	z := silence{zone(t, wide.String()+`
none.example. TXT "hello"
two.example. TXT "v=spf1 -all"
two.example. TXT "v=spf1 ~all"
syntax.example. TXT "v=spf1 include:two.example a: -all"
manymx.example. TXT "v=spf1 mx:wide.example -all"
loop.example. TXT "v=spf1 include:pool.example -all"
pool.example. TXT "v=spf1 include:loop.example -all"
dark.example. TXT "v=spf1 a:host.example include:silent.example -all"
null.example. TXT "v=spf1 mx -all"
null.example. MX 0 .
names.example. TXT "v=spf1 exists:%{p}.x.example ptr exists:%{p}.y.example -all"
odd.example. TXT "v=spf1 a:a..example -all"
`), map[string][]uint16{"silent.example": {delivery.TypeTXT}, "host.example": {delivery.TypeA}}}
	tests := []struct {
		domain     string
		err        error // of the tree
		branch     error // of its first branch
		lookups    int
		void       int
		incomplete bool
	}{
		{"a..example", spf.ErrNoDomain, nil, 0, 0, false},
		{"none.example", spf.ErrNoRecord, nil, 0, 0, false},
		{"missing.example", spf.ErrNoRecord, nil, 0, 0, false},
		{"two.example", spf.ErrSeveralRecords, nil, 0, 0, false},
		{"silent.example", spf.ErrLookup, nil, 0, 0, true},
		{"syntax.example", spf.ErrSyntax, spf.ErrSeveralRecords, 1, 0, false},
		{"manymx.example", nil, spf.ErrTooManyMX, 1, 0, false},
		{"loop.example", nil, nil, 12, 0, false},
		{"dark.example", nil, spf.ErrLookup, 2, 0, true},
		{"null.example", nil, nil, 1, 0, false},
		{"names.example", nil, nil, 4, 0, false},
		{"odd.example", nil, spf.ErrNoDomain, 1, 0, false},
	}
	for _, tt := range tests {
		tree := spf.Walk(t.Context(), z, tt.domain)
		if !errors.Is(tree.Err, tt.err) || tree.Cost.Lookups != tt.lookups || tree.Cost.Void4 != tt.void || tree.Incomplete != tt.incomplete {
			t.Errorf("%s: got %v, %+v, incomplete %t; want %v, %d, %d, %t", tt.domain, tree.Err, tree.Cost, tree.Incomplete, tt.err, tt.lookups, tt.void, tt.incomplete)
		}
		if tt.branch != nil && !errors.Is(tree.Branches[0].Err, tt.branch) {
			t.Errorf("%s: got branch error %v, want %v", tt.domain, tree.Branches[0].Err, tt.branch)
		}
	}
}

// TestWalkIsBounded walks trees that grow with every record.
func TestWalkIsBounded(t *testing.T) {
	var b strings.Builder
	for i := range 30 {
		fmt.Fprintf(&b, "d%d.example. TXT \"v=spf1\"", i)
		for range 40 {
			fmt.Fprintf(&b, " \" include:d%d.example include:d%d.example\"", i+1, i+2)
		}
		b.WriteString("\n")
	}
	b.WriteString("many.example. TXT \"v=spf1\"")
	for i := range 1900 {
		fmt.Fprintf(&b, " \" a:h%d.example ip4:%d.%d.0.0/24\"", i, i%200+1, i/200)
	}
	counter := &counting{Resolver: zone(t, b.String())}
	for _, domain := range []string{"d0.example", "many.example"} {
		counter.n.Store(0)
		started := time.Now()
		tree := spf.Walk(t.Context(), counter, domain)
		if !tree.Incomplete || !tree.Cost.ExceedsLookups() || counter.n.Load() > 500 {
			t.Errorf("%s: incomplete %t, %+v after %d questions", domain, tree.Incomplete, tree.Cost, counter.n.Load())
		}
		if took := time.Since(started); took > 20*time.Second {
			t.Errorf("%s: took %s", domain, took)
		}
	}
}

// A counting resolver counts questions.
type counting struct {
	delivery.Resolver
	n atomic.Int32
}

func (c *counting) Lookup(ctx context.Context, name string, qtype uint16) delivery.Answer {
	c.n.Add(1)
	return c.Resolver.Lookup(ctx, name, qtype)
}

// TestWalkTakesNoMoreWavesThanNeeded: the records one below the other, and then
// the mail exchanger of the last one and its addresses.
func TestWalkTakesNoMoreWavesThanNeeded(t *testing.T) {
	server := testkit.NewDNS(t, `
example.com. TXT "v=spf1 include:one.example.com a mx include:three.example.com -all"
example.com. A 192.0.2.1
example.com. MX 10 mx.example.com.
mx.example.com. A 192.0.2.2
one.example.com. TXT "v=spf1 include:two.example.com -all"
two.example.com. TXT "v=spf1 include:three.example.com -all"
three.example.com. TXT "v=spf1 mx -all"
three.example.com. MX 10 mx.example.com.
`)
	address, err := delivery.ParseDNSServer(server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	client, err := delivery.NewClient(delivery.ClientOptions{Servers: []delivery.DNSServer{address}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, rounds := delivery.CountRounds(t.Context())
	if tree := spf.Walk(ctx, client, "example.com"); tree.Err != nil || tree.Incomplete || tree.Cost.Lookups != 8 {
		t.Errorf("got %v, %+v", tree.Err, tree.Cost)
	}
	asked := server.Asked()
	if slices.Sort(asked); len(asked) != len(slices.Compact(asked)) {
		t.Errorf("asked more than once: %q", asked)
	}
	if rounds.Waves() != 3 {
		t.Errorf("%d waves for %d queries, want 3", rounds.Waves(), rounds.Queries())
	}
}

// randomZone makes a policy of networks, hosts, includes and redirects.
func randomZone(random *rand.Rand) string {
	var b strings.Builder
	qualifiers := []string{"", "", "", "-", "~", "?"}
	for i := range 6 {
		fmt.Fprintf(&b, "h%d.example. A 192.0.2.%d\n", i, random.IntN(32))
		fmt.Fprintf(&b, "h%d.example. AAAA 2001:db8::%x\n", i, random.IntN(32))
		fmt.Fprintf(&b, "m%d.example. MX 10 h%d.example.\n", i, random.IntN(6))
		var terms []string
		for range 1 + random.IntN(4) {
			terms = append(terms, qualifiers[random.IntN(len(qualifiers))]+randomTerm(random, i))
		}
		switch random.IntN(4) {
		case 0:
			if i < 5 {
				terms = append(terms, fmt.Sprintf("redirect=d%d.example", i+1))
			}
		case 1, 2:
			terms = append(terms, []string{"-all", "~all", "+all", "?all"}[random.IntN(4)])
		}
		fmt.Fprintf(&b, "d%d.example. TXT \"v=spf1 %s\"\n", i, strings.Join(terms, " "))
	}
	return b.String()
}

func randomTerm(random *rand.Rand, i int) string {
	switch kind := random.IntN(6); {
	case kind == 0 && i < 5:
		return fmt.Sprintf("include:d%d.example", i+1+random.IntN(min(2, 5-i)))
	case kind == 1:
		return fmt.Sprintf("a:h%d.example/%d//%d", random.IntN(6), 28+random.IntN(5), 124+random.IntN(5))
	case kind == 2:
		return fmt.Sprintf("mx:m%d.example", random.IntN(6))
	case kind == 3:
		return fmt.Sprintf("ip6:2001:db8::%x/%d", random.IntN(32), 124+random.IntN(5))
	default:
		return fmt.Sprintf("ip4:192.0.2.%d/%d", random.IntN(32), 28+random.IntN(5))
	}
}

// TestWalkAgreesWithCheck: the networks of a tree, and a flattened record, decide
// about every client as a check does; terms that are redundant can be left out.
func TestWalkAgreesWithCheck(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 208))
	for range 100 {
		text := randomZone(random)
		z := zone(t, text)
		tree := spf.Walk(t.Context(), z, "d0.example")
		if tree.Err != nil || tree.Cost.ExceedsLookups() {
			continue
		}
		published, err := spf.Flatten(tree)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		variants := map[string]delivery.Resolver{
			"flat":  published2zone(t, published),
			"terse": zone(t, withoutRedundant(text, tree)),
		}
		for i := range 64 {
			ip := netip.AddrFrom4([4]byte{192, 0, 2, byte(i / 2)})
			if i%2 == 1 {
				ip = netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i/2))
			}
			checked := spf.Check(t.Context(), z, spf.Query{IP: ip, MailFrom: "user@d0.example"})
			if checked.Lookups > tree.Cost.Lookups {
				t.Fatalf("%s costs %d lookups, at most %d in\n%s", ip, checked.Lookups, tree.Cost.Lookups, text)
			}
			if got := statusIn(tree, ip); got != checked.Status {
				t.Fatalf("%s: the tree says %s, check says %s in\n%s", ip, got, checked.Status, text)
			}
			for name, r := range variants {
				if got := spf.Check(t.Context(), r, spf.Query{IP: ip, MailFrom: "user@d0.example"}); got.Status != checked.Status {
					t.Fatalf("%s: %s says %s (%v), check says %s in\n%s%v", ip, name, got.Status, got.Err, checked.Status, text, published)
				}
			}
		}
	}
}

// statusIn is what the networks of a tree say about an address.
func statusIn(tree *spf.Tree, ip netip.Addr) spf.Status {
	for _, status := range []spf.Status{spf.Pass, spf.Fail, spf.SoftFail, spf.Neutral} {
		networks, _ := tree.Networks(status)
		for _, n := range networks {
			if n.Contains(ip) {
				return status
			}
		}
	}
	return tree.Default
}

func published2zone(t *testing.T, published []spf.Published) delivery.Resolver {
	t.Helper()
	var b strings.Builder
	for _, p := range published {
		b.WriteString(p.ZoneLine() + "\n")
	}
	return zone(t, b.String())
}

// withoutRedundant leaves the first redundant term out.
func withoutRedundant(text string, tree *spf.Tree) string {
	for i, b := range tree.Branches {
		if b.Redundant {
			terms := strings.Fields(tree.Record.Text)
			return strings.Replace(text, tree.Record.Text, strings.Join(slices.Delete(terms, i+1, i+2), " "), 1)
		}
	}
	return text
}

func TestFlatten(t *testing.T) {
	z := zone(t, strings.Replace(walkZone, `example.com. TXT "some`, `example.com. TXT "v=`, 1))
	published, err := spf.Flatten(spf.Walk(t.Context(), z, "example.com"))
	if err != nil {
		t.Fatal(err)
	}
	want := `example.com. TXT "v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 ip4:198.51.100.0/24 ip4:203.0.113.0/30 ip4:203.0.113.4/31 ip4:203.0.113.6 ip4:203.0.113.8/29 ip6:2001:db8::2 ip6:2001:db8:1::/48 exists:%{i}.x.example.com ~all"`
	if len(published) != 1 || published[0].ZoneLine() != want {
		t.Errorf("got %q, want %q", published, want)
	}
}

func TestFlattenInSeveralRecords(t *testing.T) {
	var b strings.Builder
	b.WriteString("example.com. TXT \"v=spf1 include:big.example -ip4:10.0.0.1 ?all exp=why.example.com\"\nbig.example. TXT \"v=spf1\"")
	for i := range 60 {
		fmt.Fprintf(&b, ` " ip4:192.0.2.%d"`, 2*i)
	}
	z := zone(t, b.String())
	published, err := spf.Flatten(spf.Walk(t.Context(), z, "example.com"))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, p := range published {
		lines = append(lines, p.Text)
		if size := len(p.Name) + len(p.Text); size > spf.MaxCombined {
			t.Errorf("%s has %d octets", p.Name, size)
		}
	}
	if want := "v=spf1 -ip4:10.0.0.1 include:_spf1.example.com include:_spf2.example.com include:_spf3.example.com exp=why.example.com ?all"; lines[0] != want || len(lines) != 4 {
		t.Errorf("got %q", lines)
	}
	r := published2zone(t, published)
	for ip, want := range map[string]spf.Status{"192.0.2.0": spf.Pass, "192.0.2.118": spf.Pass, "192.0.2.1": spf.Neutral, "10.0.0.1": spf.Fail} {
		if got := check(t, r, ip, "user@example.com"); got.Status != want {
			t.Errorf("%s: got %s, %v; want %s", ip, got.Status, got.Err, want)
		}
	}
}

func TestCannotFlatten(t *testing.T) {
	var b strings.Builder
	b.WriteString("huge.example. TXT \"v=spf1\"")
	for i := range 400 {
		fmt.Fprintf(&b, ` " ip4:10.%d.%d.1"`, i/100, i%100)
	}
	z := silence{zone(t, b.String()+`
none.example. TXT "x"
dark.example. TXT "v=spf1 include:silent.example -all"
order.example. TXT "v=spf1 exists:%{i}.x.example -ip4:192.0.2.1 ip4:192.0.2.0/24 ~all"
minus.example. TXT "v=spf1 -exists:%{i}.x.example ip4:192.0.2.0/24 ~all"
inner.example. TXT "v=spf1 include:none.example -all"
deep.example. TXT "v=spf1 include:inner.example ip4:192.0.2.1 -all"
costly.example. TXT "v=spf1 ip4:192.0.2.1`+strings.Repeat(" exists:%{i}.x.example", spf.MaxLookups+1)+` -all"
`), map[string][]uint16{"silent.example": {delivery.TypeTXT}}}
	for _, domain := range []string{"none.example", "dark.example", "order.example", "minus.example", "inner.example", "deep.example", "huge.example", "costly.example"} {
		if published, err := spf.Flatten(spf.Walk(t.Context(), z, domain)); !errors.Is(err, spf.ErrCannotFlatten) {
			t.Errorf("%s: got %v, %v", domain, published, err)
		}
	}
}
