package dane

import (
	"context"
	"slices"
	"strconv"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Security is what DNSSEC says about an answer (RFC 4035 §4.3, RFC 7672 §2.1).
type Security string

// The securities.
const (
	Secure          Security = "secure"   // validated
	Insecure        Security = "insecure" // there is no chain of signatures down to it
	Bogus           Security = "bogus"    // there is one, and it is broken
	SecurityUnknown Security = "unknown"  // the look-up failed otherwise
)

// SecurityOf tells the security of an answer by the AD bit.
func SecurityOf(a delivery.Answer) Security {
	switch {
	case a.Cause == delivery.CauseBogus:
		return Bogus
	case a.Unknown():
		return SecurityUnknown
	case a.Secure:
		return Secure
	default:
		return Insecure
	}
}

// A HostStatus is what senders do about a host.
type HostStatus string

// The statuses (RFC 7672 §2.2).
const (
	HostSecured   HostStatus = "secured"    // they require TLS and a certificate that matches
	HostUnusable  HostStatus = "unusable"   // no record can be used: they require TLS with any certificate
	HostNoRecord  HostStatus = "no-record"  // it is proven that there are no records: TLS as without DANE
	HostInsecure  HostStatus = "insecure"   // the host is not under DNSSEC: records, if there are any, do not count
	HostNoAddress HostStatus = "no-address" // it is proven that the host has no address
	HostBogus     HostStatus = "bogus"      // a look-up is bogus: they do not deliver to the host
	HostUnknown   HostStatus = "unknown"    // a look-up failed: they do not deliver to the host for now
)

// A Host is one mail exchanger and its TLSA records.
type Host struct {
	Name   string
	Status HostStatus

	V4, V6 delivery.Answer // its addresses
	// Base is the TLSA base domain (RFC 7672 §2.2.3): the end of the chain of
	// aliases when all of it is secure and there are records, or else Name.
	Base string
	// Lookups are the look-ups for TLSA records, that of Name first.
	Lookups []delivery.Answer
	// Alias is the look-up of the host's own alias, asked for when the chain is not
	// secure to its end; zero otherwise.
	Alias delivery.Answer

	// Records are those at Base. Under HostInsecure they are there, but do not count.
	Records []Record
}

// QueryName is where the records of the host are, "_25._tcp." and the base domain.
func (h *Host) QueryName(port uint16) string { return queryName(h.Base, port) }

func queryName(host string, port uint16) string {
	return "_" + strconv.Itoa(int(port)) + "._tcp." + host
}

// References returns the names of which a certificate must have one when the
// record is a DANE-TA one: the base domain, the name of the host, and the domain
// that the mail is for (RFC 7672 §3.2.2).
func (h *Host) References(domain string) []string {
	names := []string{h.Base}
	for _, name := range []string{h.Name, domain} {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// LookupHost finds the TLSA records of a host (RFC 7672 §2.2.3) in one wave of
// look-ups, or two when the host is an alias.
func LookupHost(ctx context.Context, r delivery.Resolver, host string, port uint16) *Host {
	answers := delivery.LookupAll(ctx, r,
		delivery.Question{Name: host, Type: delivery.TypeA},
		delivery.Question{Name: host, Type: delivery.TypeAAAA},
		delivery.Question{Name: queryName(host, port), Type: delivery.TypeTLSA})
	h := &Host{Name: answers[0].Name, V4: answers[0], V6: answers[1], Lookups: answers[2:]}
	h.Base = h.Name
	address := h.V4
	if !h.V4.Found() && h.V6.Found() {
		address = h.V6
	}
	h.Records = recordsOf(h.Lookups[0])
	switch {
	case h.V4.Absent() && h.V6.Absent():
		h.Status = HostNoAddress
	case !h.V4.Found() && !h.V6.Found():
		h.Status = failed(h.V4, h.V6)
	case len(address.Chain) > 0:
		h.judgeAlias(ctx, r, address, port)
	case !address.Secure:
		h.Status = HostInsecure
	default:
		h.Status = h.judge(h.Lookups[0])
	}
	return h
}

// judgeAlias follows RFC 7672 §2.2.3 for a host that is an alias: the name at its
// end counts first, when the whole chain is secure; then the host's own name,
// when at least its alias is.
func (h *Host) judgeAlias(ctx context.Context, r delivery.Resolver, address delivery.Answer, port uint16) {
	if !address.Secure {
		h.Alias = r.Lookup(ctx, h.Name, delivery.TypeCNAME)
		switch SecurityOf(h.Alias) {
		case Secure:
			h.Status = h.judge(h.Lookups[0])
		case Insecure:
			h.Status = HostInsecure
		default:
			h.Status = failed(h.Alias)
		}
		return
	}
	end := address.Target()
	at := r.Lookup(ctx, queryName(end, port), delivery.TypeTLSA)
	h.Lookups = append(h.Lookups, at)
	switch {
	case at.Unknown():
		h.Base, h.Records, h.Status = end, nil, failed(at)
	case at.Found() && at.Secure:
		h.Base, h.Records = end, recordsOf(at)
		h.Status = h.judge(at)
	default:
		h.Status = h.judge(h.Lookups[0])
	}
}

// judge is the status that a look-up for records leads to, at a host whose name is
// secure.
func (h *Host) judge(tlsa delivery.Answer) HostStatus {
	switch {
	case tlsa.Unknown():
		return failed(tlsa)
	case !tlsa.Secure:
		return HostInsecure // the records may be forged (RFC 7672 §2.2)
	case tlsa.Absent():
		return HostNoRecord
	case slices.ContainsFunc(h.Records, Record.Usable):
		return HostSecured
	default:
		return HostUnusable
	}
}

// failed is the status of look-ups that told nothing.
func failed(answers ...delivery.Answer) HostStatus {
	for _, a := range answers {
		if SecurityOf(a) == Bogus {
			return HostBogus
		}
	}
	return HostUnknown
}

// A Domain is what senders know about the mail exchangers of a domain.
type Domain struct {
	Name string
	MX   delivery.Answer
	// Security is that of MX. Under an insecure one, an attacker can send the mail
	// elsewhere, however good the records of the hosts are (RFC 7672 §2.2.1).
	Security Security
	Hosts    []*Host // in the order of preference; the domain itself when it has no MX records
}

// Discover finds the TLSA records for mail to a domain, for all hosts at once. A
// domain with the null MX has no hosts, and one whose MX records are unknown has
// none either. The error is [delivery.ErrInvalidName].
func Discover(ctx context.Context, r delivery.Resolver, domain string) (*Domain, error) {
	name, err := delivery.DNSName(domain)
	if err != nil {
		return nil, err
	}
	const smtp = 25
	d := &Domain{Name: name, MX: r.Lookup(ctx, name, delivery.TypeMX)}
	d.Security = SecurityOf(d.MX)
	names := hosts(name, d.MX)
	d.Hosts = make([]*Host, len(names))
	tasks := make([]func(context.Context), len(names))
	for i, host := range names {
		tasks[i] = func(ctx context.Context) { d.Hosts[i] = LookupHost(ctx, r, host, smtp) }
	}
	delivery.Concurrently(ctx, tasks...)
	return d, nil
}

// maxHosts is how many mail exchangers of one domain are looked at.
const maxHosts = 100

// hosts returns the different mail exchangers (RFC 5321 §5.1, RFC 7505).
func hosts(domain string, mx delivery.Answer) []string {
	if mx.Status == delivery.LookupNoRecord {
		return []string{domain}
	}
	var names []string
	for _, exchanger := range mx.MX() {
		if exchanger.Host != "." && !slices.Contains(names, exchanger.Host) && len(names) < maxHosts {
			names = append(names, exchanger.Host)
		}
	}
	return names
}
