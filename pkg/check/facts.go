package check

import (
	"context"
	"net/netip"
	"time"

	"github.com/mailctl/mailctl/pkg/bimi"
	"github.com/mailctl/mailctl/pkg/dane"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dkim"
	"github.com/mailctl/mailctl/pkg/dmarc"
	"github.com/mailctl/mailctl/pkg/dnsbl"
	"github.com/mailctl/mailctl/pkg/mtasts"
	"github.com/mailctl/mailctl/pkg/spf"
	"github.com/mailctl/mailctl/pkg/tlsrpt"
)

// facts are what was looked up for one domain. What was not asked for is nil.
type facts struct {
	domain string
	now    time.Time

	mx        *delivery.MXSet
	addresses []*delivery.AddressName
	spf       *spf.Tree
	spfFor    []addressResult

	dkim      *dkim.Discovery
	dkimNamed []*dkim.KeyLookup // at the selectors that were given; nil when none were

	dmarc        *dmarc.Discovery
	destinations []dmarc.Destination

	mtasts *mtasts.Discovery
	tlsrpt *tlsrpt.Lookup
	dnssec *dnssecFacts
	dane   *dane.Domain

	bimi  *bimiFacts
	dnsbl []dnsbl.Report
}

// An addressResult is what SPF says about an address.
type addressResult struct {
	addr netip.Addr
	spf.Result
}

type dnssecFacts struct {
	soa, keys, ds, root delivery.Answer
}

type bimiFacts struct {
	*bimi.Lookup
	logo *bimi.FetchedSVG  // nil when it was not fetched
	mark *bimi.FetchedMark // nil when it was not fetched
}

// gather looks everything up, all standards at once: each waits for nothing but
// what it needs itself.
func (f *facts) gather(ctx context.Context, opt *Options) {
	var tasks []func(context.Context)
	when := func(wanted bool, task func(context.Context, *Options)) {
		if wanted {
			tasks = append(tasks, func(ctx context.Context) { task(ctx, opt) })
		}
	}
	when(opt.Wants(StandardMX) || opt.Wants(StandardMTASTS), f.gatherMX)
	when(opt.Wants(StandardSPF), f.gatherSPF)
	when(opt.Wants(StandardDKIM), f.gatherDKIM)
	when(opt.Wants(StandardDMARC) || opt.Wants(StandardBIMI), f.gatherDMARC)
	when(opt.Wants(StandardMTASTS), f.gatherMTASTS)
	when(opt.Wants(StandardTLSRPT), f.gatherTLSRPT)
	when(opt.Wants(StandardDNSSEC) || opt.Wants(StandardDANE), f.gatherDNSSEC)
	when(opt.Wants(StandardDANE), f.gatherDANE)
	when(opt.Wants(StandardDNSBL), f.gatherDNSBL)
	for i, addr := range opt.IPs {
		if i == 0 {
			f.addresses = make([]*delivery.AddressName, len(opt.IPs))
			f.spfFor = make([]addressResult, len(opt.IPs))
		}
		when(opt.Wants(StandardMX), func(ctx context.Context, opt *Options) {
			f.addresses[i] = delivery.LookupAddressName(ctx, opt.Resolver, addr)
		})
		when(opt.Wants(StandardSPF), func(ctx context.Context, opt *Options) {
			query := spf.Query{IP: addr, MailFrom: "postmaster@" + f.domain, Helo: f.domain, Time: f.now}
			f.spfFor[i] = addressResult{addr, spf.Check(ctx, opt.Resolver, query)}
		})
	}
	delivery.Concurrently(ctx, tasks...)
}

func (f *facts) gatherMX(ctx context.Context, opt *Options) {
	f.mx = delivery.LookupMX(ctx, opt.Resolver, f.domain)
}

func (f *facts) gatherSPF(ctx context.Context, opt *Options) {
	f.spf = spf.Walk(ctx, opt.Resolver, f.domain)
}

// gatherDKIM asks for the selectors that were given, or else first for what tells
// who sends for the domain, and then for the selectors they use.
func (f *facts) gatherDKIM(ctx context.Context, opt *Options) {
	if len(opt.Selectors) > 0 {
		f.dkimNamed = make([]*dkim.KeyLookup, len(opt.Selectors))
		var candidates []dkim.Candidate
		tasks := make([]func(context.Context), 0, len(opt.Selectors)+1)
		for i, selector := range opt.Selectors {
			candidates = append(candidates, dkim.Candidate{Selector: selector})
			tasks = append(tasks, func(ctx context.Context) {
				f.dkimNamed[i] = dkim.LookupKey(ctx, opt.Resolver, f.domain, selector)
			})
		}
		tasks = append(tasks, func(ctx context.Context) { f.dkim = dkim.Discover(ctx, opt.Resolver, f.domain, candidates) })
		delivery.Concurrently(ctx, tasks...)
		return
	}
	f.dkim = dkim.Discover(ctx, opt.Resolver, f.domain, f.candidates(ctx, opt))
}

