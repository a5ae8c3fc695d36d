package check_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/https"
	"github.com/mailctl/mailctl/pkg/dnsbl"
)

func TestBlocklists(t *testing.T) {
	const sender = "192.0.2.1"
	tests := []struct {
		name, records string
		fail          []string
		want          []string
	}{
		{"not listed", "2.0.0.127.bl.example. A 127.0.0.2\n", nil, nil},
		{"listed", "2.0.0.127.bl.example. A 127.0.0.2\n1.2.0.192.bl.example. A 127.0.0.2\n1.2.0.192.bl.example. TXT \"spam\"\n", nil, []string{"dnsbl-listed"}},
		{"an error code is no listing", "2.0.0.127.bl.example. A 127.255.255.254\n1.2.0.192.bl.example. A 127.255.255.254\n", nil, []string{"dnsbl-refused"}},
		{"lists everything", "*.bl.example. A 127.0.0.2\n", nil, []string{"dnsbl-broken"}},
		{"lists nothing", "", nil, []string{"dnsbl-broken"}},
		{"cannot be asked", "2.0.0.127.bl.example. A 127.0.0.2\n", []string{"1.2.0.192.bl.example"}, []string{"dnsbl-unknown"}},
		{"health cannot be asked", "", []string{"2.0.0.127.bl.example", "1.0.0.127.bl.example"}, []string{"dnsbl-unknown"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			opt := check.Options{
				Resolver:   edited(t, test.records).resolver(t).Fail(delivery.CauseServFail, test.fail...),
				Only:       []check.Standard{check.StandardDNSBL},
				Blocklists: []dnsbl.Zone{{Name: "bl.example", IPv4: true}},
				IPs:        []netip.Addr{netip.MustParseAddr(sender)},
			}
			d := check.Check(t.Context(), "example.com", opt)
			if got := ids(d); !slices.Equal(got, test.want) {
				t.Errorf("%v, want %v\n%+v", got, test.want, d.Findings)
			}
		})
	}
}

// A listing says why: what the list documents of its answer, else its own words.
func TestWhyListed(t *testing.T) {
	const records = "2.0.0.127.bl.example. A 127.0.0.2\n1.2.0.192.bl.example. A 127.0.0.2\n1.2.0.192.bl.example. TXT \"spam\"\n"
	code := dnsbl.Code{Answer: netip.MustParsePrefix("127.0.0.2/32"), Meaning: "poor reputation"}
	for want, codes := range map[string][]dnsbl.Code{`lists 192.0.2.1 ("spam")`: nil, "lists 192.0.2.1 (poor reputation)": {code}} {
		d := check.Check(t.Context(), "example.com", check.Options{
			Resolver: edited(t, records).resolver(t), Only: []check.Standard{check.StandardDNSBL}, IPs: []netip.Addr{netip.MustParseAddr("192.0.2.1")},
			Blocklists: []dnsbl.Zone{{Name: "bl.example", IPv4: true, Codes: codes}},
		})
		if len(d.Findings) != 1 || !strings.Contains(d.Findings[0].Message, want) {
			t.Errorf("%+v, want %q", d.Findings, want)
		}
	}
}

// Blocklists are only asked when somebody wants it.
func TestWants(t *testing.T) {
	tests := []struct {
		opt  check.Options
		s    check.Standard
		want bool
	}{
		{check.Options{}, check.StandardSPF, true},
		{check.Options{}, check.StandardDNSBL, false},
		{check.Options{Blocklists: dnsbl.DefaultZones()}, check.StandardDNSBL, true},
		{check.Options{Only: []check.Standard{check.StandardDNSBL}}, check.StandardDNSBL, true},
		{check.Options{Only: []check.Standard{check.StandardMX}}, check.StandardSPF, false},
		{check.Options{Only: []check.Standard{check.StandardMX}, Skip: []check.Standard{check.StandardMX}}, check.StandardMX, false},
	}
	for _, test := range tests {
		if got := test.opt.Wants(test.s); got != test.want {
			t.Errorf("%v %s: %t", test.opt, test.s, got)
		}
	}
}

func TestSPFOfAddressUnknown(t *testing.T) {
	z := edited(t, "- example.com TXT\nexample.com. TXT \"v=spf1 exists:%{i}.x.example.com -all\"\n")
	d := check.Check(t.Context(), "example.com", check.Options{
		Resolver: z.resolver(t).Fail(delivery.CauseTimeout, "192.0.2.1.x.example.com"),
		Only:     []check.Standard{check.StandardSPF}, IPs: []netip.Addr{netip.MustParseAddr("192.0.2.1")}, Now: clock,
	})
	if got := ids(d); !slices.Equal(got, []string{"spf-ip-unknown"}) || d.Verdict != check.VerdictUnknown {
		t.Errorf("%+v", d.Findings)
	}
}

