package bimi

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/internal/testkit/marktest"
	"github.com/mailctl/mailctl/pkg/delivery/https"
)

var now = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// newAuthority makes an authority whose certificates show the good indicator.
func newAuthority(t testing.TB) *marktest.Authority {
	t.Helper()
	return marktest.New(t, now, zip(t, goodSVG))
}

// withLogo replaces the logotype extension.
func withLogo(value []byte) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.ExtraExtensions[0].Value = value }
}

func TestParseMark(t *testing.T) {
	a := newAuthority(t)
	sha1 := asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	plainSum := sha256.Sum256([]byte(goodSVG))
	tests := []struct {
		name   string
		change func(*x509.Certificate)
		want   []MarkProblemKind
	}{
		{"good", nil, nil},
		{"a critical logotype", func(c *x509.Certificate) { c.ExtraExtensions[0].Critical = true }, nil},
		{"the hash of the uncompressed image", withLogo(marktest.Logotype(t, zip(t, goodSVG), oidSHA256, plainSum[:])), nil},
		{"a hash function that is not known", withLogo(marktest.Logotype(t, zip(t, goodSVG), sha1, []byte{1})), nil},
		{"an image that is not encoded", withLogo(marktest.LogotypeURI(t, "data:image/svg+xml,"+strings.ReplaceAll(goodSVG, "%", "%25"), oidSHA256, []byte(goodSVG), nil)), nil},
		{"usage of the web", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }, []MarkProblemKind{MarkUsage}},
		{"no usage", func(c *x509.Certificate) { c.UnknownExtKeyUsage = nil }, []MarkProblemKind{MarkUsage}},
		{"no policy", func(c *x509.Certificate) { c.Policies = nil }, []MarkProblemKind{MarkNoPolicy}},
		{"no SCT", func(c *x509.Certificate) { c.ExtraExtensions = c.ExtraExtensions[:1] }, []MarkProblemKind{MarkNoSCT}},
		{"no CRL", func(c *x509.Certificate) { c.CRLDistributionPoints = nil }, []MarkProblemKind{MarkNoCRL}},
		{"no domain", func(c *x509.Certificate) { c.DNSNames = nil }, []MarkProblemKind{MarkNoDomain}},
		{"no mark type", func(c *x509.Certificate) { c.Subject.ExtraNames = nil }, []MarkProblemKind{MarkNoType}},
		{"expired", func(c *x509.Certificate) { c.NotAfter = now.Add(-time.Second) }, []MarkProblemKind{MarkExpired}},
		{"not yet valid", func(c *x509.Certificate) { c.NotBefore = now.Add(time.Second) }, []MarkProblemKind{MarkNotYet}},
		{"too long", func(c *x509.Certificate) { c.NotAfter = now.AddDate(2, 0, 0) }, []MarkProblemKind{MarkTooLong}},
		{"no logotype", func(c *x509.Certificate) { c.ExtraExtensions = c.ExtraExtensions[1:] }, []MarkProblemKind{MarkNoLogo}},
		{"a logotype of another form", withLogo([]byte{0x30, 0}), []MarkProblemKind{MarkBadLogo}},
		{"a logotype cut off", withLogo(marktest.Logotype(t, zip(t, goodSVG), oidSHA256, nil)[:20]), []MarkProblemKind{MarkBadLogo}},
		{"a logotype elsewhere", withLogo(marktest.LogotypeURI(t, "https://example.com/logo.svg", oidSHA256, nil, nil)), []MarkProblemKind{MarkBadLogo}},
		{"a PNG", withLogo(marktest.LogotypeURI(t, "data:image/png;base64,eA==", oidSHA256, nil, nil)), []MarkProblemKind{MarkBadLogo}},
		{"bad base64", withLogo(marktest.LogotypeURI(t, "data:image/svg+xml;base64,!", oidSHA256, nil, nil)), []MarkProblemKind{MarkBadLogo}},
		{"not an SVG", withLogo(marktest.Logotype(t, []byte("<html/>"), oidSHA256, nil)), []MarkProblemKind{MarkBadLogo}},
		{"another hash", withLogo(marktest.Logotype(t, zip(t, goodSVG), oidSHA256, []byte{1})), []MarkProblemKind{MarkLogoHash}},
		{"another hash (SHA-384)", withLogo(marktest.Logotype(t, zip(t, goodSVG), oidSHA384, []byte{1})), []MarkProblemKind{MarkLogoHash}},
		{"another hash (SHA-512)", withLogo(marktest.Logotype(t, zip(t, goodSVG), oidSHA512, []byte{1})), []MarkProblemKind{MarkLogoHash}},
		{"not the profile", withLogo(marktest.Logotype(t, zip(t, inside("<script/>")), oidSHA256, nil)), []MarkProblemKind{MarkLogoProfile}},
	}
	for _, test := range tests {
		leaf := a.Mark(t, test.change)
		m, err := ParseMark(marktest.PEM(leaf, a.Issuer), MarkOptions{Now: now, Roots: a.Roots()})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if diff := cmp.Diff(test.want, markKinds(m)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.name, diff)
		}
		trust := Trusted
		if slices.Contains(test.want, MarkExpired) || slices.Contains(test.want, MarkNotYet) {
			trust = Untrusted
		}
		if m.Trust != trust || (m.TrustErr == nil) != (trust == Trusted) {
			t.Errorf("%s: %s, %v", test.name, m.Trust, m.TrustErr)
		}
	}
}

