package probe

import (
	"context"
	"crypto/x509"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Options say how servers are probed. The Resolver is needed.
type Options struct {
	Resolver delivery.Resolver
	// LocalName is our name in EHLO; empty for the address a connection comes from.
	LocalName string
	// Dialer opens connections; nil means a plain net.Dialer.
	Dialer delivery.Dialer
	// Family limits the addresses to those of one family: 4 or 6, or 0 for both.
	Family int
	// Roots are the trusted authorities; nil means the system's.
	Roots *x509.CertPool
	// Policies say what is published about certificates; nil asks nobody.
	Policies Policies
	// Timeouts limit each step. Zero fields mean 10 seconds for the connection, 20
	// for TLS, 2 for QUIT, and 45 for each reply.
	Timeouts delivery.Timeouts
	// Limit bounds a session as a whole; zero means 2 minutes.
	Limit time.Duration
	// Nudge is how long a silent server has to answer when we begin to talk, which tells
	// web servers and TLS from silence; zero means 2 seconds.
	Nudge time.Duration
	// MinDays is from how many days before its end on a certificate is a finding, and
	// Expiry how grave that is; empty means a warning.
	MinDays int
	Expiry  Severity
	// Concurrency is how many connections there are at once; zero means 64. PerHost is
	// how many of them to one address; zero means 2.
	Concurrency, PerHost int

	// Auth are credentials to prove a login with, where one is offered; nil proves
	// nothing. They only travel under TLS with a certificate that Roots vouch for.
	Auth *delivery.Auth
	// OpenRelay asks each server whether it takes a recipient of a foreign domain.
	OpenRelay bool
	// Injection tries whether commands in front of TLS are obeyed within.
	Injection bool
	// Scan enumerates versions and ciphers; the zero Scan does not.
	Scan ScanOptions

	// Trace, when it is not nil, is called with each line of the conversations, from
	// several goroutines.
	Trace func(Endpoint, delivery.TraceEvent)
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

func (o Options) orDefaults() Options {
	for _, d := range []struct {
		field *time.Duration
		usual time.Duration
	}{
		{&o.Limit, 2 * time.Minute},
		{&o.Nudge, 2 * time.Second},
		{&o.Timeouts.Connect, 10 * time.Second},
		{&o.Timeouts.Greeting, 45 * time.Second},
		{&o.Timeouts.Hello, 45 * time.Second},
		{&o.Timeouts.TLS, 20 * time.Second},
		{&o.Timeouts.Auth, 45 * time.Second},
		{&o.Timeouts.Mail, 45 * time.Second},
		{&o.Timeouts.Rcpt, 45 * time.Second},
		{&o.Timeouts.Reset, 45 * time.Second},
		{&o.Timeouts.Quit, 2 * time.Second},
	} {
		if *d.field <= 0 {
			*d.field = d.usual
		}
	}
	if o.Dialer == nil {
		o.Dialer = new(net.Dialer)
	}
	if o.Concurrency < 1 {
		o.Concurrency = 64
	}
	if o.PerHost < 1 {
		o.PerHost = 2
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// A Prober probes servers. It may be used from several goroutines at once.
type Prober struct {
	opt    Options
	slots  chan struct{} // one for each connection
	budget *budget
	recent *recent
	// relayAnswered is whether any connection to port 25 came about, so that the port
	// is not blocked.
	relayAnswered atomic.Bool
}

// New returns a prober.
func New(opt Options) *Prober {
	opt = opt.orDefaults()
	return &Prober{opt: opt, slots: make(chan struct{}, opt.Concurrency), budget: newBudget(opt.PerHost), recent: newRecent()}
}

// Probe looks at one endpoint whose address is known. Whether the reason of a
// time-out is a block on the way is for [Prober.Group] to tell, which sees more
// than one.
func (p *Prober) Probe(ctx context.Context, e Endpoint) Result {
	s := p.recent.get(ctx, e, func() sighting { return p.look(ctx, e) })
	r := s.result // others use it too, so that findings are added to a copy
	r.Findings, r.Domain = slices.Clone(r.Findings), e.Domain
	if p.opt.Policies != nil && e.named() && r.Reachable && (r.TLS != nil || r.sawTLS()) {
		r.judgeDANE(e, p.opt.Policies.DANE(ctx, e, s.chain))
	}
	r.conclude()
	return r
}

// A sighting is what was found out about an endpoint apart from any domain.
type sighting struct {
	result Result
	chain  []*x509.Certificate
}

// look connects to an endpoint, in its turn.
func (p *Prober) look(ctx context.Context, e Endpoint) sighting {
	release, ok := p.budget.take(ctx, e.Addr)
	if !ok {
		return sighting{result: interrupted(e)}
	}
	defer release()
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return sighting{result: interrupted(e)}
	}
	v := p.visit(ctx, e)
	if e.Port == PortRelay && v.connected() && v.reason() != ReasonRefused {
		p.relayAnswered.Store(true)
	}
	r := p.judge(v)
	p.extras(ctx, v, &r)
	return sighting{result: r, chain: v.chain()}
}

// extras are what was asked for and takes connections of its own.
func (p *Prober) extras(ctx context.Context, v *visit, r *Result) {
	if !r.Reachable {
		return
	}
	if p.opt.Auth != nil {
		p.proveLogin(ctx, v, r)
	}
	if p.opt.Injection && r.StartTLS && r.TLS != nil {
		p.tryInjection(ctx, v.endpoint, r)
	}
	if p.opt.Scan.wanted() && r.TLS != nil {
		p.scan(ctx, v.endpoint, r)
	}
}

// interrupted is the result of an endpoint whose turn did not come.
func interrupted(e Endpoint) Result {
	r := (&visit{endpoint: e}).result(time.Time{})
	r.Reachable, r.Reason = false, ReasonTimeout
	r.add(e, note{id: "smtp-limit"})
	return r
}

// Forget makes the prober look at every server anew.
func (p *Prober) Forget() {
	p.recent.forget()
	p.relayAnswered.Store(false)
}
