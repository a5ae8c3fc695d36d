package spf

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// mechanismAdvice is what the writer of an unknown mechanism may have meant.
func mechanismAdvice(name, argument string) string {
	lower := strings.ToLower(name)
	switch {
	case lower == "redirect" || lower == "exp":
		return "write " + lower + "=" + strings.TrimPrefix(argument, ":")
	case lower == "ipv4" || lower == "ip":
		return "write ip4" + argument
	case lower == "ipv6":
		return "write ip6" + argument
	}
	if addr, err := netip.ParseAddr(name + argument); err == nil {
		return "write " + networkTerm(netip.PrefixFrom(addr, addr.BitLen()))
	}
	if prefix, err := netip.ParsePrefix(name + argument); err == nil {
		return "write " + networkTerm(prefix)
	}
	known := []string{"all", "include", "a", "mx", "ip4", "ip6", "exists"}
	if trimmed := strings.TrimRight(lower, ".,;"); trimmed != lower && slices.Contains(known, trimmed) {
		return "write " + trimmed + " without the " + lower[len(trimmed):]
	}
	if strings.Contains(name, ".") && argument == "" {
		return "write include:" + name + " or a:" + name
	}
	if near := delivery.Nearest(lower, known); near != "" && len(lower) > 2 {
		return "write " + near + argument
	}
	return "separate terms with spaces; mechanisms are all, include, a, mx, ip4, ip6 and exists"
}

// domainAdvice is what the writer of a mechanism with a wrong argument may have
// meant.
func domainAdvice(kind Kind, argument string) string {
	if addr, err := netip.ParseAddr(argument); err == nil && kind != KindAll {
		return "write " + networkTerm(netip.PrefixFrom(addr, addr.BitLen())) // a:192.0.2.1 is the mistake made most
	}
	if trimmed := strings.TrimRight(argument, ",;"); trimmed != argument {
		return "take out the " + argument[len(trimmed):] + " at the end: terms are separated by spaces"
	}
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
