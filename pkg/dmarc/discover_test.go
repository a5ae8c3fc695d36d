package dmarc

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/delivery"
)

func discover(t *testing.T, r delivery.Resolver, domain string) *Discovery {
	t.Helper()
	d, err := Discover(t.Context(), r, domain)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The names of the walk in RFC 9989 §4.10, and the bound around it.
func TestTargets(t *testing.T) {
	tests := []struct{ domain, want string }{
		{"com", "com"},
		{"a.mail.example.com", "a.mail.example.com mail.example.com example.com com"},
		{"1.2.3.4.5.6.7.8", "1.2.3.4.5.6.7.8 2.3.4.5.6.7.8 3.4.5.6.7.8 4.5.6.7.8 5.6.7.8 6.7.8 7.8 8"},
		{"0.1.2.3.4.5.6.7.8", "0.1.2.3.4.5.6.7.8 2.3.4.5.6.7.8 3.4.5.6.7.8 4.5.6.7.8 5.6.7.8 6.7.8 7.8 8"},
		{
			"a.b.c.d.e.f.g.h.i.j.mail.example.com",
			"a.b.c.d.e.f.g.h.i.j.mail.example.com g.h.i.j.mail.example.com h.i.j.mail.example.com i.j.mail.example.com " +
				"j.mail.example.com mail.example.com example.com com",
		},
	}
	for _, test := range tests {
		if got := strings.Join(Targets(test.domain), " "); got != test.want {
			t.Errorf("%s: %s", test.domain, got)
		}
	}
}

// Counted at the resolver: never more than eight, and each name once.
func TestEightQueries(t *testing.T) {
	for _, labels := range []int{1, 2, 7, 8, 9, 40, 120} {
		r := zonetest.New(t, "")
		domain := strings.Repeat("a.", labels-1) + "example"
		discover(t, r, domain)
		asked := r.Names()
		want := []string{}
		for _, target := range Targets(domain) {
			want = append(want, "_dmarc."+target)
		}
		slices.Sort(asked)
		slices.Sort(want)
		if diff := cmp.Diff(want, asked); diff != "" || len(asked) != min(labels, 8) {
			t.Errorf("%d labels: %d queries (-want +got)\n%s", labels, len(asked), diff)
		}
	}
}

// Selection of the organizational domain, RFC 9989 §4.10.2, and of the record,
// §4.10.1.
func TestDiscover(t *testing.T) {
	tests := []struct {
		name, domain, zone string
		org, record, tag   string
		location           Location
		policy             Policy
		status             Status
	}{
		{"no record", "mail.example.com", "", "mail.example.com", "", "", "", "", StatusNone},
		{
			"§4.10.2 first example", "a.mail.example.com", `
_dmarc.mail.example.com TXT "v=DMARC1; p=none"
_dmarc.example.com TXT "v=DMARC1; p=reject; sp=quarantine"`,
			"example.com", "example.com", "sp", AtOrganizational, PolicyQuarantine, StatusFound,
		},
		{
			"§4.10.2 second example: psd=n", "a.mail.example.com", `
_dmarc.mail.example.com TXT "v=DMARC1; p=reject; psd=n"
_dmarc.example.com TXT "v=DMARC1; p=none"`,
			"mail.example.com", "mail.example.com", "p", AtOrganizational, PolicyReject, StatusFound,
		},
		{
			"§4.10.2 last example: psd=y", "a.mail.example.com", `_dmarc.com TXT "v=DMARC1; p=reject; psd=y"`,
			"example.com", "com", "p", AtPublicSuffix, PolicyReject, StatusFound,
		},
		{
			"implicit psd=u counts", "a.example.com", `_dmarc.example.com TXT "v=DMARC1; p=reject"`,
			"example.com", "example.com", "p", AtOrganizational, PolicyReject, StatusFound,
		},
		{
			"explicit psd=u is the same", "a.example.com", `_dmarc.example.com TXT "v=DMARC1; p=reject; psd=u"`,
			"example.com", "example.com", "p", AtOrganizational, PolicyReject, StatusFound,
		},
		{
			"the author's record comes first", "mail.example.com", `
_dmarc.mail.example.com TXT "v=DMARC1; p=none; sp=reject"
_dmarc.example.com TXT "v=DMARC1; p=reject"`,
			"example.com", "mail.example.com", "p", AtAuthor, PolicyNone, StatusFound,
		},
		{
			"psd=n on the author's record ends the walk", "mail.example.com", `
_dmarc.mail.example.com TXT "v=DMARC1; p=none; psd=n"
_dmarc.example.com TXT "v=DMARC1; p=reject"`,
			"mail.example.com", "mail.example.com", "p", AtAuthor, PolicyNone, StatusFound,
		},
		{
			"psd=y at the start does not count (rule 2)", "bank.example", `_dmarc.bank.example TXT "v=DMARC1; p=reject; sp=none; psd=y"`,
			"bank.example", "bank.example", "p", AtAuthor, PolicyReject, StatusFound,
		},
		{
			"the PSD's policy for a domain without one", "mail.giant.bank.example", `_dmarc.bank.example TXT "v=DMARC1; p=reject; sp=quarantine; psd=y"`,
			"giant.bank.example", "bank.example", "sp", AtPublicSuffix, PolicyQuarantine, StatusFound,
		},
		{
			"a PSD has no say where the organization has a record", "mail.giant.bank.example", `
_dmarc.bank.example TXT "v=DMARC1; p=reject; psd=y"
_dmarc.giant.bank.example TXT "v=DMARC1; p=none"`,
			"giant.bank.example", "giant.bank.example", "p", AtOrganizational, PolicyNone, StatusFound,
		},
		{
			"one label below psd=y, though the shortcut skipped it", "a.b.c.d.e.f.g.h.bank.example", `_dmarc.d.e.f.g.h.bank.example TXT "v=DMARC1; p=reject; psd=y"`,
			"c.d.e.f.g.h.bank.example", "d.e.f.g.h.bank.example", "p", AtPublicSuffix, PolicyReject, StatusFound,
		},
		{
			"several records are none (§4.10 steps 2 and 6)", "example.com", `
_dmarc.example.com TXT "v=DMARC1; p=reject"
_dmarc.example.com TXT "v=DMARC1; p=none"`,
			"example.com", "", "", "", "", StatusNone,
		},
		{
			"several records at the author, one above", "mail.example.com", `
_dmarc.mail.example.com TXT "v=DMARC1; p=reject"
_dmarc.mail.example.com TXT "v=DMARC1; p=none"
_dmarc.example.com TXT "v=DMARC1; p=none; sp=quarantine"`,
			"example.com", "example.com", "sp", AtOrganizational, PolicyQuarantine, StatusFound,
		},
		{
			"other texts do not count", "example.com", `
_dmarc.example.com TXT "v=DMARC1; p=reject"
_dmarc.example.com TXT "v=spf1 -all"`,
			"example.com", "example.com", "p", AtAuthor, PolicyReject, StatusFound,
		},
		{
			"strings are joined (§4.5)", "example.com", `_dmarc.example.com TXT "v=DMARC1; p=re" "ject"`,
			"example.com", "example.com", "p", AtAuthor, PolicyReject, StatusFound,
		},
		{
			"an alias", "example.com", `
_dmarc.example.com CNAME example.com.dmarc.example.net
example.com.dmarc.example.net TXT "v=DMARC1; p=reject"`,
			"example.com", "example.com", "p", AtAuthor, PolicyReject, StatusFound,
		},
		{
			"no valid policy and nobody to tell ends it (§4.10.1)", "mail.example.com", `
_dmarc.mail.example.com TXT "v=DMARC1; adkim=s"
_dmarc.example.com TXT "v=DMARC1; p=reject"`,
			"example.com", "mail.example.com", "", AtAuthor, "", StatusUnusable,
		},
		{
			"t=y lowers reject (§4.7)", "example.com", `_dmarc.example.com TXT "v=DMARC1; p=reject; t=y"`,
			"example.com", "example.com", "p", AtAuthor, PolicyQuarantine, StatusFound,
		},
		{
			"t=y lowers sp", "mail.example.com", `_dmarc.example.com TXT "v=DMARC1; p=reject; sp=quarantine; t=y"`,
			"example.com", "example.com", "sp", AtOrganizational, PolicyNone, StatusFound,
		},
		{
			"IDN", "Bücher.example", `_dmarc.xn--bcher-kva.example TXT "v=DMARC1; p=none"`,
			"xn--bcher-kva.example", "xn--bcher-kva.example", "p", AtAuthor, PolicyNone, StatusFound,
		},
	}
	for _, test := range tests {
		d := discover(t, zonetest.New(t, test.zone), test.domain)
		got := []string{d.OrganizationalDomain(), d.RecordDomain, d.Tag, string(d.Location), string(d.Policy), string(d.Status)}
		want := []string{test.org, test.record, test.tag, string(test.location), string(test.policy), string(test.status)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.name, diff)
		}
	}
	for _, domain := range []string{"", ".", "a..b"} {
		if _, err := Discover(t.Context(), zonetest.New(t, ""), domain); !errors.Is(err, delivery.ErrInvalidName) {
			t.Errorf("%q: %v", domain, err)
		}
		if _, err := WalkTree(t.Context(), zonetest.New(t, ""), domain); !errors.Is(err, delivery.ErrInvalidName) {
			t.Errorf("%q: %v", domain, err)
		}
	}
}

