package check

import (
	"fmt"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery/taglist"
	"github.com/mailctl/mailctl/pkg/tlsrpt"
)

// judgeTLSRPT judges whether the domain learns of failures of TLS.
func judgeTLSRPT(c *collector, f *facts) any {
	l := f.tlsrpt
	name := "_smtp._tls." + f.domain
	place := placeOf(l.Answer, name)
	for _, other := range l.Other {
		if len(l.Records) == 0 && strings.Contains(strings.ToLower(other.Raw), "tlsrpt") {
			c.add(note{id: "tlsrpt-not-a-record", subject: name, what: fmt.Sprintf("the TXT record %q is no TLS reporting record", short(other.Raw)), record: other.Raw, fix: txtLine(place, newTLSRPT(f.domain))})
			break
		}
	}
	switch l.Status {
	case tlsrpt.StatusUnknown:
		c.add(note{id: "tlsrpt-unknown", subject: name, what: whyUnknown(l.Answer)})
	case tlsrpt.StatusNone:
		if !c.has("tlsrpt-not-a-record") && !c.has("mx-no-such-domain") && f.takesMail() {
			c.add(note{id: "tlsrpt-missing", subject: name, fix: txtLine(name, newTLSRPT(f.domain))})
		}
	case tlsrpt.StatusSeveral:
		text := newTLSRPT(f.domain)
		if record := kept(l.Records, (*tlsrpt.Record).Usable); record != nil {
			text = cleanTLSRPT(record)
		}
		c.add(note{id: "tlsrpt-several-records", subject: name, record: raw(l.Answer), fix: txtLine(place, text)})
	case tlsrpt.StatusUnusable:
		c.add(note{id: "tlsrpt-unusable", subject: name, record: l.Record.Raw, fix: txtLine(place, newTLSRPT(f.domain))})
	case tlsrpt.StatusFound:
		if problems := l.Record.Problems; len(problems) > 0 {
			c.add(note{
				id: "tlsrpt-syntax", subject: name, what: fmt.Sprintf("a part of the TLS reporting record is not as the standard writes it (%s)", slip(problems[0].Kind, problems[0].Value, problems[0].Pos)),
				record: l.Record.Raw, fix: txtLine(place, cleanTLSRPT(l.Record)),
			})
		}
	}
	r := TLSRPTRecords{Status: l.Status, Records: l.Answer.Texts()}
	if l.Record != nil {
		for _, u := range l.Record.URIs {
			r.Reports = append(r.Reports, u.Raw)
		}
	}
	return r
}

func newTLSRPT(domain string) string { return "v=TLSRPTv1; rua=mailto:tls-reports@" + domain }

// cleanTLSRPT is the record with nothing in it but places that reports can be
// sent to.
func cleanTLSRPT(record *tlsrpt.Record) string {
	var usable []string
	for _, u := range record.URIs {
		if u.Usable() {
			usable = append(usable, strings.ReplaceAll(u.Raw, "!", "%21"))
		}
	}
	return taglist.List{
		{Name: "v", Value: "TLSRPTv1", Assigned: true},
		{Name: "rua", Value: strings.Join(usable, ","), Assigned: true},
	}.String()
}
