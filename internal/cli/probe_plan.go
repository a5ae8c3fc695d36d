package cli

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/probe"
)

// A probePlan is everything that a run of probe needs.
type probePlan struct {
	env     Environment
	s       settings
	targets []probeTarget
	options probe.Options // without a resolver
	failOn  probe.Severity
}

// A probeTarget is a request and where it was written.
type probeTarget struct {
	probe.Request
	place ui.Place
}

// planProbe reads and verifies everything that was asked for.
func planProbe(env Environment, s settings, args []string) (*probePlan, error) {
	p := &probePlan{env: env, s: s, failOn: probe.Severity(s.Probe.FailOn)}
	steps := []func() error{
		func() error { return oneOf("format", s.Format, ui.CheckFormats()...) },
		func() error { return oneOf("fail-on", s.Probe.FailOn, "error", "warning", "notice") },
		p.numbers,
		func() error { return p.servers(args) },
		p.connection,
		p.login,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// numbers verifies the flags that are numbers or depend on one another.
func (p *probePlan) numbers() error {
	s := p.s.Probe
	for _, port := range s.Port {
		if port < 1 || port > 65535 {
			return delivery.Hint(fmt.Errorf("invalid --port \"%d\"", port), "write a number from 1 to 65535")
		}
	}
	if s.As != "" {
		if err := oneOf("as", s.As, string(probe.ServiceRelay), string(probe.ServiceSubmission), string(probe.ServiceSubmissions)); err != nil {
			return err
		}
	}
	for _, bad := range []struct {
		wrong bool
		what  string
		hint  string
	}{
		{s.Family != 0 && s.Family != 4 && s.Family != 6, fmt.Sprintf("invalid --family \"%d\"", s.Family), "write 4 or 6"},
		{s.Concurrency < 1, fmt.Sprintf("invalid --concurrency \"%d\"", s.Concurrency), "write a number from 1 on"},
		{s.MinDays < 0, fmt.Sprintf("invalid --min-days \"%d\"", s.MinDays), "write a number from 0 on"},
		{s.ConnectTimeout <= 0, fmt.Sprintf("invalid --connect-timeout %q", s.ConnectTimeout), "write a time such as 10s"},
		{s.Timeout <= 0, fmt.Sprintf("invalid --timeout %q", s.Timeout), "write a time such as 45s"},
		{s.Watch && s.Interval <= 0, fmt.Sprintf("invalid --interval %q", s.Interval), "write a time such as 1m"},
		{s.Watch && p.s.Format != "text" && p.s.Format != "jsonl", fmt.Sprintf("--watch cannot print --format %q", p.s.Format), "use text or jsonl, which have no end"},
	} {
		if bad.wrong {
			return delivery.Hint(errors.New(bad.what), bad.hint)
		}
	}
	return nil
}

// servers puts together what is to be probed: the arguments and the list.
func (p *probePlan) servers(args []string) error {
	for _, arg := range args {
		request, err := p.request(arg)
		if err != nil {
			return err
		}
		p.targets = append(p.targets, probeTarget{Request: request})
	}
	if path := p.s.Probe.List; path != "" {
		err := readNames(p.env, path, "server", func(name string, place ui.Place) error {
			request, err := p.request(name)
			p.targets = append(p.targets, probeTarget{request, place})
			return err
		})
		if err != nil {
			return err
		}
	}
	if len(p.targets) == 0 {
		return delivery.Hint(errors.New("no server to probe"), "name one, such as: mailctl probe mx.example.com:25")
	}
	return nil
}

// request reads HOST, HOST:PORT, an address, or smtp:// or smtps:// and one of
// these.
func (p *probePlan) request(text string) (probe.Request, error) {
	request := probe.Request{Name: text, Ports: p.s.Probe.Port, Host: p.s.Probe.Host, Service: probe.Service(p.s.Probe.As)}
	if scheme, rest, found := strings.Cut(text, "://"); found {
		switch strings.ToLower(scheme) {
		case "smtps":
			request.Service, request.Ports = probe.ServiceSubmissions, []int{probe.PortSubmissions}
		case "smtp":
			request.Ports = []int{probe.PortRelay}
		default:
			return request, delivery.Hint(fmt.Errorf("invalid server %q", text), "write HOST:PORT, smtp://HOST:PORT or smtps://HOST:PORT")
		}
		request.Host = true
		request.Name = strings.TrimSuffix(rest, "/")
	}
	return request, readHostPort(&request, text)
}

// readHostPort takes the port off the name of a request.
func readHostPort(request *probe.Request, text string) error {
	if _, err := netip.ParseAddr(strings.Trim(request.Name, "[]")); err == nil {
		return nil
	}
	if host, port, err := net.SplitHostPort(request.Name); err == nil {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return delivery.Hint(fmt.Errorf("invalid port %q in %q", port, text), "write HOST:PORT, such as mx.example.com:25")
		}
		request.Name, request.Ports, request.Host = host, []int{int(n)}, true
	}
	if _, err := netip.ParseAddr(request.Name); err == nil {
		return nil
	}
	return verifyDomain(request.Name)
}

// connection reads how to connect.
func (p *probePlan) connection() error {
	s := p.s.Probe
	o := &p.options
	o.LocalName = s.Helo
	if o.LocalName == "" {
		o.LocalName = localName()
	}
	if strings.ContainsFunc(o.LocalName, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return delivery.Hint(fmt.Errorf("invalid --helo %q", s.Helo), "write a name such as client.example.com")
	}
	o.Family, o.Concurrency, o.MinDays, o.Now = s.Family, s.Concurrency, usualMinDays, p.env.Now
	if s.MinDays > 0 {
		o.MinDays, o.Expiry = s.MinDays, probe.SeverityError
	}
	o.OpenRelay, o.Injection = s.OpenRelay, s.Injection
	o.Scan = probe.ScanOptions{Versions: s.TLSVersions, Ciphers: s.Ciphers}
	t := s.Timeout
	o.Timeouts = delivery.Timeouts{Connect: s.ConnectTimeout, Greeting: t, Hello: t, TLS: t, Auth: t, Mail: t, Rcpt: t, Reset: t}
	if s.CAFile != "" {
		var trusted *tls.Config
		var err error
		if trusted, err = trust(s.CAFile); err != nil {
			return err
		}
		o.Roots = trusted.RootCAs
	}
	return p.source()
}

// source reads --from-ip, which must be an address of this machine.
func (p *probePlan) source() error {
	text := p.s.Probe.FromIP
	if text == "" {
		return nil
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return delivery.Hint(fmt.Errorf("invalid --from-ip %q", text), "write an address of this machine, such as 192.0.2.25")
	}
	family := 6
	if addr.Unmap().Is4() {
		family = 4
	}
	if other := p.options.Family; other != 0 && other != family {
		return delivery.Hint(fmt.Errorf("--from-ip %q is not of --family %d", text, other), "leave --family out")
	}
	local := net.TCPAddrFromAddrPort(netip.AddrPortFrom(addr, 0))
	listener, err := net.ListenTCP("tcp", local)
	if err != nil {
		return delivery.Hint(fmt.Errorf("--from-ip %q is no address of this machine", text), "'ip address' shows those there are")
	}
	p.options.Family = family
	p.options.Dialer = &net.Dialer{LocalAddr: local}
	return listener.Close()
}

// login reads the credentials of --auth.
func (p *probePlan) login() (err error) {
	s := p.s.Probe
	switch {
	case s.Auth == "" && s.PasswordFile != "":
		return delivery.Hint(errors.New("--password-file does nothing without --auth"), "name the user: --auth USER")
	case s.Auth == "" && s.AuthMechanism != "":
		return delivery.Hint(errors.New("--auth-mechanism does nothing without --auth"), "name the user: --auth USER")
	case s.Auth == "":
		return nil
	case len(p.targets) > 1:
		return delivery.Hint(errors.New("--auth is for one server"), "a password is not shown to several: probe them one after the other")
	case !p.targets[0].Host && !isAddress(p.targets[0].Name):
		return delivery.Hint(fmt.Errorf("--auth needs a host, and %q may be a domain", p.targets[0].Name), "write HOST:587, or give --host")
	}
	secret, err := readSecret(p.env, s.PasswordFile, delivery.Relay{User: s.Auth, Host: p.targets[0].Name})
	if err != nil {
		return err
	}
	p.options.Auth, err = credentials(s.Auth, s.AuthMechanism, secret)
	return err
}

func isAddress(name string) bool {
	_, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil
}
