package https

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Bounds of a connection and an answer's head.
const (
	handshakeTimeout = 10 * time.Second
	maxHeaderOctets  = 64 << 10
	// addressTimeout is how long one address of several is tried, so that one that
	// hangs does not hide one that works.
	addressTimeout = 5 * time.Second
)

// NewClient returns a client for [Get] that finds hosts by the resolver and
// connects by the dialer. It asks no proxy and no environment. The configuration
// says whom to trust; nil trusts the certification authorities of the system.
// Call its CloseIdleConnections when done.
func NewClient(r delivery.Resolver, dialer delivery.Dialer, config *tls.Config) *http.Client {
	h := &hostDialer{resolver: r, dialer: dialer}
	return &http.Client{Transport: &http.Transport{
		DialContext:            h.dial,
		TLSClientConfig:        config,
		TLSHandshakeTimeout:    handshakeTimeout,
		MaxResponseHeaderBytes: maxHeaderOctets,
		ForceAttemptHTTP2:      true,
	}}
}

// A hostDialer connects to the addresses that a resolver knows.
type hostDialer struct {
	resolver delivery.Resolver
	dialer   delivery.Dialer
}

// dial tries the addresses of a host one after the other.
func (h *hostDialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addrs, err := h.addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	var failures []error
	for _, addr := range addrs {
		conn, err := h.try(ctx, network, net.JoinHostPort(addr.String(), port), len(addrs) > 1)
		if err == nil {
			return conn, nil
		}
		failures = append(failures, err)
	}
	return nil, errors.Join(failures...)
}

func (h *hostDialer) try(ctx context.Context, network, address string, others bool) (net.Conn, error) {
	if others {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, addressTimeout)
		defer cancel()
	}
	return h.dialer.DialContext(ctx, network, address)
}

// addresses looks a host up in both families.
func (h *hostDialer) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	v4, v6 := delivery.LookupAddrs(ctx, h.resolver, host)
	addrs := append(v4.Addrs(), v6.Addrs()...)
	switch {
	case len(addrs) > 0:
		return addrs, nil
	case v4.Absent() && v6.Absent():
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	default:
		return nil, &net.DNSError{Err: "the look-up failed", UnwrapErr: errors.Join(v4.Err, v6.Err), Name: host, IsTemporary: true}
	}
}
