package spf

import (
	"math/big"
	"net/netip"
	"slices"
)

// An addrSet is a set of addresses of both families: ranges in order, IPv4 first,
// that neither overlap nor touch.
type addrSet []addrRange

// An addrRange holds both its ends, which are of one family.
type addrRange struct{ from, to netip.Addr }

// everyone is what "all" matches.
func everyone() addrSet {
	return newAddrSet(netip.PrefixFrom(netip.IPv4Unspecified(), 0), netip.PrefixFrom(netip.IPv6Unspecified(), 0))
}

func newAddrSet(prefixes ...netip.Prefix) addrSet {
	ranges := make(addrSet, 0, len(prefixes))
	for _, p := range prefixes {
		ranges = append(ranges, addrRange{p.Masked().Addr(), lastAddr(p)})
	}
	slices.SortFunc(ranges, func(a, b addrRange) int { return a.from.Compare(b.from) })
	joined := ranges[:0]
	for _, r := range ranges {
		joined = joined.extend(r)
	}
	return joined
}

// lastAddr is the highest address of a network.
func lastAddr(p netip.Prefix) netip.Addr {
	octets := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(octets)*8; bit++ {
		octets[bit/8] |= 0x80 >> (bit % 8)
	}
	last, _ := netip.AddrFromSlice(octets)
	return last
}

// touches reports whether a range that does not begin before this one overlaps
// it or follows it immediately.
func (r addrRange) touches(next addrRange) bool {
	if r.from.BitLen() != next.from.BitLen() {
		return false
	}
	after := r.to.Next() // the zero Addr behind the last one
	return !after.IsValid() || next.from.Compare(after) <= 0
}

func (s addrSet) union(other addrSet) addrSet {
	if len(s) == 0 {
		return other
	}
	both := make(addrSet, 0, len(s)+len(other))
	for i, j := 0, 0; i < len(s) || j < len(other); {
		if j == len(other) || i < len(s) && s[i].from.Less(other[j].from) {
			both, i = both.extend(s[i]), i+1
		} else {
			both, j = both.extend(other[j]), j+1
		}
	}
	return both
}

// extend adds a range that does not begin before the last one.
func (s addrSet) extend(r addrRange) addrSet {
	n := len(s)
	if n == 0 || !s[n-1].touches(r) {
		return append(s, r)
	}
	if s[n-1].to.Less(r.to) {
		s[n-1].to = r.to
	}
	return s
}

// minus returns what is in s and not in other.
func (s addrSet) minus(other addrSet) addrSet {
	var left addrSet
	for _, r := range s {
		from := r.from
		for i := other.firstEndingAt(from); i < len(other) && from.IsValid(); i++ {
			o := other[i]
			if r.to.Less(o.from) {
				break
			}
			if from.Less(o.from) {
				left = append(left, addrRange{from, o.from.Prev()})
			}
			from = o.to.Next()
			if r.to.Less(from) {
				from = netip.Addr{}
			}
		}
		if from.IsValid() {
			left = append(left, addrRange{from, r.to})
		}
	}
	return left
}

// firstEndingAt is the index of the first range that ends at an address or later.
func (s addrSet) firstEndingAt(addr netip.Addr) int {
	i, _ := slices.BinarySearchFunc(s, addr, func(r addrRange, a netip.Addr) int { return r.to.Compare(a) })
	return i
}

// covers reports whether all of other is in s.
func (s addrSet) covers(other addrSet) bool {
	for _, r := range other {
		i := s.firstEndingAt(r.from)
		if i == len(s) || r.from.Less(s[i].from) || s[i].to.Less(r.to) {
			return false
		}
	}
	return true
}

// prefixes writes the set as the fewest networks.
func (s addrSet) prefixes() []netip.Prefix {
	var prefixes []netip.Prefix
	for _, r := range s {
		for from := r.from; from.IsValid() && !r.to.Less(from); {
			p := widest(from, r.to)
			prefixes = append(prefixes, p)
			from = lastAddr(p).Next()
		}
	}
	return prefixes
}

// widest is the largest network that begins at an address and does not go beyond
// another.
func widest(from, to netip.Addr) netip.Prefix {
	p := netip.PrefixFrom(from, from.BitLen())
	for p.Bits() > 0 {
		wider := netip.PrefixFrom(from, p.Bits()-1)
		if wider.Masked().Addr() != from || to.Less(lastAddr(wider)) {
			break
		}
		p = wider
	}
	return p
}

// count returns the number of addresses of one family.
func (s addrSet) count(bits int) *big.Int {
	total := new(big.Int)
	for _, r := range s {
		if r.from.BitLen() == bits {
			from, to := new(big.Int).SetBytes(r.from.AsSlice()), new(big.Int).SetBytes(r.to.AsSlice())
			total.Add(total, to.Sub(to, from)).Add(total, big.NewInt(1))
		}
	}
	return total
}