// Which policy a domain below the record gets, RFC 9989 §4.7 (np) and §3.2.13.
func TestNonExistent(t *testing.T) {
	const record = `_dmarc.example.com TXT "v=DMARC1; p=reject; sp=none; np=quarantine"
`
	tests := []struct {
		name, zone, domain string
		fail               string
		existence          Existence
		tag                string
		policy             Policy
		asked              bool
	}{
		{"NXDOMAIN", record, "sub.example.com", "", DoesNotExist, "np", PolicyQuarantine, true},
		{"an A record", record + "sub.example.com A 192.0.2.1", "sub.example.com", "", Exists, "sp", PolicyNone, true},
		{"NODATA (Appendix A.4)", record + "sub.example.com MX 10 mx.example.com", "sub.example.com", "", Exists, "sp", PolicyNone, true},
		{"an empty non-terminal (RFC 8020)", record + "x.sub.example.com A 192.0.2.1", "sub.example.com", "", Exists, "sp", PolicyNone, true},
		{"a CNAME that leads nowhere", record + "sub.example.com CNAME gone.example.net", "sub.example.com", "", Exists, "sp", PolicyNone, true},
		{"something at _dmarc below it", record + `_dmarc.sub.example.com TXT "x"`, "sub.example.com", "", Exists, "sp", PolicyNone, false},
		{"the look-up fails", record, "sub.example.com", "sub.example.com", ExistenceUnknown, "", "", true},
		{"the domain of the record itself", record, "example.com", "", "", "p", PolicyReject, false},
		{"no np", `_dmarc.example.com TXT "v=DMARC1; p=reject; sp=none"`, "sub.example.com", "", "", "sp", PolicyNone, false},
		{"np says the same as sp", `_dmarc.example.com TXT "v=DMARC1; p=none; sp=reject; np=reject"`, "sub.example.com", "sub.example.com", "", "sp", PolicyReject, false},
		{"np without sp", `_dmarc.example.com TXT "v=DMARC1; p=none; np=reject"`, "sub.example.com", "", DoesNotExist, "np", PolicyReject, true},
		{"np of a PSD", `_dmarc.gov.example TXT "v=DMARC1; p=none; np=reject; psd=y"`, "fake.gov.example", "", DoesNotExist, "np", PolicyReject, true},
	}
	for _, test := range tests {
		r := zonetest.New(t, test.zone).Fail(delivery.CauseServFail, test.fail)
		d := discover(t, r, test.domain)
		if d.Existence != test.existence || d.Tag != test.tag || d.Policy != test.policy || d.Status != StatusFound {
			t.Errorf("%s: %q, %q, %q, %s", test.name, d.Existence, d.Tag, d.Policy, d.Status)
		}
		asked := slices.ContainsFunc(r.Questions(), func(q delivery.Question) bool { return q.Type != delivery.TypeTXT })
		if asked != test.asked {
			t.Errorf("%s: the existence was asked for: %v", test.name, asked)
		}
	}
}

