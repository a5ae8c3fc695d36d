package dmarc

import "golang.org/x/net/publicsuffix"

// Legacy is what receivers of RFC 7489 say, who take the organizational domain
// from the public suffix list. The list is that of the golang.org/x/net release.
type Legacy struct {
	// OrganizationalDomain is one label below the public suffix; empty when the
	// domain is a public suffix itself.
	OrganizationalDomain string
	// RecordDomain is where RFC 7489 §6.6.3 finds the record: at the domain, or else
	// at its organizational domain. Empty when there is none, or it is not known.
	RecordDomain string
}

// LegacyDiffers reports whether a receiver that goes by the public suffix list
// comes to another organizational domain or another record. It is false when
// there is no record, since both do nothing then, and when the walk could not
// tell.
func (d *Discovery) LegacyDiffers() bool {
	org := d.OrganizationalDomain()
	if org == "" || d.Status == StatusUnknown || d.Record == nil && d.Legacy.RecordDomain == "" {
		return false
	}
	return org != d.Legacy.OrganizationalDomain || d.RecordDomain != d.Legacy.RecordDomain
}

func (d *Discovery) legacy(w *walker) Legacy {
	org, err := publicsuffix.EffectiveTLDPlusOne(d.Domain)
	if err != nil {
		org = "" // the domain is a public suffix
	}
	l := Legacy{OrganizationalDomain: org}
	own, atOrg := d.Walk.Steps[0], w.steps[org]
	switch {
	case len(own.Records) > 0:
		// Several records end the search (RFC 7489 §6.6.3).
		if own.Record() != nil {
			l.RecordDomain = d.Domain
		}
	case atOrg.Record() != nil:
		l.RecordDomain = org
	}
	return l
}
