package mtasts

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

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/https"
)

const host = "mta-sts.example.com"

// serve starts an HTTPS server on loopback and returns a client that connects to
// it whatever the host, and trusts the CA.
func serve(t *testing.T, ca *testkit.CA, cert tls.Certificate, handler http.HandlerFunc) *http.Client {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = testkit.ServerTLS(cert)
	server.StartTLS()
	t.Cleanup(server.Close)
	transport := &http.Transport{
		TLSClientConfig: ca.ClientTLS(),
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func answer(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Host != host || r.URL.Path != "/.well-known/mta-sts.txt" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, body)
	}
}

func TestFetchPolicy(t *testing.T) {
	ca := testkit.NewCA(t)
	tests := []struct {
		name, names string
		handler     http.HandlerFunc
		want        https.Status
		plain       bool
		policy      bool
	}{
		{"a policy", host, answer("text/plain; charset=utf-8", goodPolicy), https.Fetched, true, true},
		{"a policy as HTML", host, answer("text/html", goodPolicy), https.Fetched, false, true},
		{"a wildcard certificate", "*.example.com", answer("text/plain", goodPolicy), https.Fetched, true, true},
		{"a web page", host, answer("text/html", "<html>"), PolicyInvalid, false, true},
		{"64 KiB", host, answer("text/plain", goodPolicy+"x:"+strings.Repeat("a", maxPolicy-len(goodPolicy)-2)), https.Fetched, true, true},
		{"one octet more", host, answer("text/plain", goodPolicy+"x:"+strings.Repeat("a", maxPolicy-len(goodPolicy)-1)), https.TooLarge, true, false},
		{"a redirect (§3.3)", host, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://www.example.com/sts.txt", http.StatusMovedPermanently)
		}, https.Redirected, false, false},
		{"a certificate for the domain itself", "example.com", answer("text/plain", goodPolicy), https.CertificateName, false, false},
	}
	for _, test := range tests {
		f := FetchPolicy(t.Context(), serve(t, ca, ca.Valid(t, test.names), test.handler), "example.com")
		if f.Status != test.want || f.PlainText != test.plain || (f.Policy != nil) != test.policy || (f.Err == nil) != (test.want == https.Fetched) {
			t.Errorf("%s: %s (%v), plain text %v, %+v", test.name, f.Status, f.Err, f.PlainText, f.Policy)
		}
		if f.URL != "https://mta-sts.example.com/.well-known/mta-sts.txt" {
			t.Errorf("%s: %s", test.name, f.URL)
		}
	}
}

func TestDiscover(t *testing.T) {
	ca := testkit.NewCA(t)
	client := serve(t, ca, ca.Valid(t, host), answer("text/plain", goodPolicy))
	r := zonetest.New(t, `_mta-sts.example.com TXT "v=STSv1; id=1;"`)
	d, err := Discover(t.Context(), r, client, "Example.COM")
	if err != nil || d.Domain != "example.com" || d.Policy() == nil {
		t.Errorf("%+v, %v", d, err)
	}
	d, err = Discover(t.Context(), r, client, "example.net")
	if err != nil || d.Record.Status != RecordNone || d.Fetch != nil || d.Policy() != nil {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err = Discover(t.Context(), r, client, "a..b"); !errors.Is(err, delivery.ErrInvalidName) {
		t.Error(err)
	}
}
