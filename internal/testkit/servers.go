package testkit

import (
	"crypto/tls"
	"io/fs"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"text/template"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// MTAOptions say how a mail server's front door looks. The zero value is a
// submission server as they are found: STARTTLS is offered, AUTH is offered
// inside TLS, and mail is taken without either.
type MTAOptions struct {
	NoTLS       bool // offer no STARTTLS; credentials travel in the clear
	ImplicitTLS bool // speak TLS from the first byte (RFC 8314)
	RequireAuth bool // refuse recipients of a client that has not logged in
}

// MTA is a real mail server that a test started: it runs on loopback, asks no
// DNS, takes mail for every recipient and hands it to a next hop inside the
// test, which keeps it. It ends with the test.
type MTA struct {
	Addr     string // where it listens, "127.81.3.77:2525"; the certificate is for that address
	CA       *CA    // who signed its certificate
	CAFile   string // the same as a PEM file
	User     string // the one login it knows
	Password string

	t     testing.TB
	view  *privateView
	next  *nextHop
	queue []string // folders that hold a message until it is passed on, in the order in which it moves
}

// The login that every server of this package knows.
const (
	mtaUser     = "sender"
	mtaPassword = "correct-horse,battery=staple"
)

// newMTA prepares what the servers have in common.
// The address is a random one of the loopback range, for two servers never to
// meet on a port.
func newMTA(t testing.TB) *MTA {
	t.Helper()
	host := randomLoopback()
	m := &MTA{
		Addr:     net.JoinHostPort(host, "2525"),
		CA:       NewCA(t),
		User:     mtaUser,
		Password: mtaPassword,
		t:        t,
		view:     newPrivateView(t),
		next:     newNextHop(t),
	}
	m.CAFile = m.view.write(t, "etc/ssl/certs/ca-certificates.crt", string(m.CA.PEM())) // OpenSMTPD wants one there
	m.certify(m.CA.Valid(t, host))
	return m
}

// certify writes the server's certificate and its key.
func (m *MTA) certify(cert tls.Certificate) {
	m.t.Helper()
	m.view.write(m.t, "cert.pem", chainPEM(m.t, cert))
	m.view.write(m.t, "key.pem", keyPEM(m.t, cert))
}

// mtaSettings fill the templates of the servers' files.
type mtaSettings struct {
	MTAOptions
	Host, Port         string
	NextHost, NextPort string
	User, Password     string
	PasswordHash       string // for crypt(3)
}

// configure writes a file of the server from its template.
func (m *MTA) configure(opt MTAOptions, name, text string) {
	m.t.Helper()
	settings := mtaSettings{MTAOptions: opt, User: m.User, Password: m.Password}
	settings.Host, settings.Port, _ = net.SplitHostPort(m.Addr)
	settings.NextHost, settings.NextPort, _ = net.SplitHostPort(m.next.addr)
	hash, err := bcrypt.GenerateFromPassword([]byte(m.Password), bcrypt.MinCost)
	check(m.t, err)
	settings.PasswordHash = string(hash)
	var b strings.Builder
	check(m.t, template.Must(template.New(name).Parse(text)).Execute(&b, settings))
	m.view.write(m.t, name, b.String())
}

// start runs the server and returns when it takes mail.
func (m *MTA) start() {
	m.t.Helper()
	m.view.start(m.t)
	m.view.waitFor(m.t, m.Addr)
}

// Messages returns what the next hop got, in the order of arrival. It waits
// until the server has passed on everything that it accepted so far, so that a
// message sent twice cannot be missed; it fails the test after two minutes.
func (m *MTA) Messages() []Received {
	m.t.Helper()
	deadline := time.After(2 * time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for m.queued() {
		select {
		case <-deadline:
			m.t.Fatalf("the server at %s still has messages in its queue", m.Addr)
		case <-m.view.done:
			m.t.Fatalf("the server at %s has died", m.Addr)
		case <-tick.C:
		}
	}
	return m.next.messages()
}

// queued tells whether the server's queue holds anything. It walks the folders
// in the order in which messages do, so that none can slip by.
func (m *MTA) queued() bool {
	m.t.Helper()
	found := false
	for _, folder := range m.queue {
		root := m.view.path(folder)
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil && name == root:
				return err
			case err == nil && d.Type().IsRegular():
				found = true
				return filepath.SkipAll
			}
			return nil // what vanishes during the walk has moved on
		})
		check(m.t, err)
	}
	return found
}
