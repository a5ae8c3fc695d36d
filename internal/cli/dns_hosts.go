package cli

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// hostsFile is where a system keeps the names that it need not ask the DNS for
// (hosts(5)); one without such a file has none.
const hostsFile = "/etc/hosts"

// maxHostsFile bounds what is read of it; some list all advertisers there are.
const maxHostsFile = 16 << 20

// localNames answers for localhost and for the hosts file, and asks another
// resolver for everything else: it finds a host where any program that connects to
// it by name does.
type localNames struct {
	hosts    map[string][]netip.Addr
	loopback netip.Addr
	next     delivery.Resolver
}

// newLocalNames puts localhost and a hosts file in front of a resolver. The family
// is 4, 6, or 0 for any. Servers on this machine mostly listen on one loopback
// address: that of IPv6 is only told to those who want IPv6.
func newLocalNames(next delivery.Resolver, hosts string, family int) *localNames {
	l := &localNames{hosts: map[string][]netip.Addr{}, loopback: netip.AddrFrom4([4]byte{127, 0, 0, 1}), next: next}
	if family == 6 {
		l.loopback = netip.IPv6Loopback()
	}
	for line := range strings.Lines(hosts[:min(len(hosts), maxHostsFile)]) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		addr, err := netip.ParseAddr(fields[0])
		if err != nil || addr.Zone() != "" {
			continue
		}
		for _, name := range fields[1:] {
			if host, err := delivery.DNSName(name); err == nil {
				l.hosts[host] = append(l.hosts[host], addr.Unmap())
			}
		}
	}
	return l
}

// Lookup implements [delivery.Resolver].
func (l *localNames) Lookup(ctx context.Context, name string, qtype uint16) delivery.Answer {
	host, err := delivery.DNSName(name)
	if err != nil {
		return l.next.Lookup(ctx, name, qtype)
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return l.local(ctx, host, qtype, l.loopback) // nobody need be asked (RFC 6761 §6.3)
	}
	addrs, known := l.hosts[host]
	if known && (qtype == delivery.TypeA || qtype == delivery.TypeAAAA) {
		return l.local(ctx, host, qtype, addrs...)
	}
	answer := l.next.Lookup(ctx, host, qtype)
	if known && answer.Status == delivery.LookupNoName {
		return l.local(ctx, host, qtype) // there is such a name, though no such record
	}
	return answer
}

// local answers for a name that has addresses and nothing else.
func (l *localNames) local(ctx context.Context, host string, qtype uint16, addrs ...netip.Addr) delivery.Answer {
	var text strings.Builder
	text.WriteString("$ORIGIN " + host + ".\n@ 300 IN SOA @ nobody.invalid. 1 300 300 300 300\n")
	for _, addr := range addrs {
		kind := "AAAA"
		if addr.Is4() {
			kind = "A"
		}
		fmt.Fprintf(&text, "@ %s %s\n", kind, addr)
	}
	zone, err := delivery.ParseZone(strings.NewReader(text.String()), "hosts file")
	if err != nil {
		return l.next.Lookup(ctx, host, qtype) // a name that no zone file can hold as it is
	}
	return zone.Lookup(ctx, host, qtype)
}

// knowsHosts is the layer of a resolver that finds hosts, for [newResolver]. A
// replay holds what the hosts file said when it was recorded.
func knowsHosts(s settings, family int) dnsLayer {
	return func(next delivery.Resolver) delivery.Resolver {
		if s.ReplayDNS != "" {
			return newLocalNames(next, "", family)
		}
		hosts, err := os.ReadFile(hostsFile)
		if err != nil {
			hosts = nil // who may not read it connects without it, too
		}
		return newLocalNames(next, string(hosts), family)
	}
}