// fromServer is a resolver that says who answered.
type fromServer struct {
	delivery.Resolver
	server string
}

func (r fromServer) Lookup(ctx context.Context, name string, qtype uint16) delivery.Answer {
	a := r.Resolver.Lookup(ctx, name, qtype)
	a.Server = r.server
	return a
}

func TestWayToTheResolver(t *testing.T) {
	for server, want := range map[string][]string{
		"127.0.0.1:53":                  {},
		"[::1]:53":                      {},
		"tcp://127.0.0.1:53":            {},
		"tls://192.0.2.53:853":          {},
		"https://dns.example/dns-query": {},
		"192.0.2.53:53":                 {"dnssec-untrusted-resolver"},
	} {
		d := check.Check(t.Context(), "example.com", check.Options{
			Resolver: fromServer{edited(t, "").resolver(t), server}, Only: []check.Standard{check.StandardDNSSEC},
		})
		if got := ids(d); !slices.Equal(got, want) && len(got)+len(want) > 0 {
			t.Errorf("%s: %v, want %v", server, got, want)
		}
	}
}

// noNetwork refuses every connection.
type noNetwork struct{}

func (noNetwork) DialContext(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("there is no network")
}

// A document that cannot be fetched from here may be there all the same.
func TestNoNetwork(t *testing.T) {
	z := editedKey(t, "mta-sts.example.com. A 192.0.2.1\nlogos.example.com. A 192.0.2.1\n"+
		"default._bimi.example.com. TXT \"v=BIMI1; l=https://logos.example.com/a.svg; a=https://logos.example.com/a.pem\"\n")
	opt := options(t, z)
	opt.HTTP = https.NewClient(opt.Resolver, noNetwork{}, &tls.Config{MinVersion: tls.VersionTLS12})
	defer opt.HTTP.CloseIdleConnections()
	d := check.Check(t.Context(), "example.com", opt)
	if got := ids(d); !slices.Equal(got, []string{"bimi-fetch-unknown", "mtasts-policy-unknown"}) || d.Verdict != check.VerdictUnknown {
		t.Errorf("%s: %+v", d.Verdict, d.Findings)
	}
}

func TestInvalidName(t *testing.T) {
	d := check.Check(t.Context(), "bad..example", check.Options{})
	if got := ids(d); !slices.Equal(got, []string{"mx-invalid-domain"}) || d.Verdict != check.VerdictFail {
		t.Errorf("%+v", d)
	}
}

func TestNoSuchDomain(t *testing.T) {
	d := check.Check(t.Context(), "gone.example", options(t, edited(t, "")))
	if got := ids(d); !slices.Equal(got, []string{"dkim-selector-missing", "mx-no-such-domain"}) {
		t.Errorf("%v", got)
	}
}

func TestSignedWithoutDS(t *testing.T) {
	d := check.Check(t.Context(), "example.com", check.Options{
		Resolver: zonetest.New(t, good).Sign("example.com"), Only: []check.Standard{check.StandardDNSSEC},
	})
	const ds = "example.com. IN DS 2371 13 2 "
	if f := finding(d, "dnssec-no-ds"); !strings.HasPrefix(f.Fix, ds) {
		t.Errorf("%+v", d.Findings)
	}
}

// Names at the limits of the DNS have no room for what is put before them.
func TestOddNames(t *testing.T) {
	longest := strings.Repeat(strings.Repeat("a", 49)+".", 5) + "com"
	for _, name := range []string{".", "com", "_x.example.com", "münchen.example", "a\x00b.example.com", "*.example.com", longest} {
		d := check.Check(t.Context(), name, check.Options{
			Resolver: edited(t, "").resolver(t), Now: clock, Selectors: []string{"s1"}, Only: check.Standards(),
		})
		if d.Verdict == "" || len(d.Findings) == 0 {
			t.Errorf("%q: %s %v", name, d.Verdict, ids(d))
		}
		for _, f := range d.Findings {
			if f.Severity == check.SeverityUnknown && f.Standard != check.StandardDNSBL && name != longest {
				t.Errorf("%q: %+v", name, f)
			}
		}
	}
}
