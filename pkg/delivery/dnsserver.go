package delivery

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// A DNSTransport is how a name server is asked.
type DNSTransport string

// The transports.
const (
	TransportUDP   DNSTransport = "udp"   // and TCP where an answer does not fit (RFC 7766 §5)
	TransportTCP   DNSTransport = "tcp"   // TCP only
	TransportTLS   DNSTransport = "tls"   // DNS over TLS (RFC 7858), the certificate verified
	TransportHTTPS DNSTransport = "https" // DNS over HTTPS (RFC 8484), the certificate verified
)

// A DNSServer is a name server to ask. [ParseDNSServer] makes one.
type DNSServer struct {
	Transport DNSTransport
	Addr      string // "192.0.2.53:53"; for TLS a name may stand for the address; empty for HTTPS
	Name      string // whom the certificate must belong to; only for TLS
	URL       string // only for HTTPS
}

// ParseDNSServer reads a name server as a person writes it: an address with or
// without a port, tcp://ADDR[:PORT], tls://HOST[:PORT] or an https:// URL.
func ParseDNSServer(text string) (DNSServer, error) {
	text = strings.TrimSpace(text)
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		return plainServer(text, TransportUDP, text)
	}
	switch strings.ToLower(scheme) {
	case "udp":
		return plainServer(text, TransportUDP, rest)
	case "tcp":
		return plainServer(text, TransportTCP, rest)
	case "tls":
		return tlsServer(text, rest)
	case "https":
		return httpsServer(text)
	}
	return DNSServer{}, badServer(text, "the scheme is not known", "write an address, tls://HOST or https://HOST/dns-query")
}

func badServer(text, problem, hint string) error {
	return Hint(fmt.Errorf("invalid name server %q: %s", text, problem), hint)
}

func plainServer(text string, transport DNSTransport, rest string) (DNSServer, error) {
	addr, port, err := splitServer(text, rest, "53")
	if err != nil {
		return DNSServer{}, err
	}
	if _, err := netip.ParseAddr(addr); err != nil {
		return DNSServer{}, badServer(text, "it is not an IP address", "write an address such as 192.0.2.53 or [2001:db8::53]:53; only tls:// and https:// servers have names")
	}
	return DNSServer{Transport: transport, Addr: net.JoinHostPort(addr, port)}, nil
}

func tlsServer(text, rest string) (DNSServer, error) {
	host, port, err := splitServer(text, rest, "853") // RFC 7858 §3.1
	if err != nil {
		return DNSServer{}, err
	}
	if _, err := netip.ParseAddr(host); err != nil {
		if host, err = DNSName(host); err != nil {
			return DNSServer{}, badServer(text, "it has no valid host", "write tls://dns.example or tls://192.0.2.53")
		}
	}
	return DNSServer{Transport: TransportTLS, Addr: net.JoinHostPort(host, port), Name: host}, nil
}

func httpsServer(text string) (DNSServer, error) {
	u, err := url.Parse(strings.TrimSuffix(text, "{?dns}")) // RFC 8484 §6 has a template; POST goes to its path
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return DNSServer{}, badServer(text, "it is not a valid URL", "write https://dns.example/dns-query")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/dns-query"
	}
	return DNSServer{Transport: TransportHTTPS, URL: u.String()}, nil
}

// splitServer separates host and port, which may be missing.
func splitServer(text, rest, defaultPort string) (host, port string, err error) {
	host, port = rest, defaultPort
	if _, err := netip.ParseAddr(rest); err != nil {
		if bare, ok := strings.CutPrefix(rest, "["); ok && strings.HasSuffix(bare, "]") {
			host = strings.TrimSuffix(bare, "]")
		} else if strings.Contains(rest, ":") {
			if host, port, err = net.SplitHostPort(rest); err != nil {
				return "", "", badServer(text, "the address and the port cannot be told apart", "write [2001:db8::53]:53 or 192.0.2.53:53")
			}
		}
	}
	if n, err := parsePort(port); err != nil || n == 0 {
		return "", "", badServer(text, fmt.Sprintf("the port %q is not a number from 1 to 65535", port), "")
	}
	return host, port, nil
}

func parsePort(s string) (uint16, error) {
	ap, err := netip.ParseAddrPort("0.0.0.0:" + s)
	return ap.Port(), err
}

// String returns the server in a form that [ParseDNSServer] reads.
func (s DNSServer) String() string {
	switch s.Transport {
	case TransportHTTPS:
		return s.URL
	case TransportTCP, TransportTLS:
		return string(s.Transport) + "://" + s.Addr
	case TransportUDP:
	}
	return s.Addr
}

// ParseResolvConf returns the name servers of a resolv.conf(5) file, in the order
// it lists them. One that lists none means the server of the machine itself.
// Lines that cannot be understood are passed over, as the system does.
func ParseResolvConf(content string) []DNSServer {
	const most = 8
	var servers []DNSServer
	for line := range strings.Lines(content) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "nameserver" || len(servers) == most {
			continue
		}
		if addr, err := netip.ParseAddr(words[1]); err == nil {
			servers = append(servers, DNSServer{Transport: TransportUDP, Addr: netip.AddrPortFrom(addr, 53).String()})
		}
	}
	if servers == nil {
		servers = []DNSServer{{Transport: TransportUDP, Addr: "127.0.0.1:53"}}
	}
	return servers
}
