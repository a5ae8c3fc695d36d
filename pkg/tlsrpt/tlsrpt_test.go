package tlsrpt

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// RFC 8460 §3.
func TestParse(t *testing.T) {
	tests := []struct {
		text string
		want []Problem
		use  string
	}{
		{"v=TLSRPTv1;rua=mailto:reports@example.com", nil, "example.com"},                         // §3.1.1
		{"v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt", nil, "reporting.example.com"}, // §3.1.2
		{"v=TLSRPTv1; rua=mailto:a@example.com , https://b.example/x;", nil, "example.com b.example"},
		{"v=TLSRPTv1; x.y=1; rua=mailto:a@example.com", nil, "example.com"},
		{"v=TLSRPTv1;", []Problem{{ProblemNoRUA, "rua", "", 11}}, ""},
		{"v=TLSRPTv1; rua=", []Problem{{ProblemURISyntax, "rua", "", 16}}, ""},
		{"v=TLSRPTv1; rua=a@example.com", []Problem{{ProblemNoScheme, "rua", "a@example.com", 16}}, ""},
		{"v=TLSRPTv1; rua=mailto:a@example.com,", []Problem{{ProblemURISyntax, "rua", "", 37}}, "example.com"},
		{"v=TLSRPTv1; rua=http://example.com/", []Problem{{ProblemScheme, "rua", "http://example.com/", 16}}, ""},
		{"v=TLSRPTv1; rua=https:///x", []Problem{{ProblemURITarget, "rua", "https:///x", 16}}, ""},
		{"v=TLSRPTv1; rua=mailto:a", []Problem{{ProblemURITarget, "rua", "mailto:a", 16}}, ""},
		{"v=TLSRPTv1; rua=mailto:a@example.com!10m", []Problem{{ProblemURITarget, "rua", "mailto:a@example.com!10m", 16}}, ""},
		{"v=TLSRPTv1; rua=https://a.example/!", []Problem{{ProblemURIEscape, "rua", "https://a.example/!", 16}}, "a.example"},
		{"v=TLSRPTv1; rua=mailto:\xff@example.com", []Problem{{ProblemURISyntax, "rua", "mailto:\xff@example.com", 16}}, ""},
		{"v=TLSRPTv1; RUA=mailto:a@example.com", []Problem{{ProblemFieldCase, "RUA", "mailto:a@example.com", 12}, {ProblemNoRUA, "rua", "", 36}}, ""},
		{"v=TLSRPTv1; rua = mailto:a@example.com", []Problem{{ProblemWhiteSpace, "rua", "mailto:a@example.com", 12}}, "example.com"},
		{"v=TLSRPTv1; rua=mailto:a@example.com; rua=mailto:b@example.net", []Problem{{ProblemRepeated, "rua", "mailto:b@example.net", 38}}, "example.com"},
		{"v=TLSRPTv1; rua=mailto:a@example.com; x", []Problem{{ProblemField, "x", "", 38}}, "example.com"},
		{"v=TLSRPTv1; rua=mailto:a@example.com; -x=1", []Problem{{ProblemField, "-x", "1", 38}}, "example.com"},
	}
	for _, test := range tests {
		r, err := Parse(test.text)
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		var usable []string
		for _, u := range r.URIs {
			if u.Usable() {
				usable = append(usable, u.Host)
			}
		}
		if diff := cmp.Diff(test.want, r.Problems); diff != "" || strings.Join(usable, " ") != test.use || r.Usable() != (test.use != "") {
			t.Errorf("%q: usable %v (-want +got)\n%s", test.text, usable, diff)
		}
	}
	for _, text := range []string{"", "v=TLSRPTv1", "v=TLSRPTv2; rua=mailto:a@example.com", "v=tlsrptv1; rua=mailto:a@example.com", " v=TLSRPTv1;", "v=spf1 -all"} {
		if r, err := Parse(text); !errors.Is(err, ErrNotTLSRPT) || r.Raw != text || !r.Has(ProblemVersion) {
			t.Errorf("%q: %+v, %v", text, r, err)
		}
	}
}

func TestFind(t *testing.T) {
	const good = `_smtp._tls.example.com TXT "v=TLSRPTv1;" "rua=mailto:a@example.com"` + "\n"
	tests := []struct {
		name, zone, fail string
		want             Status
	}{
		{"one", good, "", StatusFound},
		{"nothing", "", "", StatusNone},
		{"other texts", `_smtp._tls.example.com TXT "x"`, "", StatusNone},
		{"one among others", good + `_smtp._tls.example.com TXT "x"`, "", StatusFound},
		{"several", good + `_smtp._tls.example.com TXT "v=TLSRPTv1;rua=mailto:b@example.com"`, "", StatusSeveral},
		{"nowhere to send to", `_smtp._tls.example.com TXT "v=TLSRPTv1;rua=mailto:"`, "", StatusUnusable},
		{"an alias", "_smtp._tls.example.com CNAME x.example.net\n" + `x.example.net TXT "v=TLSRPTv1;rua=mailto:a@example.net"`, "", StatusFound},
		{"unknown", good, "_smtp._tls.example.com", StatusUnknown},
	}
	for _, test := range tests {
		r := zonetest.New(t, test.zone).Fail(delivery.CauseTimeout, test.fail)
		if l := Find(t.Context(), r, "example.com"); l.Status != test.want || (l.Record != nil) != (test.want == StatusFound || test.want == StatusUnusable) {
			t.Errorf("%s: %s, %v", test.name, l.Status, l.Record)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "v=TLSRPTv1;rua=mailto:a@example.com,https://b.example/!", "v=TLSRPTv1 ;;RUA=; rua= , ;=x;x-=\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Parse(text)
		if err != nil {
			return
		}
		for _, u := range r.URIs {
			if !strings.HasPrefix(text[u.Pos:], u.Raw) {
				t.Fatalf("%q: %+v is not there", text, u)
			}
		}
		again, err := Parse(r.String())
		if err != nil || again.Usable() != r.Usable() || len(again.URIs) != len(r.URIs) || again.String() != r.String() {
			t.Fatalf("%q: %+v, printed %q: %+v, %v", text, r, r.String(), again, err)
		}
	})
}
