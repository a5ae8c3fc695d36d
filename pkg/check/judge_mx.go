package check

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// judgeMX judges who takes the mail of a domain, and the names of the addresses
// that send for it.
func judgeMX(c *collector, f *facts) any {
	judgeMXKind(c, f)
	hosts := f.mx.Hosts
	if f.mx.Kind == delivery.MXExplicit {
		for i := range hosts {
			judgeExchanger(c, f.mx, &hosts[i])
		}
		judgeFamilies(c, f.mx)
		judgeSameAddress(c, f.mx)
	}
	for _, a := range f.addresses {
		judgeAddress(c, f, a)
	}
	return mxRecords(f)
}

func judgeMXKind(c *collector, f *facts) {
	set := f.mx
	switch set.Kind {
	case delivery.MXUnknown:
		why := set.Answer
		for _, host := range set.Hosts {
			why = firstUnknown(host.V4, host.V6)
		}
		c.add(note{id: "mx-unknown", what: whyUnknown(why)})
	case delivery.MXNoSuchDomain:
		c.add(note{id: "mx-no-such-domain"})
	case delivery.MXNone:
		if !f.parked() {
			c.add(note{id: "mx-none", fix: "publish an MX record that names your mail server, or, if the domain is to take no mail, this one:\n" + nullMXLine(set.Domain)})
		}
	case delivery.MXImplicit:
		if !f.parked() {
			c.add(note{id: "mx-implicit", fix: mxLine(set.Domain, 10, set.Domain), record: raw(set.Hosts[0].V4)})
		}
	case delivery.MXNull:
		judgeNullPreference(c, set)
	case delivery.MXExplicit:
		if set.Null {
			c.add(note{id: "mx-null-with-others", record: raw(set.Answer), fix: mxLines(set, "")})
		}
	}
}

func judgeNullPreference(c *collector, set *delivery.MXSet) {
	if records := set.Answer.MX(); len(records) != 1 || records[0].Preference != 0 {
		c.add(note{id: "mx-null-preference", record: raw(set.Answer), fix: nullMXLine(set.Domain)})
	}
}

// judgeExchanger judges one mail server.
func judgeExchanger(c *collector, set *delivery.MXSet, host *delivery.Exchanger) {
	others := mxLines(set, host.Name)
	switch {
	case host.Problem == delivery.ExchangerAddress:
		c.add(note{id: "mx-address-literal", what: fmt.Sprintf("an MX record holds the IP address %s in place of a name", host.Name), record: raw(set.Answer), fix: literalFix(set, host)})
		return
	case host.Problem != "":
		c.add(note{id: "mx-invalid-host", what: fmt.Sprintf("the MX record names %q, which cannot be a mail server", host.Name), record: raw(set.Answer), fix: orText(others, "name the mail server by its full name:\n"+mxLine(set.Domain, 10, "<mail server>"))})
		return
	case host.Unknown():
		c.add(note{id: "mx-unknown", subject: host.Name, what: whyUnknown(firstUnknown(host.V4, host.V6))})
	case host.Unreachable():
		c.add(note{
			id: "mx-no-such-host", subject: host.Name, what: "the mail server " + host.Name + " has no address", record: raw(set.Answer),
			fix: orText(others, "give it an address, or name another mail server:\n"+addressHole(host.Name)),
		})
	}
	if target := aliasTarget(host.V4, host.V6); target != "" {
		c.add(note{
			id: "mx-alias", subject: host.Name, what: fmt.Sprintf("the MX record names %s, which is an alias for %s", host.Name, target),
			record: raw(set.Answer), fix: renamedMX(set, host.Name, target),
		})
	}
	if len(host.Preferences) > 1 {
		c.add(note{
			id: "mx-duplicate", subject: host.Name, what: fmt.Sprintf("%d MX records name %s", len(host.Preferences), host.Name),
			record: raw(set.Answer), fix: mxLines(set, ""),
		})
	}
	for _, addr := range host.Addrs() {
		if !isPublic(addr) && !c.full(StandardMX) {
			c.add(note{
				id: "mx-private-address", subject: host.Name, what: fmt.Sprintf("the mail server %s has the address %s, which is not reachable from outside", host.Name, addr),
				record: lines(slices.Concat(host.V4.Lines(), host.V6.Lines())...),
				fix:    publicFix(host, addr),
			})
		}
	}
}

func firstUnknown(answers ...delivery.Answer) delivery.Answer {
	for _, a := range answers {
		if a.Unknown() {
			return a
		}
	}
	return delivery.Answer{}
}

func aliasTarget(answers ...delivery.Answer) string {
	for _, a := range answers {
		if len(a.Chain) > 0 {
			return a.Target()
		}
	}
	return ""
}

// isPublic reports whether an address can be reached from anywhere. Addresses for
// documentation are taken for public ones.
func isPublic(addr netip.Addr) bool {
	shared := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10) // RFC 6598
	return addr.IsGlobalUnicast() && !addr.IsPrivate() && !shared.Contains(addr)
}

// judgeFamilies looks for mail servers that those without IPv6 cannot reach.
func judgeFamilies(c *collector, set *delivery.MXSet) {
	v6 := false
	for _, host := range set.Hosts {
		if host.V4.Found() || host.V4.Unknown() || host.Problem != "" {
			return
		}
		v6 = v6 || host.V6.Found()
	}
	if v6 {
		c.add(note{id: "mx-only-ipv6", record: raw(set.Answer), fix: "give one of the mail servers an IPv4 address too:\n" + addressHole(set.Hosts[0].Name)})
	}
}

// judgeSameAddress looks for mail servers that are one and the same.
func judgeSameAddress(c *collector, set *delivery.MXSet) {
	for i := range set.Hosts {
		for j := range i {
			a, b := &set.Hosts[j], &set.Hosts[i]
			same := a.Addrs()
			same = slices.DeleteFunc(same, func(addr netip.Addr) bool { return !slices.Contains(b.Addrs(), addr) })
			if len(same) > 0 && aliasTarget(b.V4, b.V6) == "" {
				c.add(note{
					id: "mx-same-address", subject: b.Name, what: fmt.Sprintf("the mail servers %s and %s both have the address %s", a.Name, b.Name, same[0]),
					record: raw(set.Answer), fix: mxLines(set, b.Name),
				})
				break
			}
		}
	}
}

func mxRecords(f *facts) MXRecords {
	r := MXRecords{Kind: f.mx.Kind, Records: f.mx.Answer.Lines()}
	for _, host := range f.mx.Hosts {
		r.Hosts = append(r.Hosts, MXHost{
			Name: host.Name, Preference: host.Preferences[0], Addresses: host.Addrs(),
			Alias: aliasTarget(host.V4, host.V6), Unknown: host.Unknown(),
		})
	}
	for _, a := range f.addresses {
		s := SendingAddress{Address: a.Addr, Status: a.Status, Names: a.PTR.Names()}
		for _, name := range a.Names {
			if name.Confirmed {
				s.Confirmed = append(s.Confirmed, name.Name)
			}
		}
		r.Addresses = append(r.Addresses, s)
	}
	return r
}
