package dane

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/delivery"
)

var (
	good    = "3 1 1 " + strings.Repeat("0a", 32)
	useless = "1 1 1 " + strings.Repeat("0a", 32)
)

// RFC 7672 §2.2.2 and §2.2.3.
func TestLookupHost(t *testing.T) {
	const address = "mx.example.com A 192.0.2.1\n"
	const alias = "mx.example.com CNAME mail.example.net\nmail.example.net A 192.0.2.1\n"
	const own, end = "_25._tcp.mx.example.com", "_25._tcp.mail.example.net"
	tests := []struct {
		name, zone string
		unsigned   string // this domain is not signed
		fail       string
		cause      delivery.LookupCause
		status     HostStatus
		base       string
		records    int
	}{
		{"secured", address + own + " TLSA " + good, "", "", "", HostSecured, "mx.example.com", 1},
		{"one of two is usable", address + own + " TLSA " + good + "\n" + own + " TLSA " + useless, "", "", "", HostSecured, "mx.example.com", 2},
		{"none is usable", address + own + " TLSA " + useless, "", "", "", HostUnusable, "mx.example.com", 1},
		{"no record", address, "", "", "", HostNoRecord, "mx.example.com", 0},
		{"IPv6 only", "mx.example.com AAAA 2001:db8::1\n" + own + " TLSA " + good, "", "", "", HostSecured, "mx.example.com", 1},
		{"not signed", address + own + " TLSA " + good, "example.com", "", "", HostInsecure, "mx.example.com", 1},
		{"records not signed", address + own + " TLSA " + good, "_tcp.mx.example.com", "", "", HostInsecure, "mx.example.com", 1},
		{"records through an alias", address + own + " CNAME tlsa.example.net\ntlsa.example.net TLSA " + good, "", "", "", HostSecured, "mx.example.com", 1},
		{"no address", own + " TLSA " + good, "", "", "", HostNoAddress, "mx.example.com", 1},
		{"address unknown", address + own + " TLSA " + good, "", "mx.example.com", delivery.CauseTimeout, HostUnknown, "mx.example.com", 1},
		{"address bogus", address + own + " TLSA " + good, "", "mx.example.com", delivery.CauseBogus, HostBogus, "mx.example.com", 1},
		{"records unknown", address + own + " TLSA " + good, "", own, delivery.CauseServFail, HostUnknown, "mx.example.com", 0},
		{"records bogus", address + own + " TLSA " + good, "", own, delivery.CauseBogus, HostBogus, "mx.example.com", 0},

		{"alias: records at its end", alias + end + " TLSA " + good + "\n" + own + " TLSA " + useless, "", "", "", HostSecured, "mail.example.net", 1},
		{"alias: records at the host", alias + own + " TLSA " + good, "", "", "", HostSecured, "mx.example.com", 1},
		{"alias: none anywhere", alias, "", "", "", HostNoRecord, "mx.example.com", 0},
		{"alias: its end not signed, records at the host", alias + own + " TLSA " + good, "example.net", "", "", HostSecured, "mx.example.com", 1},
		{"alias: its end not signed, records there only", alias + end + " TLSA " + good, "example.net", "", "", HostNoRecord, "mx.example.com", 0},
		{"alias: nothing signed", alias + own + " TLSA " + good, "com", "", "", HostInsecure, "mx.example.com", 1},
		{"alias: records at its end unknown", alias + own + " TLSA " + good, "", end, delivery.CauseTimeout, HostUnknown, "mail.example.net", 0},
		{"alias: records at its end not signed", alias + end + " TLSA " + useless + "\n" + own + " TLSA " + good, "_tcp.mail.example.net", "", "", HostSecured, "mx.example.com", 1},
	}
	for _, test := range tests {
		r := zonetest.New(t, test.zone).Sign(test.unsigned).Fail(test.cause, test.fail)
		h := LookupHost(t.Context(), r, "MX.example.com.", 25)
		if h.Status != test.status || h.Base != test.base || len(h.Records) != test.records {
			t.Errorf("%s: %s, base %s, %d records", test.name, h.Status, h.Base, len(h.Records))
		}
		if h.QueryName(25) != "_25._tcp."+test.base || h.Name != "mx.example.com" {
			t.Errorf("%s: %s, %s", test.name, h.QueryName(25), h.Name)
		}
	}
	// When even the look-up of the alias fails.
	r := zonetest.New(t, alias).Sign("example.net")
	failing := failCNAME{r}
	if h := LookupHost(t.Context(), failing, "mx.example.com", 25); h.Status != HostUnknown || !h.Alias.Unknown() {
		t.Errorf("the alias is unknown: %s", h.Status)
	}
}