func markKinds(m *Mark) []MarkProblemKind {
	var kinds []MarkProblemKind
	for _, p := range m.Problems {
		kinds = append(kinds, p.Kind)
	}
	return kinds
}

func TestParseMarkFacts(t *testing.T) {
	a := newAuthority(t)
	for markType, kind := range map[string]MarkKind{"Registered Mark": VMC, "Government Mark": VMC, "Prior Use Mark": CMC, "Modified Registered Mark": CMC} {
		leaf := a.Mark(t, func(c *x509.Certificate) { c.Subject.ExtraNames[0].Value = markType })
		m, err := ParseMark(marktest.PEM(leaf, a.Issuer, a.Root), MarkOptions{Now: now})
		if err != nil || m.Kind != kind || m.MarkType != markType || len(m.Problems) > 0 || m.Trust != TrustNotChecked {
			t.Errorf("%s: %v, %s, %+v", markType, err, m.Kind, m.Problems)
		}
		if m.Organization != "Example, Inc." || string(m.LogoData) != goodSVG || !m.Logo.Compressed || !m.NotAfter.Equal(leaf.NotAfter) {
			t.Errorf("%s: %+v", markType, m)
		}
		covers := []bool{m.Covers("default", "Example.com"), m.Covers("news", "example.net"), m.Covers("default", "example.net"), m.Covers("default", "mail.example.com")}
		if diff := cmp.Diff([]bool{true, true, false, false}, covers); diff != "" {
			t.Errorf("%s: covers %s", markType, diff)
		}
	}
}

