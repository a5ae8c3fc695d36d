package check

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dnsbl"
)

// DefaultTimeout is how long one domain may take at most.
const DefaultTimeout = 30 * time.Second

// Options say how domains are checked. Only Resolver is needed.
type Options struct {
	Resolver delivery.Resolver
	// Only are the standards to check, nil for all; Skip are left out of them.
	// [StandardDNSBL] is left out unless Only or Blocklists name it.
	Only, Skip []Standard
	// Selectors are those of the domain's DKIM keys; when there are none, those of
	// [dkim.DefaultSelectors] are tried.
	Selectors []string
	// IPs are the addresses that send for the domain.
	IPs []netip.Addr
	// Blocklists are asked about the IPs and the domain; nil means
	// [dnsbl.DefaultZones].
	Blocklists []dnsbl.Zone
	// HTTP gets the policy of MTA-STS and the documents of BIMI (see
	// https.NewClient); nil gets none, so that nothing is said about them.
	HTTP *http.Client
	// MarkRoots are the certification authorities trusted for brand indicators; nil
	// leaves their certificates untrusted and unjudged in that regard.
	MarkRoots *x509.CertPool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Timeout bounds one domain; zero means DefaultTimeout. What could not be looked
	// up until then is unknown.
	Timeout time.Duration
}

// Standards returns all standards that can be checked, in the order of a report.
func Standards() []Standard {
	return []Standard{
		StandardMX, StandardSPF, StandardDKIM, StandardDMARC, StandardMTASTS, StandardTLSRPT,
		StandardDNSSEC, StandardDANE, StandardBIMI, StandardDNSBL,
	}
}

// Wants reports whether a standard is to be checked.
func (o *Options) Wants(s Standard) bool {
	switch {
	case slices.Contains(o.Skip, s):
		return false
	case slices.Contains(o.Only, s):
		return true
	case s == StandardDNSBL:
		return len(o.Only) == 0 && len(o.Blocklists) > 0
	default:
		return len(o.Only) == 0
	}
}

func (o *Options) now() time.Time {
	now := o.Now
	if now == nil {
		now = time.Now
	}
	return now()
}

// Check looks at one domain, whose name may be in any script. It returns when all
// look-ups have ended, or soon after ctx or the timeout has: what is not known
// then is unknown.
func Check(ctx context.Context, domain string, opt Options) Domain {
	name, err := delivery.DNSName(domain)
	if name == "." {
		err = fmt.Errorf("%q is %w: it is the root", domain, delivery.ErrInvalidName)
	}
	if err != nil {
		c := &collector{domain: domain}
		c.add(note{id: "mx-invalid-domain", subject: domain, what: err.Error()})
		return c.result(nil)
	}
	if opt.Timeout <= 0 {
		opt.Timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, opt.Timeout)
	defer cancel()
	ctx, rounds := delivery.CountRounds(ctx)
	f := &facts{domain: name, now: opt.now()}
	f.gather(ctx, &opt)
	d := judge(f, &opt)
	d.Waves = rounds.Waves()
	return d
}

// judge makes findings of what was found.
func judge(f *facts, opt *Options) Domain {
	c := &collector{domain: f.domain}
	judges := map[Standard]func(*collector, *facts) any{
		StandardMX: judgeMX, StandardSPF: judgeSPF, StandardDKIM: judgeDKIM, StandardDMARC: judgeDMARC,
		StandardMTASTS: judgeMTASTS, StandardTLSRPT: judgeTLSRPT, StandardDNSSEC: judgeDNSSEC,
		StandardDANE: judgeDANE, StandardBIMI: judgeBIMI, StandardDNSBL: judgeDNSBL,
	}
	records := map[Standard]any{}
	for _, s := range Standards() {
		if opt.Wants(s) {
			records[s] = judges[s](c, f)
		}
	}
	judgeParked(c, f, opt)
	c.addOK(records)
	return c.result(records)
}