// candidates are the selectors to try.
func (f *facts) candidates(ctx context.Context, opt *Options) []dkim.Candidate {
	providers, err := dkim.DefaultSelectors()
	if err != nil {
		return nil
	}
	answers := delivery.LookupAll(ctx, opt.Resolver,
		delivery.Question{Name: f.domain, Type: delivery.TypeMX},
		delivery.Question{Name: f.domain, Type: delivery.TypeTXT})
	var hosts, includes []string
	for _, mx := range answers[0].MX() {
		hosts = append(hosts, mx.Host)
	}
	for _, text := range answers[1].Texts() {
		if record, err := spf.Parse(text); err == nil {
			includes = append(includes, includesOf(record)...)
		}
	}
	return providers.For(hosts, includes)
}

// includesOf are the domains of include and redirect.
func includesOf(record spf.Record) []string {
	var domains []string
	for _, term := range record.Terms {
		if term.Kind == spf.KindInclude || term.Kind == spf.KindRedirect {
			domains = append(domains, term.Domain.String())
		}
	}
	return domains
}

// gatherDMARC finds the policy, and then at once what hangs on it: who agreed to
// get reports, and the brand indicator of the organizational domain.
func (f *facts) gatherDMARC(ctx context.Context, opt *Options) {
	discovery, err := dmarc.Discover(ctx, opt.Resolver, f.domain)
	if err != nil {
		return // the name was found to be valid before
	}
	f.dmarc = discovery
	var tasks []func(context.Context)
	if opt.Wants(StandardDMARC) {
		tasks = append(tasks, func(ctx context.Context) {
			f.destinations = dmarc.Destinations(ctx, opt.Resolver, discovery)
		})
	}
	if opt.Wants(StandardBIMI) {
		tasks = append(tasks, func(ctx context.Context) { f.gatherBIMI(ctx, opt) })
	}
	delivery.Concurrently(ctx, tasks...)
}

func (f *facts) gatherBIMI(ctx context.Context, opt *Options) {
	f.bimi = &bimiFacts{Lookup: bimi.Find(ctx, opt.Resolver, "", f.domain, f.dmarc.OrganizationalDomain())}
	if f.bimi.Status != bimi.StatusFound || opt.HTTP == nil {
		return
	}
	record := f.bimi.Record
	delivery.Concurrently(ctx,
		func(ctx context.Context) { f.bimi.logo = bimi.FetchSVG(ctx, opt.HTTP, record.Location) },
		func(ctx context.Context) {
			if record.Authority != "" {
				f.bimi.mark = bimi.FetchMark(ctx, opt.HTTP, record.Authority, bimi.MarkOptions{Now: f.now, Roots: opt.MarkRoots})
			}
		})
}

func (f *facts) gatherMTASTS(ctx context.Context, opt *Options) {
	if opt.HTTP == nil {
		f.mtasts = &mtasts.Discovery{Domain: f.domain, Record: mtasts.Lookup(ctx, opt.Resolver, f.domain)}
		return
	}
	if discovery, err := mtasts.Discover(ctx, opt.Resolver, opt.HTTP, f.domain); err == nil {
		f.mtasts = discovery
	}
}

func (f *facts) gatherTLSRPT(ctx context.Context, opt *Options) {
	f.tlsrpt = tlsrpt.Find(ctx, opt.Resolver, f.domain)
}

func (f *facts) gatherDNSSEC(ctx context.Context, opt *Options) {
	answers := delivery.LookupAll(ctx, opt.Resolver,
		delivery.Question{Name: f.domain, Type: delivery.TypeSOA},
		delivery.Question{Name: f.domain, Type: delivery.TypeDNSKEY},
		delivery.Question{Name: f.domain, Type: delivery.TypeDS},
		delivery.Question{Name: ".", Type: delivery.TypeSOA})
	f.dnssec = &dnssecFacts{soa: answers[0], keys: answers[1], ds: answers[2], root: answers[3]}
}

func (f *facts) gatherDANE(ctx context.Context, opt *Options) {
	if domain, err := dane.Discover(ctx, opt.Resolver, f.domain); err == nil {
		f.dane = domain
	}
}

func (f *facts) gatherDNSBL(ctx context.Context, opt *Options) {
	zones := opt.Blocklists
	if len(zones) == 0 {
		zones = dnsbl.DefaultZones()
	}
	subjects := []dnsbl.Subject{{Domain: f.domain}}
	for _, addr := range opt.IPs {
		subjects = append(subjects, dnsbl.Subject{Addr: addr})
	}
	f.dnsbl = dnsbl.Check(ctx, opt.Resolver, zones, subjects)
}
