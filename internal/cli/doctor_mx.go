package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
)

const (
	// doctorConnect is how long a mail exchanger may take to answer doctor.
	doctorConnect = 5 * time.Second
	// maxOwnAddresses bounds the addresses of this machine whose names are looked at.
	maxOwnAddresses = 8
)

// direct looks at what mail meets that goes straight to the receivers: whether
// this machine gets out at all, and the names of its addresses.
func (d *doctor) direct(ctx context.Context, x *mxRouter) {
	d.egress(ctx, x)
	d.addressNames(ctx, x)
}

// egress tries the mail exchangers of the sender's own domain, since nobody else
// asked to be connected to.
func (d *doctor) egress(ctx context.Context, x *mxRouter) {
	const area = "egress"
	from, err := delivery.ParseMailbox(d.s.Send.From)
	if err != nil {
		return // the sender's line says so
	}
	domain := from.Address.Domain
	route, err := x.find(ctx, domain)
	if len(x.sources) > 0 {
		route.Targets = ofFamily(route.Targets, x.sources[0].addr)
	}
	if err != nil || len(route.Targets) == 0 {
		d.say(area, ui.DiagnosisSkipped, fmt.Sprintf("port %d was not tried, since %s has no mail exchanger that could be asked", x.port, domain), "")
		return
	}
	opt := x.options
	opt.Dialer, opt.Timeouts = &net.Dialer{}, delivery.Timeouts{Connect: doctorConnect, Greeting: doctorConnect, Hello: doctorConnect, TLS: doctorConnect}
	if len(x.sources) > 0 {
		opt.Dialer = &net.Dialer{LocalAddr: &net.TCPAddr{IP: x.sources[0].addr.AsSlice()}}
	}
	session, err := delivery.OpenRoute(ctx, route, nil, opt, nil)
	if err == nil {
		_ = session.Close(ctx) // it has answered, and that is all
	}
	switch {
	case silent(err):
		d.say(area, ui.DiagnosisUnknown, fmt.Sprintf("port %d lets connections through, and no mail exchanger of %s says a word: %v", x.port, domain, err),
			"something between may hold mail back: ask your provider, or send through a relay")
	case err == nil, !unreachable(err):
		d.say(area, ui.DiagnosisOK, fmt.Sprintf("port %d is open: a mail exchanger of %s answers", x.port, domain), "")
	default:
		d.say(area, ui.DiagnosisUnknown, fmt.Sprintf("no mail exchanger of %s can be reached on port %d: %v", domain, x.port, err),
			"where mailctl probe gmail.com finds the port blocked too, ask your provider to open it, or send through a relay")
	}
}

// silent reports whether there was a connection and no greeting.
func silent(err error) bool {
	failed := new(delivery.SessionError)
	return errors.As(err, &failed) && failed.Stage == delivery.StageGreeting && failed.Reply.IsZero() &&
		(errors.Is(err, delivery.ErrTimeout) || errors.Is(err, delivery.ErrServerClosed))
}

// addressNames looks at the names of the addresses that mail will come from.
func (d *doctor) addressNames(ctx context.Context, x *mxRouter) {
	addrs := x.sources.addrs()
	if len(addrs) == 0 {
		addrs = publicAddresses()
	}
	if len(addrs) == 0 {
		d.say("name", ui.DiagnosisSkipped, "this machine has no public address of its own, and does not know which one receivers see",
			"mailctl check DOMAIN --ip ADDRESS judges the name (PTR) of that address")
		return
	}
	for _, addr := range addrs {
		status, text, fix := x.judgeName(ctx, addr)
		if status == ui.DiagnosisWarning && fix == "" {
			fix = "have whoever rents the address out give it a name of yours (PTR), with an address record that leads back"
		}
		d.say("name", status, text, fix)
	}
}

// publicAddresses returns the addresses of this machine that others can see.
func publicAddresses() []netip.Addr {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var public []netip.Addr
	for _, one := range all {
		prefix, err := netip.ParsePrefix(one.String())
		if addr := prefix.Addr().Unmap(); err == nil && isPublic(addr) && len(public) < maxOwnAddresses {
			public = append(public, addr)
		}
	}
	return public
}

// isPublic reports whether an address is one that others can see, and not one
// behind a provider's translation (RFC 6598).
func isPublic(addr netip.Addr) bool {
	shared := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10)
	return addr.IsGlobalUnicast() && !addr.IsPrivate() && !shared.Contains(addr)
}
