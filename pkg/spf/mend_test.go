package spf_test

import (
	"strings"
	"testing"

	"github.com/mailctl/mailctl/pkg/spf"
)

func TestMended(t *testing.T) {
	for terms, want := range map[string]string{ // "" for what cannot be told
		"mx a:x.example -all": "mx a:x.example -all",

		"mx, -all":                       "mx -all",
		"mx; a. -all;":                   "mx a -all",
		"mx,a,-all":                      "mx a -all",
		"ip4:192.0.2.1,192.0.2.2 -all":   "ip4:192.0.2.1 ip4:192.0.2.2 -all",
		"-ip4:192.0.2.1,192.0.2.2 mx":    "-ip4:192.0.2.1 -ip4:192.0.2.2 mx",
		"ip4:192.0.2.1;ip6:2001:db8::1":  "ip4:192.0.2.1 ip6:2001:db8::1",
		"ip4:192.0.2.1,2001:db8::/32":    "ip4:192.0.2.1 ip6:2001:db8::/32",
		"include:a.example,b.example":    "include:a.example include:b.example",
		"include:a.example,include:b.c,": "include:a.example include:b.c",
		"include:a.example,192.0.2.1":    "include:a.example ip4:192.0.2.1",
		"mx\tip4:192.0.2.1\u00a0~all":    "mx ip4:192.0.2.1 ~all",

		"include _spf.relay.example -all": "include:_spf.relay.example -all",
		"include: a.example, -all":        "include:a.example -all",
		"~include: a.example -all":        "~include:a.example -all",
		"redirect= a.example":             "redirect=a.example",
		"redirect:a.example":              "redirect=a.example",
		"ip4 192.0.2.1 ip6: 2001:db8::1":  "ip4:192.0.2.1 ip6:2001:db8::1",
		"mx - all":                        "mx -all",
		"mx –all":                         "mx -all",
		"mx -al":                          "mx -all",

		"a:192.0.2.1 mx:192.0.2.0/24":     "ip4:192.0.2.1 ip4:192.0.2.0/24",
		"ip4:2001:db8::1 -ipv4:192.0.2.1": "ip6:2001:db8::1 -ip4:192.0.2.1",
		"~192.0.2.0/24 ip=192.0.2.1":      "~ip4:192.0.2.0/24 ip4:192.0.2.1",
		"ip4=192.0.2.1 include=a.example": "ip4:192.0.2.1 include:a.example",
		"inculde:a.example":               "include:a.example",
		"flavour=sweet exists:%{i},x.y":   "flavour=sweet exists:%{i},x.y",

		"ip4:192.0.2.300 -all":          "",
		"mx all,":                       "", // nobody means +all
		"mx al":                         "",
		"include":                       "",
		"include: mx":                   "",
		"a:":                            "",
		"mail.example.com":              "", // include, or a
		"ip4=here":                      "",
		"redirect=a.example,b.example":  "",
		"redirect=a.b redirect=c.d":     "",
		"exp=192.0.2.1":                 "",
		"ip6:fe80::1%eth0":              "",
		"exists:%{i}.a.b,exists:%{z}.x": "",
	} {
		record, _ := spf.Parse("v=spf1 " + terms)
		mended, ok := record.Mended()
		got := strings.Join(strings.Fields(strings.Join(mended, " ")), " ")
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: got %q, %v; want %q", terms, mended, ok, want)
		}
	}
}

// FuzzMended checks that what is mended is valid, stays as it is, and lets nobody
// pass who is not named.
func FuzzMended(f *testing.F) {
	for _, seed := range []string{"mx, -all", "include a.example,b.example", "- all", "–all", "all,", "ip4=192.0.2.1,", "a:", "=", ":", ",", "–", "+ +", "%{i},x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, terms string) {
		record, _ := spf.Parse("v=spf1 " + terms)
		mended, ok := record.Mended()
		if len(mended) != len(record.Terms) {
			t.Fatalf("%d of %d terms", len(mended), len(record.Terms))
		}
		if !ok {
			return
		}
		again, err := spf.Parse("v=spf1 " + strings.Join(mended, " "))
		if err != nil {
			t.Fatalf("%q was mended to %q: %v", terms, mended, err)
		}
		if twice, ok := again.Mended(); !ok || strings.Join(twice, " ") != strings.Join(strings.Fields(strings.Join(mended, " ")), " ") {
			t.Fatalf("%q was mended to %q and then to %q", terms, mended, twice)
		}
		if before, after := record.All(), again.All(); after >= 0 && again.Terms[after].Qualifier == spf.QualifierPass &&
			(before < 0 || record.Terms[before].Qualifier != spf.QualifierPass) {
			t.Fatalf("%q was mended to %q", terms, mended)
		}
	})
}
