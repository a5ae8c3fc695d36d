package dnsbl

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/delivery"
)

func addr(s string) Subject { return Subject{Addr: netip.MustParseAddr(s)} }

// RFC 5782 §2.1, §2.4 and §3.
func TestQueryName(t *testing.T) {
	z := Zone{Name: "bad.example.com"}
	tests := []struct {
		subject Subject
		want    string
	}{
		{addr("192.0.2.99"), "99.2.0.192.bad.example.com"},
		{addr("::ffff:192.0.2.99"), "99.2.0.192.bad.example.com"},
		{addr("2001:db8:1:2:3:4:567:89ab"), "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.bad.example.com"},
		{addr("fe80::1%eth0"), "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.e.f.bad.example.com"},
		{Subject{Domain: "example.net."}, "example.net.bad.example.com"},
	}
	for _, test := range tests {
		if got := z.QueryName(test.subject); got != test.want {
			t.Errorf("%s: %s", test.subject, got)
		}
	}
}

const list = `
2.0.0.127.bl.example A 127.0.0.2
test.bl.example A 127.0.0.2
2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.example A 127.0.0.2
`

func TestCheck(t *testing.T) {
	zone := Zone{Name: "bl.example", IPv4: true, IPv6: true, Domains: true, Codes: []Code{
		listed("127.0.0.4/32", "a source of spam"),
		{netip.MustParsePrefix("127.0.0.255/32"), "wrong query", true},
	}}
	tests := []struct {
		name, zone string
		fail       string
		subject    Subject
		status     Status
		health     Health
		verdict    Status
		reasons    string
		meaning    string
	}{
		{"not listed", list, "", addr("192.0.2.1"), NotListed, Healthy, NotListed, "", ""},
		{"listed", list + "1.2.0.192.bl.example A 127.0.0.4\n1.2.0.192.bl.example TXT \"see https://bl.example/\"", "", addr("192.0.2.1"), Listed, Healthy, Listed, "see https://bl.example/", "a source of spam"},
		{"listed with an unknown code", list + "1.2.0.192.bl.example A 127.0.0.77", "", addr("192.0.2.1"), Listed, Healthy, Listed, "", ""},
		{"two codes", list + "1.2.0.192.bl.example A 127.0.0.4\n1.2.0.192.bl.example A 127.0.0.255", "", addr("192.0.2.1"), Listed, Healthy, Listed, "", "a source of spam"},
		{"an error of this list", list + "1.2.0.192.bl.example A 127.0.0.255", "", addr("192.0.2.1"), Refused, Healthy, Refused, "", "wrong query"},
		{"127.255.255.254", list + "1.2.0.192.bl.example A 127.255.255.254", "", addr("192.0.2.1"), Refused, Healthy, Refused, "", "the list does not answer public resolvers"},
		{"127.255.255.9", list + "1.2.0.192.bl.example A 127.255.255.9", "", addr("192.0.2.1"), Refused, Healthy, Refused, "", "the list refuses to answer"},
		{"127.0.0.1", list + "1.2.0.192.bl.example A 127.0.0.1", "", addr("192.0.2.1"), Refused, Healthy, Refused, "", "the list refuses to answer, or does not work"},
		{"outside of 127/8", list + "1.2.0.192.bl.example A 192.0.2.80", "", addr("192.0.2.1"), Refused, Healthy, Refused, "", "an answer outside of 127.0.0.0/8: somebody else answers for the list"},
		{"the look-up fails", list, "1.2.0.192.bl.example", addr("192.0.2.1"), Unknown, Healthy, Unknown, "", ""},
		{"IPv6", list, "", addr("2001:db8::1"), NotListed, Healthy, NotListed, "", ""},
		{"a domain", list + "example.com.bl.example A 127.0.0.2", "", Subject{Domain: "example.com"}, Listed, Healthy, Listed, "", ""},
		{"a domain that cannot be asked for", list, "", Subject{Domain: strings.Repeat("a.", 124) + "b"}, NotListed, Healthy, NotListed, "", ""},

		{"lists everything", "*.bl.example A 127.0.0.2", "", addr("192.0.2.1"), Listed, ListsEverything, Refused, "", ""},
		{"taken over by somebody", "*.bl.example A 192.0.2.80", "", addr("192.0.2.1"), Refused, Refusing, Refused, "", "an answer outside of 127.0.0.0/8: somebody else answers for the list"},
		{"empty", "", "", addr("192.0.2.1"), NotListed, ListsNothing, Refused, "", ""},
		{"empty for domains", "2.0.0.127.bl.example A 127.0.0.2", "", Subject{Domain: "example.com"}, NotListed, ListsNothing, Refused, "", ""},
		{"refuses us", "*.bl.example A 127.255.255.254", "", addr("192.0.2.1"), Refused, Refusing, Refused, "", "the list does not answer public resolvers"},
		{"the test entry fails", list, "2.0.0.127.bl.example", addr("192.0.2.1"), NotListed, HealthUnknown, Unknown, "", ""},
	}
	for _, test := range tests {
		r := zonetest.New(t, test.zone).Fail(delivery.CauseServFail, test.fail)
		got := Check(t.Context(), r, []Zone{zone}, []Subject{test.subject})
		if len(got) != 1 {
			t.Fatalf("%s: %d reports", test.name, len(got))
		}
		report := got[0]
		if report.Status != test.status || report.Health != test.health || report.Verdict() != test.verdict || strings.Join(report.Reasons, "|") != test.reasons {
			t.Errorf("%s: %s, %s, %s, %q", test.name, report.Status, report.Health, report.Verdict(), report.Reasons)
		}
		if test.meaning != "" && report.Codes[0].Text != test.meaning {
			t.Errorf("%s: %+v", test.name, report.Codes)
		}
	}
}

