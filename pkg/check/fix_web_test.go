package check_test

import (
	"crypto/x509"
	"fmt"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/internal/testkit/marktest"
)

const (
	policyAt = "mta-sts.example.com/.well-known/mta-sts.txt"
	logoAt   = "logos.example.com/a.svg"
	markAt   = "logos.example.com/a.pem"

	goodSTS = "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmx: mx2.example.com\r\nmax_age: 604800\r\n"
	tinySVG = `<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 64 64">` +
		`<title>Example</title><rect width="64" height="64" fill="teal"/></svg>`

	webHosts = "mta-sts.example.com. A 192.0.2.80\nlogos.example.com. A 192.0.2.80\n"
	withLogo = webHosts + "default._bimi.example.com. TXT \"v=BIMI1; l=https://" + logoAt + "; a=https://" + markAt + "\"\n"
)

// webFaults are documents with one thing wrong.
var webFaults = []fault{
	{id: "mtasts-policy-missing", edits: "logos.example.com. A 192.0.2.80\n", set: served(nil)},
	{id: "mtasts-policy-missing", edits: webHosts, set: served(func(w *world) { w.web.Remove(policyAt) })},
	{id: "mtasts-policy-certificate", edits: webHosts, set: served(func(w *world) { w.web.Distrust("mta-sts.example.com") })},
	{id: "mtasts-policy-redirect", edits: webHosts, set: sts(testkit.Page{Location: "https://www.example.com/", Body: goodSTS})},
	{id: "mtasts-policy-too-large", edits: webHosts, set: sts(testkit.Page{Type: "text/plain", Body: goodSTS + strings.Repeat("mx: mx3.example.com\r\n", 10_000)})},
	{id: "mtasts-policy-invalid", edits: webHosts, set: sts(plain("mode: enforce", "mode: enforced"))},
	{id: "mtasts-policy-syntax", edits: webHosts, set: sts(plain("max_age: 604800", "max_age: 604800\r\nmax_age: 1"))},
	{id: "mtasts-media-type", edits: webHosts, set: sts(testkit.Page{Type: "text/html", Body: goodSTS})},
	{id: "mtasts-mx-not-covered", edits: webHosts, set: sts(plain("mx: mx2.example.com\r\n", ""))},
	{id: "mtasts-mx-unused", edits: webHosts, set: sts(plain("mx: mx2", "mx: mx3.example.com\r\nmx: mx2"))},
	{id: "mtasts-mx-unused", also: "mtasts-mx-not-covered", edits: webHosts, set: sts(plain("mx: mx1.example.com\r\nmx: mx2", "mx: mx9"))},
	{id: "mtasts-mode", edits: webHosts, set: sts(plain("mode: enforce", "mode: testing"))},
	{id: "mtasts-max-age", edits: webHosts, set: sts(plain("604800", "3600"))},

	{id: "bimi-logo-fetch", edits: withLogo, set: served(func(w *world) { w.web.Remove(logoAt) })},
	{id: "bimi-logo-invalid", edits: withLogo, set: svg(strings.Replace(tinySVG, "tiny-ps", "full", 1))},
	{id: "bimi-logo-invalid", edits: withLogo, set: svg("<html>")},
	{id: "bimi-certificate-fetch", edits: withLogo, set: served(func(w *world) { w.web.Remove(markAt) })},
	{id: "bimi-certificate-invalid", edits: withLogo, set: served(func(w *world) { w.web.Put(markAt, testkit.Page{Body: "none\n"}) })},
	{id: "bimi-certificate-invalid", edits: withLogo, set: mark(func(c *x509.Certificate) { c.Policies = nil })},
	{id: "bimi-certificate-invalid", edits: withLogo, set: served(func(w *world) {
		other := marktest.New(w.t, clock(), []byte(tinySVG))
		w.web.Put(markAt, testkit.Page{Body: string(marktest.PEM(other.Mark(w.t, nil), other.Issuer))})
	})},
	{id: "bimi-certificate-expired", edits: withLogo, set: mark(func(c *x509.Certificate) { c.NotAfter = clock().AddDate(0, 0, -1) })},
	{id: "bimi-certificate-expires", edits: withLogo, set: mark(func(c *x509.Certificate) { c.NotAfter = clock().AddDate(0, 0, 9) })},
	{id: "bimi-certificate-domain", edits: withLogo, set: mark(func(c *x509.Certificate) { c.DNSNames = []string{"example.net"} })},
}

// plain is the good policy with something else in it.
func plain(old, other string) testkit.Page {
	return testkit.Page{Type: "text/plain", Body: strings.Replace(goodSTS, old, other, 1)}
}

// served puts all documents of the domain in place, and then something wrong.
func served(wrong func(*world)) func(*world) {
	return func(w *world) {
		w.web, w.marks = testkit.NewWeb(w.t), marktest.New(w.t, clock(), []byte(tinySVG))
		w.opt.MarkRoots = w.marks.Roots()
		w.web.Certify("mta-sts.example.com", "logos.example.com")
		w.web.Put(policyAt, testkit.Page{Type: "text/plain", Body: goodSTS})
		w.serveLogo([]string{"", logoAt})
		w.serveMark([]string{"", markAt})
		if wrong != nil {
			wrong(w)
		}
	}
}

func sts(page testkit.Page) func(*world) {
	return served(func(w *world) { w.web.Put(policyAt, page) })
}

func svg(document string) func(*world) {
	return served(func(w *world) { w.web.Put(logoAt, testkit.Page{Type: "image/svg+xml", Body: document}) })
}

func mark(change func(*x509.Certificate)) func(*world) {
	return served(func(w *world) {
		w.web.Put(markAt, testkit.Page{Body: string(marktest.PEM(w.marks.Mark(w.t, change), w.marks.Issuer))})
	})
}

// servePolicy serves the policy that stands in the comments of a fix.
func (w *world) servePolicy(match []string) {
	if w.web == nil {
		return // nobody asks for it
	}
	body := strings.ReplaceAll(strings.ReplaceAll(match[2], ";   ", ""), "\n", "\r\n")
	w.web.Put(match[1], testkit.Page{Type: "text/plain", Body: body})
}

// serveWell serves what is at a place as it should be.
func (w *world) serveWell(match []string) {
	host, _, _ := strings.Cut(match[1], "/")
	page, _ := w.web.Page(match[1])
	w.web.Certify(host)
	w.web.Put(match[1], testkit.Page{Type: "text/plain", Body: page.Body})
}

func (w *world) serveLogo(match []string) {
	w.web.Put(match[1], testkit.Page{Type: "image/svg+xml", Body: tinySVG})
}

func (w *world) serveMark(match []string) {
	w.web.Put(match[1], testkit.Page{Body: string(marktest.PEM(w.marks.Mark(w.t, nil), w.marks.Issuer))})
}

// A policy of thousands of hosts takes neither time nor room.
func TestLargePolicy(t *testing.T) {
	var b strings.Builder
	for i := range 2500 {
		fmt.Fprintf(&b, "mx: m%d.example.net\r\n", i)
	}
	w := newWorld(t, fault{edits: webHosts, set: sts(plain("mx: mx1.example.com\r\n", b.String()))})
	d := w.check()
	if n := len(d.Findings); n < 10 || n > 60 || finding(d, "mtasts-mx-not-covered").ID == "" {
		t.Errorf("%d findings: %v", n, ids(d))
	}
}
