package check

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/mailctl/mailctl/pkg/dane"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// judgeDANE judges the TLSA records of the mail servers.
func judgeDANE(c *collector, f *facts) any {
	d := f.dane
	r := DANERecords{Security: d.Security}
	switch {
	case d.MX.Unknown() && d.Security == dane.Bogus:
		c.add(note{id: "dane-bogus", what: "the signatures at the MX records are broken", fix: signAgain(f.domain)})
	case d.MX.Unknown():
		c.add(note{id: "dane-unknown", what: whyUnknown(d.MX)})
	}
	for _, host := range d.Hosts {
		entry := DANEHost{Name: host.Name, Status: host.Status}
		for _, record := range host.Records {
			entry.Records = append(entry.Records, record.String())
		}
		r.Hosts = append(r.Hosts, entry)
	}
	if !f.dnssec.validates() {
		if !c.has("dnssec-not-validated") {
			c.add(notValidated())
		}
		return r // all of it looks insecure then
	}
	for _, host := range d.Hosts {
		judgeDANEHost(c, host)
	}
	judgeDANEDomain(c, f)
	return r
}

// tlsaRaw are the TLSA records of a host as a zone file has them.
func tlsaRaw(host *dane.Host) string {
	const smtp = 25
	var list []string
	for _, record := range host.Records {
		list = append(list, tlsaLine(host.QueryName(smtp), record))
	}
	return lines(list...)
}

func tlsaLine(name string, record dane.Record) string { return name + ". IN TLSA " + record.String() }

func judgeDANEHost(c *collector, host *dane.Host) {
	add := func(id, what, fix string) {
		c.add(note{id: id, subject: host.Name, what: what, record: tlsaRaw(host), fix: fix})
	}
	switch host.Status {
	case dane.HostUnknown:
		c.add(note{id: "dane-unknown", subject: host.Name, what: whyUnknown(unknownOf(host))})
	case dane.HostBogus:
		add("dane-bogus", "the signatures at the records of "+host.Name+" are broken", signAgain(host.Name))
	case dane.HostInsecure:
		if len(host.Records) > 0 {
			add("dane-insecure", "there are TLSA records for "+host.Name+", and they are not under DNSSEC", signAbove(host.Name)+"; or take the records away:\n"+removal(tlsaRaw(host)))
		}
	case dane.HostUnusable:
		add("dane-unusable", "none of the TLSA records of "+host.Name+" can be used", usableTLSA(host))
	case dane.HostSecured:
		judgeTLSA(c, host, add)
	case dane.HostNoRecord, dane.HostNoAddress:
	}
}

// judgeTLSA judges the records of a host one by one.
func judgeTLSA(c *collector, host *dane.Host, add func(id, what, fix string)) {
	const smtp = 25
	usable := 0
	for _, record := range host.Records {
		line := tlsaLine(host.QueryName(smtp), record)
		switch {
		case !record.Usable():
			add("dane-record", fmt.Sprintf("the TLSA record %q of %s cannot be used (%s)", short(record.String()), host.Name, record.Problems[0]), removal(line))
			continue
		case slices.Contains(record.Problems, dane.ProblemExact):
			add("dane-exact-match", "a TLSA record of "+host.Name+" holds a whole certificate or key", usableTLSA(host))
		}
		usable++
	}
	if usable == 1 && !c.has("dane-record") {
		add("dane-single-record", "the mail server "+host.Name+" has one TLSA record only", "publish the record of the next key too:\n"+lines(tlsaRaw(host), tlsaHole(host)))
	}
}

// usableTLSA are the records of a host as senders can use them: those of the usages
// that SMTP does not have with the one that stands for the same (RFC 7672 §3.1.3),
// and digests in place of whole certificates and keys.
func usableTLSA(host *dane.Host) string {
	const smtp = 25
	var list []string
	for _, r := range host.Records {
		switch {
		case r.Usage == dane.PKIXTA:
			r.Usage = dane.DANETA
		case r.Usage == dane.PKIXEE:
			r.Usage = dane.DANEEE
		}
		if r.Matching == dane.Exact {
			digest := sha256.Sum256(r.Data)
			r.Matching, r.Data = dane.SHA256, digest[:]
		}
		if r = dane.NewRecord(r.Usage, r.Selector, r.Matching, r.Data); r.Usable() {
			list = append(list, tlsaLine(host.QueryName(smtp), r))
		}
	}
	return orText(lines(list...), "publish the record of the server's key:\n"+tlsaHole(host))
}

// tlsaHole is the record of a key that only the reader has.
func tlsaHole(host *dane.Host) string {
	const smtp = 25
	return host.QueryName(smtp) + ". IN TLSA 3 1 1 <SHA-256 of the public key>"
}

// missingTLSA are the records that the mail servers lack.
func missingTLSA(d *dane.Domain) string {
	list := []string{"publish the record of each mail server's key:"}
	for _, host := range d.Hosts {
		if host.Status == dane.HostNoRecord || host.Status == dane.HostInsecure {
			list = append(list, tlsaHole(host))
		}
	}
	return lines(list...)
}

// signAgain says how broken signatures are mended, and signAbove how those of a
// zone that has none come about.
func signAgain(name string) string {
	return "sign the zone of " + name + " again, and make sure that the DS record in the zone above is that of a key in use"
}

func signAbove(name string) string {
	return "sign the zone of " + name + ", and publish its DS record in the zone above, at the registrar"
}

func unknownOf(host *dane.Host) delivery.Answer {
	return firstUnknown(append([]delivery.Answer{host.V4, host.V6, host.Alias}, host.Lookups...)...)
}

// judgeDANEDomain judges the mail servers together.
func judgeDANEDomain(c *collector, f *facts) {
	d := f.dane
	with, without := 0, 0
	for _, host := range d.Hosts {
		switch host.Status {
		case dane.HostSecured, dane.HostUnusable:
			with++
		case dane.HostNoRecord, dane.HostInsecure:
			without++
		case dane.HostNoAddress, dane.HostBogus, dane.HostUnknown:
		}
	}
	missing := slices.ContainsFunc(d.Hosts, func(h *dane.Host) bool { return h.Status == dane.HostNoRecord })
	switch {
	case with > 0 && d.Security == dane.Insecure:
		c.add(note{id: "dane-mx-insecure", record: raw(d.MX), fix: signAbove(f.domain)})
	case with > 0 && without > 0:
		c.add(note{id: "dane-partial", record: raw(d.MX), fix: missingTLSA(d)})
	case with == 0 && missing && d.Security == dane.Secure && f.takesMail():
		c.add(note{id: "dane-missing", fix: missingTLSA(d)})
	}
}
