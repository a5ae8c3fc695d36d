package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/https"
	"github.com/mailctl/mailctl/pkg/send"
)

// parseMX reads --via mx: and mx:?port=2525, which is for laboratories, since
// the world listens on 25.
func parseMX(rest string) (via, error) {
	v := via{kind: viaMX, port: 25}
	query, err := url.ParseQuery(trimQuestionMark(rest))
	hint := "write mx:, or mx:?port=2525 to try it out on a network of your own"
	if err != nil || (rest != "" && rest[0] != '?') {
		return v, delivery.Hint(fmt.Errorf("invalid --via %q", "mx:"+rest), hint)
	}
	for name, values := range query {
		port, err := strconv.ParseUint(values[len(values)-1], 10, 16)
		if name != "port" || err != nil || port == 0 {
			return v, delivery.Hint(fmt.Errorf("invalid --via %q", "mx:"+rest), hint)
		}
		v.port = int(port)
	}
	return v, nil
}

func trimQuestionMark(s string) string {
	if s != "" && s[0] == '?' {
		return s[1:]
	}
	return s
}

// newMXRouter returns the way of --via mx:, and what ends it.
func (m *mailing) newMXRouter(ctx context.Context, c *console) (*mxRouter, func() error, error) {
	nothing := func() error { return nil }
	options, err := m.sessionOptions(c)
	if err != nil {
		return nil, nothing, err
	}
	sources, err := parseSources(m.s.Send.FromIP)
	if err != nil {
		return nil, nothing, err
	}
	if err := sources.check(ctx); err != nil {
		return nil, nothing, err
	}
	shapes, err := parseShapes(m.s.Send.Receiver)
	if err != nil {
		return nil, nothing, err
	}
	dns, err := newResolver(m.env, m.s, func(line string) { c.say(c.style.Faint(line)) })
	if err != nil {
		return nil, nothing, err
	}
	sts := &stsCache{
		resolver: dns, client: dns.HTTP, folder: filepath.Join(m.s.State, "mta-sts"), now: m.env.Now,
		entries: map[string]*stsEntry{},
	}
	end := dns.Close
	if options.TLS != nil && dns.HTTP != nil {
		sts.client = https.NewClient(dns, &net.Dialer{}, options.TLS.Clone())
		end = func() error {
			sts.client.CloseIdleConnections()
			return dns.Close()
		}
	}
	return &mxRouter{
		resolver: dns,
		policies: &tlsPolicies{resolver: dns, sts: sts, port: m.via.port, now: m.env.Now},
		options:  options, port: m.via.port, sources: sources, shapes: shapes,
		limits:   &mxLimits{},
		campaign: m.name(), now: m.env.Now, opened: m.watchDSN(c), dead: map[string]time.Time{},
	}, end, nil
}

// Open is part of [send.Transport]: it opens a connection for one domain.
func (x *mxRouter) Open(ctx context.Context, domain string) (send.Conn, error) {
	route, err := x.Route(ctx, domain)
	if err != nil {
		return nil, err
	}
	return route.Lanes[0].Open(ctx)
}

// unreachable reports whether no connection to an address came about.
func unreachable(err error) bool {
	failed := new(delivery.SessionError)
	return errors.As(err, &failed) && failed.Stage == delivery.StageConnect && failed.Reply.IsZero()
}
