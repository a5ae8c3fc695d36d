package check

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/mailctl/mailctl/pkg/dane"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// judgeDNSSEC judges whether the domain is signed, by what the resolver says.
func judgeDNSSEC(c *collector, f *facts) any {
	d := f.dnssec
	r := DNSSECRecords{
		Security: d.security(), Signed: d.keys.Found(), Resolver: d.soa.Server,
		Trusted: isTrusted(d.soa.Server), Validates: d.validates(),
	}
	switch r.Security {
	case dane.SecurityUnknown:
		c.add(note{id: "dnssec-unknown", what: whyUnknown(firstUnknown(d.soa, d.keys, d.ds))})
	case dane.Bogus:
		c.add(note{id: "dnssec-bogus", record: raw(d.ds), fix: signAgain(f.domain)})
	case dane.Secure:
		if !r.Trusted {
			c.add(note{id: "dnssec-untrusted-resolver", what: "the resolver " + r.Resolver + " says that the domain is validated, and the way to it is open", fix: "ask a resolver on this machine, or over an encrypted way: --resolver tls://<resolver>"})
		}
	case dane.Insecure:
		judgeInsecure(c, f, r)
	}
	return r
}

func judgeInsecure(c *collector, f *facts, r DNSSECRecords) {
	switch {
	case c.has("mx-no-such-domain"):
	case !r.Validates:
		c.add(notValidated())
	case r.Signed && f.dnssec.ds.Absent():
		c.add(note{id: "dnssec-no-ds", record: raw(f.dnssec.keys), fix: dsRecords(f.dnssec.keys)})
	default:
		c.add(note{id: "dnssec-unsigned", fix: signAbove(f.domain)})
	}
}

// notValidated is the note about a resolver that believes everything.
func notValidated() note {
	return note{id: "dnssec-not-validated", fix: "ask a resolver that validates: --resolver <resolver>"}
}

// dsRecords are the DS records of the keys that sign the other keys (RFC 4034
// §2.1.1 and §5, RFC 8624 §3.3: SHA-256).
func dsRecords(keys delivery.Answer) string {
	var list []string
	for _, rr := range keys.Records {
		key, ok := rr.(*dns.DNSKEY)
		if !ok || key.Flags&dns.SEP == 0 {
			continue
		}
		if ds := key.ToDS(dns.SHA256); ds != nil {
			list = append(list, fmt.Sprintf("%s IN DS %d %d %d %s", ds.Hdr.Name, ds.KeyTag, ds.Algorithm, ds.DigestType, strings.ToUpper(ds.Digest)))
		}
	}
	if list == nil {
		return signAgain(keys.Name)
	}
	return lines(append(list, "; in the zone above, at your registrar")...)
}

// security is what the look-ups at the domain come to.
func (d *dnssecFacts) security() dane.Security {
	worst := dane.SecurityOf(d.soa)
	for _, a := range []delivery.Answer{d.keys, d.ds} {
		switch s := dane.SecurityOf(a); {
		case s == dane.Bogus:
			return s
		case s == dane.SecurityUnknown && worst != dane.Bogus && worst != dane.Secure:
			worst = s
		}
	}
	return worst
}

// validates reports whether the resolver validates anything: the root zone is
// signed. A failed look-up proves nothing, and the domain itself may prove it.
func (d *dnssecFacts) validates() bool {
	answers := []delivery.Answer{d.root, d.soa, d.keys, d.ds}
	secure := func(a delivery.Answer) bool { return a.Secure || a.Cause == delivery.CauseBogus }
	return d.root.Unknown() || slices.ContainsFunc(answers, secure)
}

// isTrusted reports whether nobody is on the way to a server: it is on this
// machine, or the way is encrypted, or there is no server.
func isTrusted(server string) bool {
	for _, prefix := range []string{"https://", "tls://", "zone "} {
		if strings.HasPrefix(server, prefix) {
			return true
		}
	}
	addr, err := netip.ParseAddrPort(strings.TrimPrefix(server, "tcp://"))
	return err == nil && addr.Addr().IsLoopback()
}
