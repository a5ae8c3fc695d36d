package tlsrpt

import (
	"context"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/taglist"
)

// A Status says whether a domain asks for reports.
type Status string

// The statuses.
const (
	StatusFound    Status = "found"    // one record, and reports can be sent
	StatusNone     Status = "none"     // it is proven that there is none
	StatusUnusable Status = "unusable" // one record without a place to send reports to
	StatusSeveral  Status = "several"  // more than one: reporters act as if there were none (RFC 8460 §3)
	StatusUnknown  Status = "unknown"  // the look-up failed
)

// A Lookup is what the DNS says about the reports a domain wants.
type Lookup struct {
	Status  Status
	Answer  delivery.Answer // the TXT records at "_smtp._tls." and the domain
	Record  *Record         // the one record, usable or not; nil when there is none or more than one
	Records []*Record       // all that begin with "v=TLSRPTv1;"
	Other   []*Record       // other texts, which count for nothing
}

// Find asks for the record of a domain.
func Find(ctx context.Context, r delivery.Resolver, domain string) *Lookup {
	l := &Lookup{Answer: r.Lookup(ctx, "_smtp._tls."+domain, delivery.TypeTXT)}
	l.Records, l.Other = taglist.Sift(l.Answer.Texts(), Parse)
	switch {
	case l.Answer.Unknown():
		l.Status = StatusUnknown
	case len(l.Records) == 0:
		l.Status = StatusNone
	case len(l.Records) > 1:
		l.Status = StatusSeveral
	default:
		l.Record, l.Status = l.Records[0], StatusFound
		if !l.Record.Usable() {
			l.Status = StatusUnusable
		}
	}
	return l
}
