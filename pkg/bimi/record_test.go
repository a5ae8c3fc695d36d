package bimi

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// BIMI draft §5.3.
func TestParse(t *testing.T) {
	const logo = "https://example.com/logo.svg"
	tests := []struct {
		text            string
		want            []Problem
		valid, declined bool
	}{
		{"v=BIMI1; l=" + logo + ";", nil, true, false},
		{"v=BIMI1; l=" + logo + "; a=https://example.com/vmc.pem; avp=personal; lps=news-,brand", nil, true, false},
		{"v = BIMI1 ; a= ; l=https://example.com/l.SVGZ?x=1", nil, true, false},
		{"v=BIMI1; l=; a=;", nil, true, true},
		{"v=BIMI1; l=; a=; lps=", nil, true, true},
		{"v=BIMI1;", []Problem{{ProblemNoLocation, "l", "", 8}}, false, false},
		{"v=BIMI1; a=https://example.com/vmc.pem", []Problem{{ProblemNoLocation, "l", "", 38}}, false, false},
		{"v=BIMI1; l=; a=https://example.com/vmc.pem", []Problem{{ProblemEmptyL, "l", "", 9}}, false, false},
		{"v=BIMI1; l=http://example.com/logo.svg", []Problem{{ProblemScheme, "l", "http://example.com/logo.svg", 9}}, false, false},
		{"v=BIMI1; l=example.com/logo.svg", []Problem{{ProblemURI, "l", "example.com/logo.svg", 9}}, false, false},
		{"v=BIMI1; l=" + logo + "," + logo, []Problem{{ProblemURI, "l", logo + "," + logo, 9}}, false, false},
		{"v=BIMI1; l=https://localhost/logo.svg", []Problem{{ProblemHost, "l", "https://localhost/logo.svg", 9}}, false, false},
		{"v=BIMI1; l=https://[2001:db8::1]/logo.svg", []Problem{{ProblemHost, "l", "https://[2001:db8::1]/logo.svg", 9}}, false, false},
		{"v=BIMI1; l=https://192.0.2.1/logo.svg", []Problem{{ProblemHost, "l", "https://192.0.2.1/logo.svg", 9}}, false, false},
		{"v=BIMI1; l=https:///logo.svg", []Problem{{ProblemHost, "l", "https:///logo.svg", 9}}, false, false},
		{"v=BIMI1; l=https://example.com/logo.png", []Problem{{ProblemFormat, "l", "https://example.com/logo.png", 9}}, false, false},
		{"v=BIMI1; l=" + logo + "; a=https://example.com/vmc", []Problem{{ProblemCertSuffix, "a", "https://example.com/vmc", 41}}, true, false},
		{"v=BIMI1; l=" + logo + "; a=self", []Problem{{ProblemURI, "a", "self", 41}}, false, false},
		{"v=BIMI1; l=" + logo + "; avp=Brand", []Problem{{ProblemAvatar, "avp", "Brand", 41}}, true, false},
		{"v=BIMI1; l=" + logo + "; lps=a_b,c", []Problem{{ProblemPrefix, "lps", "a_b,c", 41}}, true, false},
		{"v=BIMI1; l=" + logo + "; l=", []Problem{{ProblemRepeated, "l", "", 41}}, true, false},
		{"v=BIMI1; l=" + logo + "; z=1; x", []Problem{{ProblemUnknownTag, "z", "1", 41}, {ProblemNoValue, "x", "x", 46}}, true, false},
		{"v=BIMI1; L=" + logo, []Problem{{ProblemTagCase, "L", logo, 9}, {ProblemNoLocation, "l", "", 39}}, false, false},
	}
	for _, test := range tests {
		r, err := Parse(test.text)
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		if diff := cmp.Diff(test.want, r.Problems); diff != "" || r.Valid() != test.valid || r.Declined() != test.declined {
			t.Errorf("%q: valid %v, declined %v (-want +got)\n%s", test.text, r.Valid(), r.Declined(), diff)
		}
	}
	r, _ := Parse("v=BIMI1; l=" + logo + "; a=https://example.com/vmc.pem; avp=personal; lps=news- , brand")
	got := []any{r.Location, r.Authority, r.Avatar, r.Prefixes}
	if diff := cmp.Diff([]any{logo, "https://example.com/vmc.pem", "personal", []string{"news-", "brand"}}, got); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{"", "v=bimi1; l=", "V=BIMI1; l=", " v=BIMI1; l=", "l=; v=BIMI1", "v=BIMI2; l=", "v=BIMI1 l=" + logo} {
		if r, err := Parse(text); !errors.Is(err, ErrNotBIMI) || r.Raw != text || r.Valid() {
			t.Errorf("%q: %+v, %v", text, r, err)
		}
	}
}

