package delivery

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Errors of [ParseRelay].
var (
	// ErrRelay means that the text is not the address of a relay.
	ErrRelay = errors.New("invalid relay")
	// ErrPasswordInURL means that a URL holds a password, where every user of the
	// machine could read it.
	ErrPasswordInURL = errors.New("a password does not belong in a URL")
)

// A Relay is a server that takes mail for every recipient, as a URL names it.
type Relay struct {
	Host     string // a domain name in A-labels, or an IP address
	Port     int
	Security Security
	User     string // empty means not to log in
	// AllowPlaintextAuth lets credentials travel without verified TLS.
	AllowPlaintextAuth bool
}

// A Route is where mail goes.
type Route struct {
	// Domain is that of the recipients; empty when it is everyone's.
	Domain string
	// Destination is the key that limits and reports hang on: the provider's name
	// when every mail exchanger is one of its own, else Servers; the host of a relay.
	Destination string
	// Servers names the set of servers. Routes with equal ones lead to the same.
	Servers string
	// Targets are the servers in the order in which they are tried, at least one.
	Targets []Target
}

// Route returns the route of every message that goes through r. Its destination
// is the relay's host.
func (r Relay) Route() Route {
	target := Target{Host: r.Host, Port: r.Port, Security: r.Security}
	if addr, err := netip.ParseAddr(r.Host); err == nil {
		target.Addr = addr
	}
	return Route{Destination: r.Host, Servers: r.Host, Targets: []Target{target}}
}

// The ports of RFC 8314 §3.3 and RFC 6409 §3.1.
const (
	portSubmission    = 587
	portSubmissionTLS = 465
)

// ParseRelay reads the URL of a relay:
//
//	smtp://[user@]host[:587][?tls=opportunistic|none][&auth=plaintext]
//	smtps://[user@]host[:465]
//
// Errors wrap [ErrRelay] or [ErrPasswordInURL], and carry a [Hint].
func ParseRelay(text string) (Relay, error) {
	u, err := url.Parse(text)
	if err != nil {
		// The error of url.Parse repeats the text, which may hold a password.
		return Relay{}, Hint(fmt.Errorf("%w: it cannot be read as a URL", ErrRelay), hintRelay)
	}
	if _, ok := u.User.Password(); ok {
		return Relay{}, Hint(fmt.Errorf("%w: %q", ErrPasswordInURL, shown(u)),
			fmt.Sprintf("write %s://%s@%s and give the password in the environment or with --password-file", u.Scheme, u.User.Username(), u.Host))
	}
	relay := Relay{User: u.User.Username()}
	switch strings.ToLower(u.Scheme) {
	case "smtp":
		relay.Security, relay.Port = SecuritySTARTTLS, portSubmission
	case "smtps":
		relay.Security, relay.Port = SecurityTLS, portSubmissionTLS
	default:
		return Relay{}, badRelay(u, fmt.Sprintf("the scheme is %q", u.Scheme))
	}
	if u.Opaque != "" {
		// What stands behind the colon may hold a password.
		return Relay{}, Hint(fmt.Errorf("%w %q: two slashes are missing", ErrRelay, u.Scheme+":…"), hintRelay)
	}
	if (u.Path != "" && u.Path != "/") || u.Fragment != "" {
		return Relay{}, badRelay(u, "there is more than user, host and port")
	}
	if err := relay.setHost(u); err != nil {
		return Relay{}, err
	}
	if err := relay.setQuery(u); err != nil {
		return Relay{}, err
	}
	return relay, nil
}

const (
	hintRelay = "write smtp://[user@]host[:587] or smtps://[user@]host[:465]"
	hintQuery = "known are ?tls=opportunistic, ?tls=none and ?auth=plaintext"
)

func badRelay(u *url.URL, problem string) error {
	return Hint(fmt.Errorf("%w %q: %s", ErrRelay, shown(u), problem), hintRelay)
}

// shown returns the part of a URL that holds no secret, wherever one was put.
func shown(u *url.URL) string { return shorten(u.Scheme + "://" + u.Host) }

func (r *Relay) setHost(u *url.URL) error {
	host := u.Hostname()
	if host == "" {
		return badRelay(u, "there is no host")
	}
	if port := u.Port(); port != "" || strings.HasSuffix(u.Host, ":") {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return badRelay(u, fmt.Sprintf("the port %q is not a number from 1 to 65535", port))
		}
		r.Port = int(n)
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		r.Host = addr.String()
		return nil
	}
	ascii, problem := domainToASCII(host)
	if problem != "" && !strings.Contains(ascii, "_") {
		return badRelay(u, strings.Replace(problem, "domain", "host", 1))
	}
	r.Host = ascii
	return nil
}

func (r *Relay) setQuery(u *url.URL) error {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return badRelay(u, "what follows the question mark is not understood")
	}
	for name, values := range query {
		value := values[len(values)-1]
		switch {
		case name == "tls" && r.Security == SecurityTLS:
			return Hint(fmt.Errorf("%w %q: smtps:// is always encrypted", ErrRelay, shown(u)), "use smtp:// with ?tls=")
		case name == "tls" && (value == string(SecurityOpportunistic) || value == string(SecurityNone) || value == string(SecuritySTARTTLS)):
			r.Security = Security(value)
		case name == "auth" && value == "plaintext":
			r.AllowPlaintextAuth = true
		case name == "tls":
			return Hint(fmt.Errorf("%w %q: unknown tls %q", ErrRelay, shown(u), shorten(value)), hintQuery)
		case name == "auth": // whose value may be a password
			return Hint(fmt.Errorf("%w %q: the value of %q is not understood", ErrRelay, shown(u), name), hintQuery)
		default:
			return Hint(fmt.Errorf("%w %q: unknown option %q", ErrRelay, shown(u), shorten(name)), hintQuery)
		}
	}
	return nil
}

// String returns the relay as [ParseRelay] reads it.
func (r Relay) String() string {
	u := url.URL{Scheme: "smtp", Host: net.JoinHostPort(r.Host, strconv.Itoa(r.Port))}
	if r.User != "" {
		u.User = url.User(r.User)
	}
	query := url.Values{}
	switch r.Security {
	case SecurityTLS:
		u.Scheme = "smtps"
	case SecurityOpportunistic, SecurityNone:
		query.Set("tls", string(r.Security))
	case SecuritySTARTTLS:
	}
	if r.AllowPlaintextAuth {
		query.Set("auth", "plaintext")
	}
	u.RawQuery = query.Encode()
	return u.String()
}
