package testkit

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/https"
)

// Web is an HTTPS server on loopback that answers for every host a test gives it
// pages of. It ends with the test.
type Web struct {
	t      testing.TB
	ca     *CA
	server *httptest.Server

	mu    sync.Mutex
	pages map[string]Page             // by host and path
	certs map[string]*tls.Certificate // by host
}

// A Page is what is at a URL.
type Page struct {
	Type     string // Content-Type
	Body     string
	Location string // where it redirects to, if anywhere
}

// NewWeb starts a server without pages.
func NewWeb(t testing.TB) *Web {
	t.Helper()
	w := &Web{t: t, ca: NewCA(t), pages: map[string]Page{}, certs: map[string]*tls.Certificate{}}
	w.server = httptest.NewUnstartedServer(w)
	w.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	other := w.ca.Valid(t, "other.invalid")
	w.server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if cert, ok := w.certs[hello.ServerName]; ok {
			return cert, nil
		}
		return &other, nil
	}}
	w.server.StartTLS()
	t.Cleanup(w.server.Close)
	return w
}

// Client returns a client that trusts the server and finds it at every host that
// has an address.
func (w *Web) Client(r delivery.Resolver) *http.Client {
	client := https.NewClient(r, dialTo(w.server.Listener.Addr().String()), w.ca.ClientTLS())
	w.t.Cleanup(client.CloseIdleConnections)
	return client
}

// Certify gives hosts a certificate that is valid for them. A host without one
// answers with that of another.
func (w *Web) Certify(hosts ...string) {
	w.t.Helper()
	for _, host := range hosts {
		cert := w.ca.Valid(w.t, host)
		w.mu.Lock()
		w.certs[host] = &cert
		w.mu.Unlock()
	}
}

// Distrust takes the certificate of a host away.
func (w *Web) Distrust(host string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.certs, host)
}

// Remove takes a page away.
func (w *Web) Remove(at string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.pages, at)
}

// Put puts a page at a host and a path, such as "example.com/a.svg".
func (w *Web) Put(at string, page Page) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pages[at] = page
}

// Page returns what is at a host and a path.
func (w *Web) Page(at string) (Page, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	page, ok := w.pages[at]
	return page, ok
}

// ServeHTTP implements [http.Handler].
func (w *Web) ServeHTTP(out http.ResponseWriter, req *http.Request) {
	page, ok := w.Page(req.Host + req.URL.Path)
	switch {
	case !ok:
		http.NotFound(out, req)
	case page.Location != "":
		http.Redirect(out, req, page.Location, http.StatusFound)
	default:
		out.Header().Set("Content-Type", page.Type)
		_, _ = io.WriteString(out, page.Body)
	}
}

// dialTo connects to one address, whatever the name.
type dialTo string

func (addr dialTo) DialContext(ctx context.Context, network, _ string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, network, string(addr))
}
