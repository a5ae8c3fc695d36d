package check

import (
	"fmt"

	"github.com/mailctl/mailctl/pkg/dnsbl"
)

// judgeDNSBL judges what blocklists say about the domain and its addresses.
func judgeDNSBL(c *collector, f *facts) any {
	r := DNSBLRecords{Lists: []DNSBLEntry{}}
	broken := map[string]bool{}
	for _, report := range f.dnsbl {
		entry := DNSBLEntry{
			List: report.Zone.Name, Subject: report.Subject.String(), Status: report.Verdict(), Health: report.Health, Reasons: report.Reasons,
		}
		for _, code := range report.Codes {
			entry.Codes = append(entry.Codes, code.Answer.String())
		}
		r.Lists = append(r.Lists, entry)
		if !broken[report.Zone.Name] {
			broken[report.Zone.Name] = judgeListing(c, report)
		}
	}
	return r
}

// judgeListing judges one answer, and reports whether the list cannot be believed
// at all, so that there is no more to say about it.
func judgeListing(c *collector, report dnsbl.Report) bool {
	list, subject := report.Zone.Name, report.Subject.String()
	switch {
	case report.Health == dnsbl.ListsEverything || report.Health == dnsbl.ListsNothing:
		c.add(note{id: "dnsbl-broken", subject: list, what: fmt.Sprintf("the blocklist %s does not work as one (%s)", list, report.Health)})
		return true
	case report.Health == dnsbl.Refusing || report.Verdict() == dnsbl.Refused:
		c.add(note{id: "dnsbl-refused", subject: list, what: "the blocklist " + list + " does not answer this resolver"})
		return true
	case report.Verdict() == dnsbl.Unknown:
		c.add(note{id: "dnsbl-unknown", subject: list, what: fmt.Sprintf("the blocklist %s could not be asked about %s", list, subject)})
		return report.Health == dnsbl.HealthUnknown
	case report.Verdict() == dnsbl.Listed:
		c.add(note{
			id: "dnsbl-listed", subject: subject, what: fmt.Sprintf("the blocklist %s lists %s%s", list, subject, whyListed(report.Listing)),
			record: raw(report.Answer), fix: "find out why at the list's own pages, mend it, and ask there to be taken off",
		})
	}
	return false
}

// whyListed returns in brackets why somebody is listed: what the list documents of its
// answers, else what it says itself; "" when it does neither.
func whyListed(l dnsbl.Listing) string {
	for _, code := range l.Codes {
		if code.Text != "" && !code.Error {
			return " (" + code.Text + ")"
		}
	}
	if len(l.Reasons) > 0 {
		return fmt.Sprintf(" (%q)", short(l.Reasons[0]))
	}
	return ""
}
