package https_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/https"
)

// portDialer connects to one port whatever the port, and refuses addresses.
type portDialer struct {
	port   string
	refuse string
}

func (d portDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil || host == d.refuse {
		return nil, &net.OpError{Op: "dial", Err: &net.AddrError{Err: "refused", Addr: address}}
	}
	return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort(host, d.port))
}

func TestNewClient(t *testing.T) {
	ca := testkit.NewCA(t)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }))
	server.TLS = testkit.ServerTLS(ca.Valid(t, host, "127.0.0.1"))
	server.StartTLS()
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, zone, url, refuse string
		fail                    string
		cause                   delivery.LookupCause
		want                    https.Status
	}{
		{"one address", "www.example.com A 127.0.0.1", url, "", "", "", https.Fetched},
		{"the second address", "www.example.com A 127.0.0.1\nwww.example.com A 127.0.0.2", url, "127.0.0.2", "", "", https.Fetched},
		{"the other family", "www.example.com AAAA ::1\nwww.example.com A 127.0.0.1", url, "::1", "", "", https.Fetched},
		{"an alias", "www.example.com CNAME a.example.net\na.example.net A 127.0.0.1", url, "", "", "", https.Fetched},
		{"an address in the URL", "", "https://127.0.0.1/", "", "", "", https.Fetched},
		{"no such host", "", url, "", "", "", https.NoSuchHost},
		{"no address", `www.example.com TXT "x"`, url, "", "", "", https.NoSuchHost},
		{"the look-up fails", "", url, "", host, delivery.CauseServFail, https.HostUnknown},
		{"refused", "www.example.com A 127.0.0.1", url, "127.0.0.1", "", "", https.Unreachable},
	}
	for _, test := range tests {
		client := https.NewClient(zonetest.New(t, test.zone).Fail(test.cause, test.fail), portDialer{port, test.refuse}, ca.ClientTLS())
		d := https.Get(t.Context(), client, test.url, https.Options{MaxOctets: 100})
		if d.Status != test.want {
			t.Errorf("%s: %s, %v", test.name, d.Status, d.Err)
		}
		client.CloseIdleConnections()
	}
}