func TestParseMarkChain(t *testing.T) {
	a, other := newAuthority(t), newAuthority(t)
	leaf := a.Mark(t, nil)
	unfit := &x509.Certificate{
		SerialNumber: big.NewInt(4), Subject: pkix.Name{CommonName: "Web Issuer"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(5, 0, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	unfit = marktest.Issue(t, unfit, unfit, a.Key, a.Key)
	tests := []struct {
		name  string
		data  []byte
		trust Trust
		want  []MarkProblemKind
	}{
		{"with the root", marktest.PEM(leaf, a.Issuer, a.Root), Trusted, nil},
		{"the certificate alone", marktest.PEM(leaf), Untrusted, []MarkProblemKind{MarkNoIssuer}},
		{"another authority", marktest.PEM(other.Mark(t, nil), other.Issuer, other.Root), Untrusted, nil},
		{"out of order", marktest.PEM(leaf, a.Root, a.Issuer), Trusted, []MarkProblemKind{MarkIssuerUsage, MarkOrder, MarkOrder}},
		{"an issuer that is not for marks", marktest.PEM(leaf, unfit), Untrusted, []MarkProblemKind{MarkIssuerUsage}},
		{"two marks", marktest.PEM(leaf, a.Issuer, a.Root, a.Mark(t, nil)), Trusted, []MarkProblemKind{MarkOrder, MarkSeveral}},
		{"a key beside", append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte{1}}), marktest.PEM(leaf, a.Issuer)...), Trusted, []MarkProblemKind{MarkOtherContents}},
	}
	for _, test := range tests {
		m, err := ParseMark(test.data, MarkOptions{Now: now, Roots: a.Roots()})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if diff := cmp.Diff(test.want, markKinds(m)); diff != "" || m.Trust != test.trust {
			t.Errorf("%s: %s, %v (-want +got)\n%s", test.name, m.Trust, m.TrustErr, diff)
		}
	}
	many := marktest.PEM(slices.Repeat([]*x509.Certificate{leaf}, 50)...)
	if m, err := ParseMark(many, MarkOptions{Now: now}); err != nil || len(m.Chain) != maxCertificates {
		t.Errorf("many certificates: %v, %d", err, len(m.Chain))
	}
	for name, data := range map[string][]byte{"empty": nil, "DER": leaf.Raw, "broken": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte{0x30}})} {
		if _, err := ParseMark(data, MarkOptions{Now: now}); !errors.Is(err, ErrNotMark) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFetch(t *testing.T) {
	a := newAuthority(t)
	evidence := marktest.PEM(a.Mark(t, nil), a.Issuer)
	ca := testkit.NewCA(t)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/logo.svg":
			_, _ = io.WriteString(w, goodSVG)
		case "/vmc.pem":
			_, _ = w.Write(evidence)
		case "/moved.svg":
			http.Redirect(w, r, "/logo.svg", http.StatusFound)
		case "/page.svg":
			_, _ = io.WriteString(w, "<html></html>")
		default:
			http.NotFound(w, r)
		}
	}))
	server.TLS = testkit.ServerTLS(ca.Valid(t, "example.com"))
	server.StartTLS()
	t.Cleanup(server.Close)
	transport := &http.Transport{TLSClientConfig: ca.ClientTLS(), DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
	}}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}

	for path, want := range map[string]https.Status{"/logo.svg": https.Fetched, "/moved.svg": https.Fetched, "/none.svg": https.HTTPStatus} {
		f := FetchSVG(t.Context(), client, "https://example.com"+path)
		if f.Status != want || (f.SVG != nil && f.SVG.Valid()) != (want == https.Fetched) {
			t.Errorf("%s: %s, %v", path, f.Status, f.Err)
		}
	}
	if f := FetchSVG(t.Context(), client, "https://example.com/page.svg"); f.Status != https.Fetched || !errors.Is(f.SVGErr, ErrNotSVG) {
		t.Errorf("a page: %s, %v", f.Status, f.SVGErr)
	}
	opt := MarkOptions{Now: now, Roots: a.Roots()}
	if f := FetchMark(t.Context(), client, "https://example.com/vmc.pem", opt); f.Mark == nil || f.Mark.Trust != Trusted || f.MarkErr != nil {
		t.Errorf("a mark: %s, %v, %v", f.Status, f.Err, f.MarkErr)
	}
	if f := FetchMark(t.Context(), client, "https://example.com/none.pem", opt); f.Mark != nil || f.Status != https.HTTPStatus {
		t.Errorf("no mark: %s", f.Status)
	}
}

func FuzzParseMark(f *testing.F) {
	a := newAuthority(f)
	leaf := a.Mark(f, nil)
	f.Add(marktest.PEM(leaf, a.Issuer))
	f.Add([]byte("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseMark(data, MarkOptions{Now: now})
		if err == nil && (len(m.Chain) == 0 || len(m.Chain) > maxCertificates) {
			t.Fatalf("%d certificates", len(m.Chain))
		}
	})
}

func FuzzParseLogotype(f *testing.F) {
	f.Add(marktest.Logotype(f, []byte(goodSVG), oidSHA256, nil))
	f.Fuzz(func(_ *testing.T, data []byte) {
		if l, err := parseLogotype(data); err == nil {
			if image, err := decodeDataURI(l.uri); err == nil {
				l.matches(image, image)
			}
		}
	})
}