// BIMI draft §8.2.
func TestFind(t *testing.T) {
	const (
		own  = `default._bimi.mail.example.com TXT "v=BIMI1; l=https://example.com/own.svg"` + "\n"
		org  = `default._bimi.example.com TXT "v=BIMI1; l=https://example.com/org.svg"` + "\n"
		news = `news._bimi.mail.example.com TXT "v=BIMI1; l=https://example.com/news.svg"` + "\n"
	)
	tests := []struct {
		name, zone, selector, fail string
		status                     Status
		domain                     string
	}{
		{"at the author domain", own + org, "", "", StatusFound, "mail.example.com"},
		{"at the organizational domain", org, "", "", StatusFound, "example.com"},
		{"nowhere", "", "", "", StatusNone, ""},
		{"another selector", own + news, "news", "", StatusFound, "mail.example.com"},
		{"a selector that does not exist", own + org, "news", "", StatusNone, ""},
		{"declined", `default._bimi.mail.example.com TXT "v=BIMI1; l=; a=;"` + "\n" + org, "", "", StatusDeclined, "mail.example.com"},
		{"several", own + `default._bimi.mail.example.com TXT "v=BIMI1; l=;"` + "\n" + org, "", "", StatusSeveral, "mail.example.com"},
		{"other texts", `default._bimi.mail.example.com TXT "x"` + "\n" + org, "", "", StatusFound, "example.com"},
		{"invalid", `default._bimi.mail.example.com TXT "v=BIMI1; l=x"` + "\n" + org, "", "", StatusInvalid, "mail.example.com"},
		{"unknown", own + org, "", "default._bimi.mail.example.com", StatusUnknown, ""},
		{"unknown above", "", "", "default._bimi.example.com", StatusUnknown, ""},
		{"unknown above a record", own, "", "default._bimi.example.com", StatusFound, "mail.example.com"},
	}
	for _, test := range tests {
		r := zonetest.New(t, test.zone).Fail(delivery.CauseTimeout, test.fail)
		l := Find(t.Context(), r, test.selector, "mail.example.com", "example.com")
		if l.Status != test.status || l.Domain != test.domain {
			t.Errorf("%s: %s, %q", test.name, l.Status, l.Domain)
		}
		if one := test.status == StatusFound || test.status == StatusDeclined || test.status == StatusInvalid; one != (l.Record != nil) {
			t.Errorf("%s: %v", test.name, l.Record)
		}
	}
	r := zonetest.New(t, org)
	if l := Find(t.Context(), r, "", "example.com", "example.com"); l.Status != StatusFound || len(r.Questions()) != 1 {
		t.Errorf("the domain is its own organizational domain: %s", l.Status)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "v=BIMI1; l=https://example.com/l.svg; a=", "v = BIMI1;l=;L=;avp=x;lps=a,,b;=;x", "v=BIMI1; l=https://[::1]/\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Parse(text)
		if err != nil {
			return
		}
		for _, p := range r.Problems {
			if p.Pos < 0 || p.Pos > len(text) {
				t.Fatalf("%q: %+v is outside", text, p)
			}
		}
		again, err := Parse(r.String())
		if err != nil || again.Valid() != r.Valid() || again.Location != r.Location || again.Authority != r.Authority {
			t.Fatalf("%q: %+v, printed %q: %+v, %v", text, r, r, again, err)
		}
	})
}
