package check

import (
	"net/netip"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// mxLines are the MX records without those of one host and without the null MX.
func mxLines(set *delivery.MXSet, without string) string {
	var kept []string
	for _, host := range set.Hosts {
		if host.Name != without {
			kept = append(kept, mxLine(set.Domain, host.Preferences[0], host.Name))
		}
	}
	return lines(kept...)
}

// renamedMX are the MX records with another name in place of one.
func renamedMX(set *delivery.MXSet, from, to string) string {
	var list []string
	for _, host := range set.Hosts {
		name := host.Name
		if name == from {
			name = to
		}
		list = append(list, mxLine(set.Domain, host.Preferences[0], name))
	}
	return lines(list...)
}

// orText is the fix, or what to do when there is none.
func orText(fix, text string) string {
	if fix == "" {
		return text
	}
	return fix
}

// literalFix gives the address a name.
func literalFix(set *delivery.MXSet, host *delivery.Exchanger) string {
	addr, err := netip.ParseAddr(strings.Trim(host.Name, "[]"))
	if err != nil {
		return ""
	}
	name := "mail." + set.Domain
	renamed := renamedMX(set, host.Name, name)
	return renamed + "\n" + addressLine(name, addr)
}

// publicFix leaves a host the public addresses of a family.
func publicFix(host *delivery.Exchanger, private netip.Addr) string {
	var kept []string
	for _, addr := range host.Addrs() {
		if isPublic(addr) && addr.Is4() == private.Is4() {
			kept = append(kept, addressLine(host.Name, addr))
		}
	}
	switch {
	case kept != nil:
		return lines(kept...)
	case private.Is4():
		return "publish its public address in the place of this one:\n" + addressHole(host.Name)
	}
	return removal(addressLine(host.Name, private))
}

func addressLine(name string, addr netip.Addr) string {
	if addr.Is4() {
		return absolute(name) + " IN A " + addr.String()
	}
	return absolute(name) + " IN AAAA " + addr.String()
}

// addressHole is a record with an address that only the reader knows.
func addressHole(name string) string { return absolute(name) + " IN A <IPv4 address>" }