type failCNAME struct{ *zonetest.Resolver }

func TestReferences(t *testing.T) {
	h := &Host{Name: "mx.example.com", Base: "mail.example.net"}
	if diff := cmp.Diff([]string{"mail.example.net", "mx.example.com", "example.com"}, h.References("example.com")); diff != "" {
		t.Error(diff)
	}
	h = &Host{Name: "example.com", Base: "example.com"}
	if diff := cmp.Diff([]string{"example.com"}, h.References("example.com")); diff != "" {
		t.Error(diff)
	}
}

func TestDiscover(t *testing.T) {
	tests := []struct {
		name, zone, unsigned, fail string
		cause                      delivery.LookupCause
		security                   Security
		want                       string
	}{
		{
			"two hosts", "example.com MX 20 b.example.com\nexample.com MX 10 a.example.com\na.example.com A 192.0.2.1\nb.example.com A 192.0.2.2\n_25._tcp.a.example.com TLSA " + good,
			"", "", "", Secure, "a.example.com secured, b.example.com no-record",
		},
		{"implicit MX", "example.com A 192.0.2.1\n_25._tcp.example.com TLSA " + good, "", "", "", Secure, "example.com secured"},
		{"null MX", "example.com MX 0 .", "", "", "", Secure, ""},
		{"no such domain", "", "", "", "", Secure, ""},
		{"an unsigned domain at a signed host", "example.com MX 10 a.example.net\na.example.net A 192.0.2.1\n_25._tcp.a.example.net TLSA " + good, "com", "", "", Insecure, "a.example.net secured"},
		{"MX unknown", "", "", "example.com", delivery.CauseServFail, SecurityUnknown, ""},
		{"MX bogus", "", "", "example.com", delivery.CauseBogus, Bogus, ""},
		{"a host twice", "example.com MX 10 a.example.com\nexample.com MX 20 a.example.com\na.example.com A 192.0.2.1", "", "", "", Secure, "a.example.com no-record"},
	}
	for _, test := range tests {
		r := zonetest.New(t, test.zone).Sign(test.unsigned).Fail(test.cause, test.fail)
		d, err := Discover(t.Context(), r, "Example.com")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range d.Hosts {
			got = append(got, h.Name+" "+string(h.Status))
		}
		if strings.Join(got, ", ") != test.want || d.Security != test.security {
			t.Errorf("%s: %v, MX %s", test.name, got, d.Security)
		}
	}
	if _, err := Discover(t.Context(), zonetest.New(t, ""), ".."); !errors.Is(err, delivery.ErrInvalidName) {
		t.Error(err)
	}
	var zone strings.Builder
	for i := range 300 {
		fmt.Fprintf(&zone, "example.com MX 10 mx%d.example.com\n", i)
	}
	if d, _ := Discover(t.Context(), zonetest.New(t, zone.String()), "example.com"); len(d.Hosts) != maxHosts {
		t.Errorf("%d hosts", len(d.Hosts))
	}
}

// The look-ups of a host wait for nothing but an alias.
func TestQuestions(t *testing.T) {
	r := zonetest.New(t, "mx.example.com A 192.0.2.1").Sign()
	LookupHost(t.Context(), r, "mx.example.com", 25)
	asked := r.Questions()
	if len(asked) != 3 || !slices.Contains(asked, delivery.Question{Name: "_25._tcp.mx.example.com", Type: delivery.TypeTLSA}) {
		t.Errorf("%v", asked)
	}
}

func (f failCNAME) Lookup(ctx context.Context, name string, qtype uint16) delivery.Answer {
	if qtype == delivery.TypeCNAME {
		return delivery.Answer{Name: name, Type: qtype, Status: delivery.LookupUnknown, Cause: delivery.CauseTimeout}
	}
	return f.Resolver.Lookup(ctx, name, qtype)
}
