package mtasts

import (
	"context"
	"mime"
	"net/http"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/https"
)

// maxPolicy is how large a policy may be (RFC 8461 §3.3).
const maxPolicy = 64 << 10

// PolicyInvalid is the status of a document that is no valid policy, next to those
// of [https.Status].
const PolicyInvalid https.Status = "invalid-policy"

// A Fetch is the policy of a domain, or why it could not be had. Its Status is
// [https.Fetched] only when the policy is valid.
type Fetch struct {
	https.Document
	Policy *Policy // as far as it could be read; nil when no document came
	// PlainText is whether the media type is text/plain, as it should be (RFC 8461
	// §3.3).
	PlainText bool
}

// PolicyURL is where the policy of a domain is.
func PolicyURL(domain string) string {
	return "https://mta-sts." + domain + "/.well-known/mta-sts.txt"
}

// FetchPolicy gets the policy of a domain (RFC 8461 §3.3): without following
// redirects, and only with a certificate that is verified. See [https.Get] for
// what the client should be like.
func FetchPolicy(ctx context.Context, client *http.Client, domain string) *Fetch {
	f := &Fetch{Document: *https.Get(ctx, client, PolicyURL(domain), https.Options{MaxOctets: maxPolicy})}
	media, _, err := mime.ParseMediaType(f.ContentType)
	f.PlainText = err == nil && media == "text/plain"
	if f.Status != https.Fetched {
		return f
	}
	if f.Policy, f.Err = ParsePolicy(string(f.Body)); f.Err != nil {
		f.Status = PolicyInvalid
	}
	return f
}

// A Discovery is what a domain says about MTA-STS and what comes of it.
type Discovery struct {
	Domain string
	Record *RecordLookup
	Fetch  *Fetch // nil unless the record is valid: senders do not fetch a policy then
}

// Policy is the policy that senders apply, or nil.
func (d *Discovery) Policy() *Policy {
	if d.Fetch == nil || d.Fetch.Status != https.Fetched {
		return nil
	}
	return d.Fetch.Policy
}

// Discover looks for a domain's record and, when there is a valid one, fetches
// the policy. See [FetchPolicy] for the client. The error is
// [delivery.ErrInvalidName].
func Discover(ctx context.Context, r delivery.Resolver, client *http.Client, domain string) (*Discovery, error) {
	name, err := delivery.DNSName(domain)
	if err != nil {
		return nil, err
	}
	d := &Discovery{Domain: name, Record: Lookup(ctx, r, name)}
	if d.Record.Status == RecordFound {
		d.Fetch = FetchPolicy(ctx, client, name)
	}
	return d, nil
}
