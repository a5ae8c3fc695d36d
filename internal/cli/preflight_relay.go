package cli

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// relayPatience bounds how long a look at the DNS may hold up mail that a relay
// takes: whose address receivers see is not known here, so that nothing that is
// found stops it.
const relayPatience = 2 * time.Second

// preflightRelay tries the relay, and meanwhile looks at what the domains that
// send and sign publish. What is wrong there is a warning, and what could not be
// looked up in time is nothing.
func (m *mailing) preflightRelay(ctx context.Context, c *console, transport send.Transport) error {
	looking, cancel := context.WithTimeout(ctx, relayPatience)
	defer cancel()
	found := make(chan []check.Finding, 1)
	go func() { found <- m.published(looking, c) }()
	err := m.tryRelay(ctx, transport)
	if err != nil {
		cancel()
	}
	for _, f := range <-found {
		if err == nil && (f.Severity == check.SeverityError || f.Severity == check.SeverityWarning) {
			c.warn(fmt.Sprintf("%s: %s", f.Subject, f.Message))
		}
	}
	return err
}

// published returns what is found about the domains that mail will speak for;
// nothing for a relay on this machine, which is there to try things out, unless
// the way to ask was named.
func (m *mailing) published(ctx context.Context, c *console) []check.Finding {
	named := len(m.s.Resolver) > 0 || m.s.Zone != "" || m.s.ReplayDNS != ""
	if isLocal(m.via.relay.Host) && !named {
		return nil
	}
	dns, err := newResolver(m.env, m.s, func(line string) { c.say(c.style.Faint(line)) })
	if err != nil {
		c.warn(fmt.Sprintf("what %s publishes was not looked at: %v", m.from.Address.Domain, err))
		return nil
	}
	defer func() { _ = dns.Close() }() // nothing is kept
	var all []check.Finding
	for domain, opt := range m.domainsToCheck(dns, nil) {
		all = append(all, check.Check(ctx, domain, opt).Findings...)
	}
	return all
}

// isLocal reports whether a host is this machine by its name or address alone.
func isLocal(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && addr.IsLoopback())
}

// watchDSN returns what looks at each session for whether its server sends the
// notifications that --dsn asks for, and warns of the first one that does not.
func (m *mailing) watchDSN(c *console) func(*delivery.Session) {
	if m.s.Send.DSN == "" {
		return func(*delivery.Session) {}
	}
	told := make(chan struct{}, 1)
	return func(session *delivery.Session) {
		if session.Capabilities().DSN {
			return
		}
		select {
		case told <- struct{}{}:
			c.warn(fmt.Sprintf("%s does not offer delivery status notifications: where that is so, --dsn has no effect", session.Host()))
		default:
		}
	}
}