func TestCheckMany(t *testing.T) {
	zones := []Zone{{Name: "bl.example", IPv4: true}, {Name: "dbl.example", Domains: true}}
	subjects := []Subject{addr("192.0.2.1"), addr("192.0.2.2"), {Domain: "example.com"}, addr("2001:db8::1")}
	r := zonetest.New(t, list+"2.2.0.192.bl.example A 127.0.0.2")
	var got []string
	for _, report := range Check(t.Context(), r, zones, subjects) {
		got = append(got, report.Zone.Name+" "+report.Subject.String()+" "+string(report.Status)+" "+string(report.Health))
	}
	want := []string{
		"bl.example 192.0.2.1 not-listed healthy",
		"bl.example 192.0.2.2 listed healthy",
		"dbl.example example.com not-listed lists-nothing",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	// Test entries are asked for once a list; a reason only for what is listed.
	reasons := 0
	for _, q := range r.Questions() {
		if q.Type == delivery.TypeTXT {
			reasons++
		}
	}
	if reasons != 1 {
		t.Errorf("%d look-ups of reasons, want that of 192.0.2.2", reasons)
	}
	if Check(t.Context(), r, nil, subjects) != nil {
		t.Error("reports without lists")
	}
}

func TestDefaultZones(t *testing.T) {
	for _, z := range DefaultZones() {
		if _, err := delivery.DNSName(z.Name); err != nil || z.Source == "" || !z.IPv4 && !z.IPv6 && !z.Domains {
			t.Errorf("%+v: %v", z, err)
		}
		for _, c := range z.Codes {
			if c.Answer != c.Answer.Masked() || c.Meaning == "" {
				t.Errorf("%s: %+v", z.Name, c)
			}
		}
	}
}

func FuzzQueryName(f *testing.F) {
	f.Add("192.0.2.1")
	f.Add("2001:db8::1")
	f.Add("::ffff:1.2.3.4")
	f.Fuzz(func(t *testing.T, text string) {
		ip, err := netip.ParseAddr(text)
		if err != nil {
			return
		}
		name := Zone{Name: "bl.example"}.QueryName(Subject{Addr: ip})
		labels := strings.Split(strings.TrimSuffix(name, ".bl.example"), ".")
		if want := map[bool]int{true: 4, false: 32}[ip.Unmap().Is4()]; len(labels) != want {
			t.Fatalf("%s: %s", ip, name)
		}
	})
}
