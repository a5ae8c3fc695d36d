package check

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/https"
)

// goodSVG is an indicator as receivers want it.
const goodSVG = `<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 64 64">` +
	`<title>Example</title><rect width="64" height="64" fill="teal"/></svg>`

// serveDocuments starts a web server for the policies and indicators of all
// domains, and returns a client that finds it whatever the name.
func serveDocuments(t *testing.T, r delivery.Resolver, cases []zoneCase) *http.Client {
	t.Helper()
	policies := map[string]string{}
	names := []string{"logos.hosts.example"}
	for _, c := range cases {
		host := "mta-sts." + c.domain
		if policies[host] = c.policy; c.policy != "wrong-name" {
			names = append(names, host)
		}
	}
	ca := testkit.NewCA(t)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if policy, ok := policies[req.Host]; ok {
			servePolicy(w, req, policy)
			return
		}
		serveLogo(w, req)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{ca.Valid(t, names...)}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	client := https.NewClient(r, dialTo(server.Listener.Addr().String()), ca.ClientTLS())
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// servePolicy serves a policy, or does what is asked for in its place.
func servePolicy(w http.ResponseWriter, req *http.Request, policy string) {
	w.Header().Set("Content-Type", "text/plain")
	switch policy {
	case "missing":
		http.NotFound(w, req)
		return
	case "redirect":
		http.Redirect(w, req, "https://www.hosts.example/", http.StatusFound)
		return
	case "too-large":
		policy = goodPolicy + strings.Repeat(" | mx: other.hosts.example", 10_000)
	case "html":
		w.Header().Set("Content-Type", "text/html")
		policy = goodPolicy
	}
	_, _ = io.WriteString(w, strings.ReplaceAll(policy, " | ", "\r\n")+"\r\n")
}

func serveLogo(w http.ResponseWriter, req *http.Request) {
	switch req.URL.Path {
	case "/good.svg":
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = io.WriteString(w, goodSVG)
	case "/bad.svg":
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = io.WriteString(w, strings.Replace(goodSVG, "tiny-ps", "full", 1))
	case "/bad.pem":
		_, _ = io.WriteString(w, "not a certificate\n")
	default:
		http.NotFound(w, req)
	}
}

// dialTo connects to one address, whatever the name.
type dialTo string

func (addr dialTo) DialContext(ctx context.Context, network, _ string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, network, string(addr))
}
