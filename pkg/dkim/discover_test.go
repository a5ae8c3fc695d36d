package dkim

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/delivery"
)

const publishedKey = `"v=DKIM1; k=ed25519; p=` + ed25519Example + `"`

func TestLookupKey(t *testing.T) {
	const name = "s._domainkey.example.com"
	tests := []struct {
		name, zone, fail string
		want             KeyStatus
	}{
		{"a key", name + " TXT " + publishedKey, "", KeyFound},
		{"nothing", "", "", KeyAbsent},
		{"another text", name + ` TXT "v=spf1 -all"`, "", KeyAbsent},
		{"a key and another text", name + " TXT " + publishedKey + "\n" + name + ` TXT "hello"`, "", KeyFound},
		{"two keys", name + " TXT " + publishedKey + "\n" + name + ` TXT "v=DKIM1; p="`, "", KeySeveral},
		{"revoked", name + ` TXT "v=DKIM1; p="`, "", KeyRevoked},
		{"unusable", name + ` TXT "v=DKIM1; p=x"`, "", KeyUnusable},
		{"strings are joined without a space (§3.6.2.2)", name + ` TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQ" "HOg7hcvPapiMlrwIaaPcHURo="`, "", KeyFound},
		{"unknown", name + " TXT " + publishedKey, name, KeyUnknown},
	}
	for _, test := range tests {
		l := LookupKey(t.Context(), zonetest.New(t, test.zone).Fail(delivery.CauseServFail, test.fail), "example.com", "s")
		one := test.want == KeyFound || test.want == KeyRevoked || test.want == KeyUnusable
		if l.Status != test.want || l.Name != name || (l.Record != nil) != one {
			t.Errorf("%s: %s, %v", test.name, l.Status, l.Record)
		}
	}
	r := zonetest.New(t, name+" CNAME s.dkim.example.net\ns.dkim.example.net CNAME s1.example.net\ns1.example.net TXT "+publishedKey)
	l := LookupKey(t.Context(), r, "example.com", "s")
	if l.Status != KeyFound || len(l.Answer.Chain) != 2 || l.Answer.Target() != "s1.example.net" {
		t.Errorf("aliases: %s, %v", l.Status, l.Answer.Chain)
	}
}

func candidates(selectors ...string) []Candidate {
	var list []Candidate
	for _, s := range selectors {
		list = append(list, Candidate{Selector: s})
	}
	return list
}

func TestDiscover(t *testing.T) {
	const a, b = "a._domainkey.example.com TXT " + publishedKey + "\n", `b._domainkey.example.com TXT "v=DKIM1; p="` + "\n"
	tests := []struct {
		name, zone, fail string
		want             string // selector, status and * for a wildcard
		none, revoked    bool
	}{
		{"two of three", a + b, "", "a found, b revoked", false, false},
		{"nothing at all", "example.com A 192.0.2.1", "", "", true, false},
		{"nothing tried, but something there", "z._domainkey.example.com TXT " + publishedKey, "", "", false, false},
		{"a wildcard key", "*._domainkey.example.com TXT " + publishedKey, "", "a found *, b found *, c found *", false, false},
		{"a wildcard and a key", "*._domainkey.example.com TXT " + publishedKey + "\n" + b, "", "a found *, b revoked, c found *", false, false},
		{"a wildcard without keys (parked)", `*._domainkey.example.com TXT "v=DKIM1; p="`, "", "a revoked *, b revoked *, c revoked *", false, true},
		{"a wildcard of another kind", `*.example.com TXT "v=spf1 -all"`, "", "", false, false},
		{"a wildcard alias", "*._domainkey.example.com CNAME k.example.net\nk.example.net TXT " + publishedKey, "", "a found *, b found *, c found *", false, false},
		{"one look-up fails", a + b, "a._domainkey.example.com", "b revoked", false, false},
		{"the base fails", "", "_domainkey.example.com", "", false, false},
	}
	for _, test := range tests {
		r := zonetest.New(t, test.zone).Fail(delivery.CauseTimeout, test.fail)
		d := Discover(t.Context(), r, "example.com", candidates("a", "b", "c"))
		var got []string
		own := 0
		for _, k := range d.Keys {
			s := k.Candidate.Selector + " " + string(k.Status)
			if k.Wildcard {
				s += " *"
			} else {
				own++
			}
			got = append(got, s)
		}
		if strings.Join(got, ", ") != test.want || d.None() != test.none || d.AllRevoked() != test.revoked || len(d.Own()) != own {
			t.Errorf("%s: %v, none %v, all revoked %v", test.name, got, d.None(), d.AllRevoked())
		}
		if (test.fail == "a._domainkey.example.com") != (len(d.Unknown) == 1) || len(d.Tried) != 3 {
			t.Errorf("%s: unknown %v", test.name, d.Unknown)
		}
		if asked := r.Questions(); len(asked) != 5 {
			t.Errorf("%s: asked %v", test.name, asked)
		}
	}
	var many []string
	for i := range 1000 {
		many = append(many, fmt.Sprintf("s%d", i))
	}
	if d := Discover(t.Context(), zonetest.New(t, ""), "example.com", candidates(many...)); len(d.Tried) != maxSelectors {
		t.Errorf("%d selectors were tried", len(d.Tried))
	}
}

func TestSelectorList(t *testing.T) {
	list, err := DefaultSelectors()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list.Providers {
		if p.Name == "" || len(p.Selectors) == 0 || len(p.MX)+len(p.SPF) == 0 || !strings.HasPrefix(p.Source, "https://") {
			t.Errorf("%+v", p)
		}
	}
	tests := []struct {
		name         string
		mx, includes []string
		want         string // the first candidates
	}{
		{"Google by MX", []string{"ASPMX.L.google.com"}, nil, "google default"},
		{"Google and SendGrid", []string{"aspmx.l.google.com"}, []string{"sendgrid.net"}, "google s1 s2 smtpapi default"},
		{"Microsoft by include", nil, []string{"spf.protection.outlook.com"}, "selector1 selector2 default"},
		{"a name that only ends like one", []string{"notgoogle.com"}, nil, "default dkim"},
		{"nothing", nil, nil, "default dkim"},
	}
	for _, test := range tests {
		var got []string
		for _, c := range list.For(test.mx, test.includes) {
			got = append(got, c.Selector)
		}
		if !strings.HasPrefix(strings.Join(got, " ")+" ", test.want+" ") {
			t.Errorf("%s: %v", test.name, got)
		}
		seen := map[string]bool{}
		for _, s := range got {
			if seen[s] {
				t.Errorf("%s: %s twice", test.name, s)
			}
			seen[s] = true
		}
	}
	if c := list.For([]string{"mail.protonmail.ch"}, nil)[0]; c != (Candidate{"protonmail", "Proton Mail"}) {
		t.Errorf("%+v", c)
	}
}

func TestParseSelectors(t *testing.T) {
	list, err := ParseSelectors([]byte(`{"common": ["a"], "providers": [{"name": "X", "mx": ["x.example"], "selectors": ["b"], "source": "-"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Candidate{{"b", "X"}, {"a", ""}}, list.For([]string{"mx.x.example"}, nil)); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{"", "[]", `{"common": ["a b"]}`, `{"providers": [{"selectors": [""]}]}`} {
		if _, err := ParseSelectors([]byte(text)); !errors.Is(err, ErrSelectorList) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
