package spf

import (
	"net/netip"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// mechanismAdvice is about an unknown mechanism of which it cannot be told what its
// writer meant.
func mechanismAdvice(name, argument string) string {
	lower := strings.ToLower(name)
	if strings.Contains(name, ".") && argument == "" {
		return "write include:" + name + " or a:" + name
	}
	if strings.Trim(lower, "al.,;") == "" && strings.HasPrefix(lower, "al") {
		return "write -all or ~all"
	}
	known := []string{"include", "a", "mx", "ip4", "ip6", "exists"}
	if near := delivery.Nearest(lower, known); near != "" && len(lower) > 2 {
		return "write " + near + argument
	}
	return "separate terms with spaces; mechanisms are all, include, a, mx, ip4, ip6 and exists"
}

// domainAdvice is about a mechanism with a wrong argument of which it cannot be told
// what its writer meant.
func domainAdvice(kind Kind, argument string) string {
	switch kind {
	case KindInclude, KindExists, KindRedirect, KindExp:
		if i := strings.IndexByte(argument, '/'); i >= 0 {
			return "take out " + argument[i:]
		}
		if argument == "" {
			return "name a domain, or take the term out"
		}
	case KindA, KindMX:
		before, digits, _ := cutDigits(argument)
		if before = strings.TrimSuffix(before, "/"); strings.Contains(before, "/") && !strings.HasSuffix(before, "/") && digits != "" {
			return "the length for IPv6 has two slashes before it: /24//64"
		}
	case KindIP4, KindIP6:
		return "write an address with all its parts, such as 192.0.2.0/24 or 2001:db8::/32"
	case KindAll, KindPTR, KindReporting, KindUnknown, KindInvalid:
	}
	return ""
}

// networkTerm writes a network as a mechanism.
func networkTerm(p netip.Prefix) string {
	if p.Addr().Is4() {
		return "ip4:" + networkText(p)
	}
	return "ip6:" + networkText(p)
}