// A failed look-up is unknown, never absent.
func TestUnknown(t *testing.T) {
	const zone = `
_dmarc.mail.example.com TXT "v=DMARC1; p=none; psd=n"
_dmarc.example.com TXT "v=DMARC1; p=reject"
`
	tests := []struct {
		name, domain, fail string
		status             Status
		org, record        string
	}{
		{"the author domain", "example.com", "_dmarc.example.com", StatusUnknown, "", ""},
		{"above an author domain with a record", "example.com", "_dmarc.com", StatusFound, "", "example.com"},
		{"above an author domain without one", "www.example.com", "_dmarc.com", StatusUnknown, "", ""},
		{"between", "a.b.example.com", "_dmarc.b.example.com", StatusUnknown, "", ""},
		{"behind the end of the walk", "mail.example.com", "_dmarc.example.com", StatusFound, "mail.example.com", "mail.example.com"},
	}
	for _, test := range tests {
		d := discover(t, zonetest.New(t, zone).Fail(delivery.CauseTimeout, test.fail), test.domain)
		if d.Status != test.status || d.OrganizationalDomain() != test.org || d.RecordDomain != test.record {
			t.Errorf("%s: %s, %q, %q", test.name, d.Status, d.OrganizationalDomain(), d.RecordDomain)
		}
	}
	// "_dmarc." and a name of the full length are too long to exist.
	long := strings.Repeat(strings.Repeat("a", 49)+".", 4) + strings.Repeat("b", 41) + ".example.com"
	if d := discover(t, zonetest.New(t, zone), long); len(long) != 253 || d.RecordDomain != "example.com" {
		t.Errorf("%d octets: %s, %q", len(long), d.Status, d.RecordDomain)
	}
}

