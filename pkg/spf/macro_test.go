package spf

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// TestMacroExamples are those of RFC 7208 §7.4.
func TestMacroExamples(t *testing.T) {
	const ip4, ip6 = "192.0.2.3", "2001:db8::cb01"
	tests := []struct{ ip, macro, want string }{
		{ip4, "%{s}", "strong-bad@email.example.com"},
		{ip4, "%{o}", "email.example.com"},
		{ip4, "%{d}", "email.example.com"},
		{ip4, "%{d4}", "email.example.com"},
		{ip4, "%{d3}", "email.example.com"},
		{ip4, "%{d2}", "example.com"},
		{ip4, "%{d1}", "com"},
		{ip4, "%{dr}", "com.example.email"},
		{ip4, "%{d2r}", "example.email"},
		{ip4, "%{l}", "strong-bad"},
		{ip4, "%{l-}", "strong.bad"},
		{ip4, "%{lr}", "strong-bad"},
		{ip4, "%{lr-}", "bad.strong"},
		{ip4, "%{l1r-}", "strong"},
		{ip4, "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
		{ip4, "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
		{ip4, "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"},
		{ip4, "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"},
		{ip4, "%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"},
		{ip6, "%{ir}.%{v}._spf.%{d2}", "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com"},
		// and what the examples leave out
		{ip4, "%{p} %{h} %{c} %{r} %{t} %% %_ %-", "mx.example.org mail.example.org 192.0.2.3 unknown 1790000000 %   %20"},
		{ip6, "%{c}", "2001:db8::cb01"},
		{ip4, "%{S} %{L1r-}", "strong-bad%40email.example.com strong"},
		{ip4, "%{d99999999999999999999}", "email.example.com"},
		{ip4, "%{o1.-+,/_=}", "com"},
	}
	for _, tt := range tests {
		e := newEvaluation(nil, Query{
			IP: netip.MustParseAddr(tt.ip), MailFrom: "strong-bad@email.example.com", Helo: "mail.example.org.", Time: time.Unix(1790000000, 0),
		})
		e.names = &clientNames{validated: []string{"mx.example.org"}}
		macro, err := parseMacro(tt.macro, inText, true)
		if err != nil {
			t.Errorf("%q: %v", tt.macro, err)
			continue
		}
		got := macro.expand(e.values(t.Context(), "email.example.com", nil))
		if !strings.EqualFold(got, tt.want) {
			t.Errorf("%q: got %q, want %q", tt.macro, got, tt.want)
		}
	}
}

func TestFitName(t *testing.T) {
	label := strings.Repeat("a", 59)
	tests := []struct{ name, want string }{
		{"example.com.", "example.com"},
		{strings.Repeat(label+".", 4) + "example.com", strings.Repeat(label+".", 4) + "example.com"},
		{strings.Repeat(label+".", 6) + "example.com", strings.Repeat(label+".", 4) + "example.com"},
		{strings.Repeat("a", 300), strings.Repeat("a", 300)},
	}
	for _, tt := range tests {
		if got := fitName(tt.name); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestBestName(t *testing.T) {
	tests := []struct {
		validated []string
		want      string
	}{
		{nil, "unknown"},
		{[]string{"other.example", "sub.example.com", "example.com"}, "example.com"},
		{[]string{"other.example", "notexample.com", "Sub.Example.com"}, "Sub.Example.com"},
		{[]string{"other.example", "notexample.com"}, "other.example"},
	}
	for _, tt := range tests {
		names := clientNames{validated: tt.validated}
		if got := names.bestName("example.com"); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.validated, got, tt.want)
		}
	}
}

func TestNewEvaluation(t *testing.T) {
	tests := []struct {
		mailFrom, helo string
		identity       Identity
		local, domain  string
	}{
		{"User@Example.COM", "mail.example.com", IdentityMailFrom, "User", "example.com"},
		{"<user@example.com>", "mail.example.com", IdentityMailFrom, "user", "example.com"},
		{"", "Mail.example.com.", IdentityHelo, "postmaster", "mail.example.com"},
		{"<>", "mail.example.com", IdentityHelo, "postmaster", "mail.example.com"},
		{"@example.com", "", IdentityMailFrom, "postmaster", "example.com"},
		{"example.com", "", IdentityMailFrom, "postmaster", "example.com"},
		{`"a@b"@example.com`, "", IdentityMailFrom, `"a@b"`, "example.com"},
		{"user@bücher.example", "", IdentityMailFrom, "user", "xn--bcher-kva.example"},
		{"user@[192.0.2.1]", "", IdentityMailFrom, "user", "[192.0.2.1]"},
	}
	for _, tt := range tests {
		e := newEvaluation(nil, Query{MailFrom: tt.mailFrom, Helo: tt.helo})
		if e.identity != tt.identity || e.local != tt.local || e.domain != tt.domain {
			t.Errorf("%q, %q: got %s, %q, %q", tt.mailFrom, tt.helo, e.identity, e.local, e.domain)
		}
	}
}

// FuzzMacro checks that expanding never fails, and that what is the same for
// every client is so.
func FuzzMacro(f *testing.F) {
	for _, seed := range []string{"%{l1r+-}.x", "%%%_%-", "%{d}", "%{H2r}%", "plain.example.com", "%{i65536r.}", "%{p}.%{v}"} {
		f.Add(seed, "some-one+tag", "example.com")
	}
	f.Fuzz(func(t *testing.T, text, local, domain string) {
		macro, err := parseMacro(text, inText, true)
		if err != nil {
			return
		}
		e := newEvaluation(nil, Query{IP: netip.MustParseAddr("2001:db8::1"), MailFrom: local + "@" + domain, Helo: domain})
		e.names = &clientNames{}
		got := macro.expand(e.values(t.Context(), e.domain, nil))
		if macro.String() != text {
			t.Fatalf("%q became %q", text, macro)
		}
		name := fitName(got)
		if ascii, err := delivery.DNSName(name); err == nil && len(ascii) > maxTarget {
			t.Fatalf("%q has %d octets", name, len(ascii))
		}
	})
}
