package spf

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// dualCIDR reads the CIDR lengths at the end of an argument of a and mx, and
// returns what stands before them.
//
//	dual-cidr-length = [ ip4-cidr-length ] [ "/" ip6-cidr-length ]
func (t *Term) dualCIDR(argument string) (string, error) {
	var err error
	if before, digits, ok := cutDigits(argument); ok && strings.HasSuffix(before, "//") {
		if t.Bits6, err = parseBits(digits, 128); err != nil {
			return "", err
		}
		argument = strings.TrimSuffix(before, "//")
	}
	if before, digits, ok := cutDigits(argument); ok && strings.HasSuffix(before, "/") {
		if t.Bits4, err = parseBits(digits, 32); err != nil {
			return "", err
		}
		argument = strings.TrimSuffix(before, "/")
	}
	return argument, nil
}

// cutDigits separates the digits at the end of a text.
func cutDigits(text string) (before, digits string, ok bool) {
	before = strings.TrimRight(text, "0123456789")
	return before, text[len(before):], len(before) < len(text)
}

// parseBits reads a CIDR length, which has no leading zeros (§5.6, as the ABNF of
// its networks).
func parseBits(digits string, most int) (int, error) {
	if len(digits) > 1 && digits[0] == '0' {
		return 0, fmt.Errorf("the length /%s begins with a zero", shorten(digits))
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n > most {
		return 0, fmt.Errorf("the length /%s is over %d", shorten(digits), most)
	}
	return n, nil
}

func parseNetwork(kind Kind, argument string) (netip.Prefix, error) {
	text, ok := strings.CutPrefix(argument, ":")
	if !ok || text == "" {
		return netip.Prefix{}, errors.New("the address is missing")
	}
	address, length, hasLength := strings.Cut(text, "/")
	addr, err := netip.ParseAddr(address)
	if err != nil || addr.Zone() != "" || addr.Is4() != (kind == KindIP4) {
		return netip.Prefix{}, fmt.Errorf("%q is not an IPv%c address", shorten(address), kind[2])
	}
	bits := addr.BitLen()
	if hasLength {
		if strings.Trim(length, "0123456789") != "" || length == "" {
			return netip.Prefix{}, fmt.Errorf("%q is not a length", shorten(length))
		}
		if bits, err = parseBits(length, bits); err != nil {
			return netip.Prefix{}, err
		}
	}
	return netip.PrefixFrom(addr, bits), nil
}

// optionalDomain reads what may stand behind a, mx and ptr.
func optionalDomain(argument string) (Macro, error) {
	if argument == "" {
		return Macro{}, nil
	}
	spec, ok := strings.CutPrefix(argument, ":")
	if !ok {
		return Macro{}, fmt.Errorf("%q is not a CIDR length that may stand here", shorten(argument))
	}
	return parseDomainSpec(spec)
}

// parseDomainSpec reads a domain-spec (§7.1): a macro-string that ends in a macro
// or in a dot and a top label.
func parseDomainSpec(text string) (Macro, error) {
	if text == "" {
		return Macro{}, errors.New("the domain is missing")
	}
	m, err := parseMacro(text, inDomain, false)
	if err != nil {
		return Macro{}, err
	}
	last := m.parts[len(m.parts)-1]
	if last.letter != 0 || last.escape {
		return m, nil
	}
	end := strings.TrimSuffix(last.literal, ".")
	dot := strings.LastIndexByte(end, '.')
	if dot < 0 {
		return Macro{}, fmt.Errorf("%q is not a whole domain name", shorten(text))
	}
	if top := end[dot+1:]; !isTopLabel(top) {
		return Macro{}, fmt.Errorf("%q cannot be the last part of a domain name", shorten(top))
	}
	return m, nil
}

// isTopLabel reports whether a label consists of letters, digits and inner
// hyphens and is not a number (toplabel).
func isTopLabel(label string) bool {
	if label == "" || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	number := true
	for i := range len(label) {
		c := label[i]
		if !isAlpha(c) && !isDigit(c) && c != '-' {
			return false
		}
		number = number && isDigit(c)
	}
	return !number
}
