package check

import (
	"net/http"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// goodSVG is an indicator as receivers want it.
const goodSVG = `<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 64 64">` +
	`<title>Example</title><rect width="64" height="64" fill="teal"/></svg>`

// serveDocuments starts a web server for the policies and indicators of all
// domains, and returns a client that finds it whatever the name.
func serveDocuments(t *testing.T, r delivery.Resolver, cases []zoneCase) *http.Client {
	t.Helper()
	web := testkit.NewWeb(t)
	for _, c := range cases {
		host := "mta-sts." + c.domain
		if c.policy != "wrong-name" {
			web.Certify(host)
		}
		if page, ok := policyPage(c.policy); ok {
			web.Put(host+"/.well-known/mta-sts.txt", page)
		}
	}
	const logos = "logos.hosts.example"
	web.Certify(logos)
	web.Put(logos+"/good.svg", testkit.Page{Type: "image/svg+xml", Body: goodSVG})
	web.Put(logos+"/bad.svg", testkit.Page{Type: "image/svg+xml", Body: strings.Replace(goodSVG, "tiny-ps", "full", 1)})
	web.Put(logos+"/bad.pem", testkit.Page{Body: "not a certificate\n"})
	return web.Client(r)
}

// policyPage is a policy, or what is asked for in its place.
func policyPage(policy string) (page testkit.Page, ok bool) {
	page.Type = "text/plain"
	switch policy {
	case "missing":
		return page, false
	case "redirect":
		page.Location = "https://www.hosts.example/"
	case "too-large":
		policy = goodPolicy + strings.Repeat(" | mx: other.hosts.example", 10_000)
	case "html":
		page.Type = "text/html"
		policy = goodPolicy
	}
	page.Body = strings.ReplaceAll(policy, " | ", "\r\n") + "\r\n"
	return page, true
}
