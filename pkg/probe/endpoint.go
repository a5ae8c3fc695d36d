package probe

import (
	"net"
	"net/netip"
	"strconv"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Service is what a port is for. It decides how TLS begins and how grave it is
// when TLS is weak.
type Service string

// The services.
const (
	ServiceRelay       Service = "relay"       // mail from other servers, STARTTLS (RFC 5321), port 25
	ServiceSubmission  Service = "submission"  // mail from people, STARTTLS (RFC 6409), port 587
	ServiceSubmissions Service = "submissions" // mail from people, TLS at once (RFC 8314 §3.3), port 465
)

// The ports of the services.
const (
	PortRelay       = 25
	PortSubmission  = 587
	PortSubmissions = 465
)

// ServiceOf returns what a port is for; any other than the usual ones is taken
// for one at which mail from other servers comes in.
func ServiceOf(port int) Service {
	switch port {
	case PortSubmission:
		return ServiceSubmission
	case PortSubmissions:
		return ServiceSubmissions
	}
	return ServiceRelay
}

// An Endpoint is one port of one address of a host.
type Endpoint struct {
	Host    string     // a name in A-labels, or the address
	Addr    netip.Addr // zero when none could be found
	Port    int
	Service Service
	Domain  string // the domain whose mail exchanger it is; empty when nobody said so
	// Optional means that nobody said that there is a server: that none is there is
	// no mistake.
	Optional bool
}

// String returns "mx.example.com [192.0.2.1]:25".
func (e Endpoint) String() string {
	port := strconv.Itoa(e.Port)
	switch {
	case !e.Addr.IsValid():
		return net.JoinHostPort(e.Host, port)
	case e.Addr.String() == e.Host:
		return net.JoinHostPort(e.Host, port)
	}
	return e.Host + " [" + e.Addr.String() + "]:" + port
}

// named reports whether the host has a name, which the DNS can say something
// about.
func (e Endpoint) named() bool {
	_, err := netip.ParseAddr(e.Host)
	return err != nil
}

// target is the endpoint as a session wants it. TLS is used where it is offered,
// whatever the certificate: judging it comes later.
func (e Endpoint) target() delivery.Target {
	security := delivery.SecurityOpportunistic
	if e.Service == ServiceSubmissions {
		security = delivery.SecurityTLS
	}
	return delivery.Target{Host: e.Host, Addr: e.Addr, Port: e.Port, Security: security}
}
