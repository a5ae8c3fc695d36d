package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/netip"
	"os"
	"strings"

	"github.com/mailctl/mailctl/internal/sink"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// A relayTransport opens sessions with one relay.
type relayTransport struct {
	target  delivery.Target
	options delivery.Options
	opened  func(*delivery.Session) // told of each
}

// Open opens a session, whatever the destination.
func (t relayTransport) Open(ctx context.Context, _ string) (send.Conn, error) {
	session, err := delivery.Open(ctx, t.target, t.options)
	if err != nil {
		return nil, err
	}
	t.opened(session)
	return session, nil
}

// transport returns how mail leaves, and what ends it.
func (m *mailing) transport(ctx context.Context, c *console) (send.Transport, func() error, error) {
	nothing := func() error { return nil }
	switch m.via.kind {
	case viaMaildir:
		t, err := newMaildir(m.via.folder, m.env.Now)
		if err != nil {
			return nil, nothing, err
		}
		return t, t.root.Close, nil
	case viaSink:
		options, err := m.sessionOptions(c)
		if err != nil {
			return nil, nothing, err
		}
		server, err := sink.Start(ctx, sink.Options{Personality: m.via.personality, Clock: m.env.Now})
		if err != nil {
			return nil, nothing, err
		}
		addr, err := netip.ParseAddrPort(server.Addr())
		target := delivery.Target{
			Host: addr.Addr().String(), Addr: addr.Addr(), Port: int(addr.Port()), Security: delivery.SecurityNone,
		}
		return relayTransport{target, options, m.watchDSN(c)}, func() error { return server.Close(context.WithoutCancel(ctx)) }, err
	case viaMX:
		router, end, err := m.newMXRouter(ctx, c)
		return router, end, err
	default:
		options, err := m.sessionOptions(c)
		return relayTransport{m.via.relay.Route().Targets[0], options, m.watchDSN(c)}, nothing, err
	}
}

// sessionOptions returns how sessions with the relay are opened.
func (m *mailing) sessionOptions(c *console) (delivery.Options, error) {
	relay := m.s.Send.relaySettings
	opt := delivery.Options{LocalName: relay.Helo, AllowPlaintextAuth: m.via.relay.AllowPlaintextAuth}
	if opt.LocalName == "" {
		opt.LocalName = localName()
	}
	if m.s.Verbose {
		opt.Trace = c.trace
	}
	var err error
	if relay.CAFile != "" {
		if opt.TLS, err = trust(relay.CAFile); err != nil {
			return opt, err
		}
	}
	if m.via.relay.User != "" {
		opt.Auth, err = m.auth()
	}
	return opt, err
}

// auth returns the credentials.
func (m *mailing) auth() (*delivery.Auth, error) {
	return credentials(m.via.relay.User, m.s.Send.AuthMechanism, m.secret)
}

// trust returns a configuration that trusts the certificates of a file, and no
// others.
func trust(caFile string) (*tls.Config, error) {
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fileError("read --ca-file", caFile, err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, delivery.Hint(fmt.Errorf("--ca-file %q holds no certificate", caFile), "it must hold certificates in PEM")
	}
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, nil
}

// localName returns the name of this machine for EHLO; empty when it has none that
// others could look up, so that it greets with its address.
func localName() string {
	name, err := os.Hostname()
	if err != nil || !strings.Contains(name, ".") {
		return ""
	}
	return name
}