func TestLegacy(t *testing.T) {
	tests := []struct {
		name, domain, zone string
		org, record        string
		differs            bool
	}{
		{"the usual case", "mail.example.com", `_dmarc.example.com TXT "v=DMARC1; p=none"`, "example.com", "example.com", false},
		{"no record", "a.b.example.com", "", "example.com", "", false},
		{"a record below the registered domain only", "a.b.example.com", `_dmarc.b.example.com TXT "v=DMARC1; p=none"`, "example.com", "", true},
		{"psd=n below the registered domain", "b.example.com", `_dmarc.b.example.com TXT "v=DMARC1; p=none; psd=n"
_dmarc.example.com TXT "v=DMARC1; p=none"`, "example.com", "b.example.com", true},
		{"a listed suffix with a record", "alice.blogspot.com", `_dmarc.blogspot.com TXT "v=DMARC1; p=reject"`, "alice.blogspot.com", "", true},
		{"several records end the search of RFC 7489 §6.6.3", "mail.example.com", `_dmarc.mail.example.com TXT "v=DMARC1; p=none"
_dmarc.mail.example.com TXT "v=DMARC1; p=reject"
_dmarc.example.com TXT "v=DMARC1; p=none"`, "example.com", "", true},
		{"a suffix itself", "co.uk", `_dmarc.co.uk TXT "v=DMARC1; p=none; psd=y"`, "", "co.uk", true},
	}
	for _, test := range tests {
		d := discover(t, zonetest.New(t, test.zone), test.domain)
		if d.Legacy.OrganizationalDomain != test.org || d.Legacy.RecordDomain != test.record || d.LegacyDiffers() != test.differs {
			t.Errorf("%s: %+v, differs %v", test.name, d.Legacy, d.LegacyDiffers())
		}
	}
}
