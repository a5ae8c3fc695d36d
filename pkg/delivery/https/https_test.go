package https_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery/https"
)

const (
	host = "www.example.com"
	url  = "https://www.example.com/document"
)

// serve starts an HTTPS server on loopback and returns a client that connects to
// it whatever the host, and trusts the CA.
func serve(t *testing.T, ca *testkit.CA, config *tls.Config, handler http.HandlerFunc) *http.Client {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = config
	server.StartTLS()
	t.Cleanup(server.Close)
	return clientTo(t, ca, server.Listener.Addr().String())
}

func clientTo(t *testing.T, ca *testkit.CA, addr string) *http.Client {
	t.Helper()
	transport := &http.Transport{
		TLSClientConfig: ca.ClientTLS(),
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, addr)
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, body)
	}
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/document" {
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "there")
	}
}

func TestGet(t *testing.T) {
	ca := testkit.NewCA(t)
	good := testkit.ServerTLS(ca.Valid(t, host))
	future := testkit.Cert{Names: []string{host}, NotBefore: time.Now().Add(time.Hour), NotAfter: time.Now().Add(2 * time.Hour)}
	tests := []struct {
		name    string
		config  *tls.Config
		handler http.HandlerFunc
		hops    int
		want    https.Status
		http    int
		body    string
	}{
		{"a document", good, text("hello"), 0, https.Fetched, 200, "hello"},
		{"the most that is taken", good, text(strings.Repeat("a", 1000)), 0, https.Fetched, 200, strings.Repeat("a", 1000)},
		{"one octet more", good, text(strings.Repeat("a", 1001)), 0, https.TooLarge, 200, ""},
		{"not there", good, http.NotFound, 0, https.HTTPStatus, 404, ""},
		{"a redirect", good, redirect("/there"), 0, https.Redirected, 302, ""},
		{"a redirect that is followed", good, redirect("/there"), 1, https.Fetched, 200, "there"},
		{"redirects without end", good, redirect("/document"), 3, https.Redirected, 302, ""},
		{"a redirect to HTTP", good, redirect("http://www.example.com/there"), 3, https.Redirected, 302, ""},
		{"another name", testkit.ServerTLS(ca.Valid(t, "example.com")), text("hello"), 0, https.CertificateName, 0, ""},
		{"expired", testkit.ServerTLS(ca.Expired(t, host)), text("hello"), 0, https.CertificateTime, 0, ""},
		{"not yet valid", testkit.ServerTLS(ca.Issue(t, future)), text("hello"), 0, https.CertificateTime, 0, ""},
		{"self-signed", testkit.ServerTLS(testkit.SelfSigned(t, host)), text("hello"), 0, https.CertificateIssuer, 0, ""},
		{"cut off", good, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "hello")
		}, 0, https.Broken, 200, ""},
	}
	for _, test := range tests {
		d := https.Get(t.Context(), serve(t, ca, test.config.Clone(), test.handler), url, https.Options{MaxOctets: 1000, MaxRedirects: test.hops})
		if d.Status != test.want || d.HTTPStatus != test.http || string(d.Body) != test.body {
			t.Errorf("%s: %s (%v), HTTP %d, %q", test.name, d.Status, d.Err, d.HTTPStatus, d.Body)
		}
		if (d.Err == nil) != (test.want == https.Fetched) || d.URL != url {
			t.Errorf("%s: %v, %s", test.name, d.Err, d.URL)
		}
		if (test.want == https.Redirected) != (d.Location != "") {
			t.Errorf("%s: leads to %q", test.name, d.Location)
		}
	}
}

// A client that verifies nothing gets nothing all the same.
func TestGetUnverified(t *testing.T) {
	ca := testkit.NewCA(t)
	client := serve(t, ca, testkit.ServerTLS(testkit.SelfSigned(t, host)), text("hello"))
	transport, _ := client.Transport.(*http.Transport)
	transport.TLSClientConfig.InsecureSkipVerify = true
	if d := https.Get(t.Context(), client, url, https.Options{MaxOctets: 1000}); d.Status != https.CertificateIssuer || d.Body != nil {
		t.Errorf("%s, %q", d.Status, d.Body)
	}
}

func TestGetNoConnection(t *testing.T) {
	ca := testkit.NewCA(t)
	failing := func(err error) *http.Client {
		return &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, err }}}
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	refusing, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = refusing.Close()
	old := &tls.Config{Certificates: []tls.Certificate{ca.Valid(t, host)}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}

	tests := []struct {
		name   string
		client *http.Client
		url    string
		want   https.Status
	}{
		{"no such host", failing(&net.DNSError{Name: host, IsNotFound: true}), url, https.NoSuchHost},
		{"the look-up failed", failing(&net.DNSError{Name: host, IsTemporary: true}), url, https.HostUnknown},
		{"the look-up timed out", failing(&net.DNSError{Name: host, IsNotFound: true, IsTimeout: true}), url, https.HostUnknown},
		{"some error of the dialer", failing(errors.New("no route")), url, https.Unreachable},
		{"refused", clientTo(t, ca, refusing.Addr().String()), url, https.Unreachable},
		{"no TLS", clientTo(t, ca, plain.Listener.Addr().String()), url, https.TLSFailed},
		{"old TLS", serve(t, ca, old, text("hello")), url, https.TLSFailed},
		{"not a URL", failing(nil), "https://a b/", https.NoSuchHost},
		{"not HTTPS", failing(nil), "http://www.example.com/", https.NoSuchHost},
		{"no host", failing(nil), "https:///x", https.NoSuchHost},
	}
	for _, test := range tests {
		d := https.Get(t.Context(), test.client, test.url, https.Options{MaxOctets: 1000})
		if d.Status != test.want || d.Body != nil || d.Err == nil {
			t.Errorf("%s: %s, %v", test.name, d.Status, d.Err)
		}
		if want := test.want != https.NoSuchHost && test.want != https.TLSFailed; d.Status.Unknown() != want {
			t.Errorf("%s: unknown is %v", test.name, d.Status.Unknown())
		}
	}
}

func TestGetTimeout(t *testing.T) {
	ca := testkit.NewCA(t)
	never := t.Context().Done() // the end of the request would let an answer race with the client's leaving
	client := serve(t, ca, testkit.ServerTLS(ca.Valid(t, host)), func(http.ResponseWriter, *http.Request) { <-never })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if d := https.Get(ctx, client, url, https.Options{MaxOctets: 1000}); d.Status != https.TimedOut {
		t.Errorf("%s, %v", d.Status, d.Err)
	}
	client.Timeout = 50 * time.Millisecond
	if d := https.Get(t.Context(), client, url, https.Options{MaxOctets: 1000}); d.Status != https.TimedOut {
		t.Errorf("%s, %v", d.Status, d.Err)
	}
}
