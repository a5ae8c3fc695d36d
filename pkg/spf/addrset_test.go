package spf

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func prefixes(texts ...string) []netip.Prefix {
	var list []netip.Prefix
	for _, text := range texts {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

func TestAddrSet(t *testing.T) {
	tests := []struct {
		name string
		got  addrSet
		want []string
	}{
		{"joined", newAddrSet(prefixes("192.0.2.128/25", "192.0.2.0/25", "192.0.3.0/24")...), []string{"192.0.2.0/23"}},
		{"apart", newAddrSet(prefixes("2001:db8::/32", "192.0.2.1/32", "192.0.2.3/32")...), []string{"192.0.2.1/32", "192.0.2.3/32", "2001:db8::/32"}},
		{"host bits", newAddrSet(prefixes("192.0.2.77/24")...), []string{"192.0.2.0/24"}},
		{"families never touch", newAddrSet(prefixes("255.255.255.255/32", "::/128")...), []string{"255.255.255.255/32", "::/128"}},
		{"all but one", newAddrSet(prefixes("192.0.2.0/29")...).minus(newAddrSet(prefixes("192.0.2.2/32")...)), []string{"192.0.2.0/31", "192.0.2.3/32", "192.0.2.4/30"}},
		{"nothing left", newAddrSet(prefixes("192.0.2.0/24")...).minus(everyone()), nil},
		{"no IPv4", everyone().minus(newAddrSet(prefixes("0.0.0.0/0")...)), []string{"::/0"}},
		{"no IPv6", everyone().minus(newAddrSet(prefixes("::/0")...)), []string{"0.0.0.0/0"}},
		{"the end", newAddrSet(prefixes("255.255.255.0/24")...).minus(newAddrSet(prefixes("255.255.255.255/32")...)).minus(newAddrSet(prefixes("255.255.255.0/25")...)).minus(newAddrSet(prefixes("255.255.255.192/26")...)), []string{"255.255.255.128/26"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range tt.got.prefixes() {
				got = append(got, p.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if n := everyone().count(32).Int64(); n != 1<<32 {
		t.Errorf("%d IPv4 addresses", n)
	}
	if n := everyone().count(128); n.BitLen() != 129 {
		t.Errorf("%s IPv6 addresses", n)
	}
}

// TestAddrSetAgainstSlowOne compares with sets that list every address.
func TestAddrSetAgainstSlowOne(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		a, slowA := randomSet(random)
		b, slowB := randomSet(random)
		union, left := a.union(b), a.minus(b)
		covered := true
		for i := range 256 {
			addr := netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})
			one := newAddrSet(netip.PrefixFrom(addr, 32))
			if union.covers(one) != (slowA[i] || slowB[i]) || left.covers(one) != (slowA[i] && !slowB[i]) {
				t.Fatalf("%s: %v and %v are %v and %v", addr, a, b, union, left)
			}
			covered = covered && (!slowB[i] || slowA[i])
		}
		if a.covers(b) != covered {
			t.Fatalf("%v covers %v: %t", a, b, !covered)
		}
		if again := newAddrSet(a.prefixes()...); !cmp.Equal(again.prefixes(), a.prefixes(), cmp.Comparer(func(x, y netip.Prefix) bool { return x == y })) {
			t.Fatalf("%v became %v", a, again)
		}
	}
}

func randomSet(random *rand.Rand) (addrSet, [256]bool) {
	var list []netip.Prefix
	var slow [256]bool
	for range random.IntN(6) {
		p := netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(random.IntN(256))}), 25+random.IntN(8))
		list = append(list, p)
		for i := range slow {
			slow[i] = slow[i] || p.Contains(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}))
		}
	}
	return newAddrSet(list...), slow
}
