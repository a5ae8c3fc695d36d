package probe

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strconv"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// judgeEgress tells a port 25 that is blocked on the way out from servers that are
// down: everything at port 25 times out, and the same hosts answer at others.
func (p *Prober) judgeEgress(ctx context.Context, endpoints []Endpoint, results []Result) {
	if p.relayAnswered.Load() {
		return
	}
	var addrs []netip.Addr
	answers := false
	for i, e := range endpoints {
		r := &results[i]
		switch {
		case e.Port != PortRelay:
			answers = answers || r.Reachable || r.Reason == ReasonRefused || r.Reason == ReasonReset
		case r.Reason == ReasonTimeout:
			addrs = append(addrs, e.Addr)
		case r.Reason != ReasonEgress:
			return // something came through
		}
	}
	if len(addrs) == 0 || !answers && !p.answersElsewhere(ctx, addrs) {
		return
	}
	for i, e := range endpoints {
		r := &results[i]
		if e.Port != PortRelay || r.Reason != ReasonTimeout {
			continue
		}
		r.Reason = ReasonEgress
		r.Findings = slices.DeleteFunc(r.Findings, func(f Finding) bool { return f.ID == "net-timeout" })
		r.add(e, note{id: "net-egress-blocked"})
	}
}

// elsewhere are ports that hosts of mail servers often answer at, if only to say
// that nobody listens.
var elsewhere = [...]int{PortSubmission, PortSubmissions, 443}

// answersElsewhere reports whether one of a few hosts answers at any other port.
func (p *Prober) answersElsewhere(ctx context.Context, addrs []netip.Addr) bool {
	const enough = 3
	addrs = addrs[:min(len(addrs), enough)]
	answered := make([]bool, len(addrs)*len(elsewhere))
	var tasks []func(context.Context)
	for i, addr := range addrs {
		for j, port := range elsewhere {
			tasks = append(tasks, func(ctx context.Context) { answered[i*len(elsewhere)+j] = p.answers(ctx, addr, port) })
		}
	}
	delivery.Concurrently(ctx, tasks...)
	return slices.Contains(answered, true)
}

// answers reports whether a host answers at a port, be it with a refusal.
func (p *Prober) answers(ctx context.Context, addr netip.Addr, port int) bool {
	ctx, cancel := context.WithTimeout(ctx, p.opt.Timeouts.Connect)
	defer cancel()
	conn, err := p.opt.Dialer.DialContext(ctx, "tcp", net.JoinHostPort(addr.String(), strconv.Itoa(port)))
	if err != nil {
		return isErrno(err, errnoRefused, errnoReset)
	}
	_ = conn.Close() // only whether it opens counts
	return true
}
