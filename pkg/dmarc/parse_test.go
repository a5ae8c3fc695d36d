package dmarc

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/delivery"
)

func TestParseIgnored(t *testing.T) {
	// RFC 9989 §4.7: v must come first and be exactly DMARC1, or else the entire
	// record is ignored.
	tests := []struct {
		text string
		kind ProblemKind
	}{
		{"", ProblemNoVersion},
		{"v=spf1 -all", ProblemVersionUnknown},
		{"p=none; v=DMARC1", ProblemVersionLater},
		{"v=dmarc1; p=none", ProblemVersionCase},
		{"v=DMARC1 p=none", ProblemVersionUnknown},
		{"v=DMARC2; p=none", ProblemVersionUnknown},
		{"v=DMARC1x; p=none", ProblemVersionUnknown},
		{"v DMARC1; p=none", ProblemNoVersion},
		{"google-site-verification=x", ProblemNoVersion},
	}
	for _, test := range tests {
		r, err := Parse(test.text)
		if !errors.Is(err, ErrNotDMARC) {
			t.Errorf("Parse(%q): %v", test.text, err)
			continue
		}
		if r.Raw != test.text || len(r.Problems) != 1 || r.Problems[0].Kind != test.kind {
			t.Errorf("Parse(%q): %+v, want %s", test.text, r, test.kind)
		}
	}
}

func TestParseProblems(t *testing.T) {
	tests := []struct {
		name, text string
		want       []Problem
	}{
		{"plain", "v=DMARC1; p=none; rua=mailto:a@example.com", nil},
		{"white space (§4.8)", "v = DMARC1 ; p = reject ;", nil},
		{"values in any case (RFC 5234 §2.3)", "v=DMARC1; p=Reject; adkim=S; t=Y", nil},
		{"p missing (§4.7)", "v=DMARC1; rua=mailto:a@example.com", []Problem{{ProblemNoPolicy, "p", "", 34}}},
		{"p behind others (§4.8)", "v=DMARC1; sp=none; p=none", []Problem{{ProblemPolicyOrder, "p", "none", 19}}},
		{"invalid p", "v=DMARC1; p=block", []Problem{{ProblemInvalidPolicy, "p", "block", 10}}},
		{"empty sp", "v=DMARC1; p=none; sp=", []Problem{{ProblemInvalidPolicy, "sp", "", 18}}},
		{"historic (Appendix C.5)", "v=DMARC1; p=none; pct=50; rf=afrf; ri=1", []Problem{
			{ProblemHistoricTag, "pct", "50", 18}, {ProblemHistoricTag, "rf", "afrf", 26}, {ProblemHistoricTag, "ri", "1", 35},
		}},
		{"unknown (§4.7)", "v=DMARC1; p=none; x=1", []Problem{{ProblemUnknownTag, "x", "1", 18}}},
		{"repeated", "v=DMARC1; p=none; p=reject", []Problem{{ProblemRepeatedTag, "p", "reject", 18}}},
		{"case of tags", "V=DMARC1; P=none", []Problem{{ProblemTagCase, "v", "DMARC1", 0}, {ProblemTagCase, "p", "none", 10}}},
		{"no value", "v=DMARC1; p=none; reject", []Problem{{ProblemNoValue, "reject", "reject", 18}}},
		{"empty tag", "v=DMARC1;; p=none", []Problem{{ProblemEmptyTag, "", "", 9}, {ProblemPolicyOrder, "p", "none", 11}}},
		{"leading space", " v=DMARC1; p=none", []Problem{{ProblemLeadingSpace, "v", "DMARC1", 1}}},
		{"mode", "v=DMARC1; p=none; aspf=relaxed", []Problem{{ProblemInvalidValue, "aspf", "relaxed", 18}}},
		{"psd and t", "v=DMARC1; p=none; psd=1; t=yes", []Problem{{ProblemInvalidValue, "psd", "1", 18}, {ProblemInvalidValue, "t", "yes", 25}}},
		{"octets", "v=DMARC1; p=none; rua=mailto:\xffa@example.com", []Problem{
			{ProblemURISyntax, "rua", "mailto:\xffa@example.com", 22}, {ProblemBadOctet, "rua", "mailto:\xffa@example.com", 29},
		}},
		{"fo without ruf (§4.7)", "v=DMARC1; p=none; fo=1", []Problem{{ProblemNoFailureURI, "fo", "1", 18}}},
		{"fo 0 and 1 (§4.8)", "v=DMARC1; p=none; fo=0:1; ruf=mailto:a@example.com", []Problem{{ProblemInvalidValue, "fo", "0:1", 18}}},
		{"fo twice (§4.8)", "v=DMARC1; p=none; fo=d:d; ruf=mailto:a@example.com", []Problem{{ProblemInvalidValue, "fo", "d:d", 18}}},
	}
	for _, test := range tests {
		r, err := Parse(test.text)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if diff := cmp.Diff(test.want, r.Problems); diff != "" {
			t.Errorf("%s: %q (-want +got)\n%s", test.name, test.text, diff)
		}
	}
}

func TestParseValues(t *testing.T) {
	r, err := Parse("v=DMARC1; p=reject; sp=quarantine; np=none; adkim=s; aspf=s; t=y; psd=n; fo=1:d:s; " +
		"rua=mailto:a@example.com,mailto:b@example.net!10m; ruf=https://example.org/r , a@example.com")
	if err != nil {
		t.Fatal(err)
	}
	got := *r
	got.Raw, got.Tags, got.Problems = "", nil, nil
	want := Record{
		Policy: PolicyReject, Subdomain: PolicyQuarantine, NonExistent: PolicyNone,
		DKIMMode: Strict, SPFMode: Strict, Test: true, PSD: PSDNo,
		FailureOptions: []FailureOption{FailureAny, FailureDKIM, FailureSPF},
		Aggregate: []URI{
			{Raw: "mailto:a@example.com", Pos: 87, Valid: true, Scheme: "mailto", Address: delivery.Address{Local: "a", Domain: "example.com"}, Host: "example.com"},
			{Raw: "mailto:b@example.net!10m", Pos: 108, Valid: true, Scheme: "mailto", Address: delivery.Address{Local: "b", Domain: "example.net"}, Host: "example.net", Size: "10m"},
		},
		Failure: []URI{
			{Raw: "https://example.org/r", Pos: 138, Valid: true, Scheme: "https", Host: "example.org"},
			{Raw: "a@example.com", Pos: 162},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !r.Has(ProblemURISize) || !r.Has(ProblemURIScheme) || !r.Has(ProblemURINoScheme) {
		t.Errorf("problems %+v", r.Problems)
	}
}

func TestURIs(t *testing.T) {
	tests := []struct {
		raw   string
		valid bool
		host  string
		kind  ProblemKind
	}{
		{"mailto:dmarc@example.com", true, "example.com", ""},
		{"MAILTO:dmarc@EXAMPLE.com", true, "example.com", ""},
		{"mailto:d%2Bmarc@example.com", true, "example.com", ""},
		{"mailto:d%2Cmarc@example.com", true, "", ProblemURIAddress}, // a comma needs quotes (RFC 6068 §2)
		{"mailto:dmarc@example.com?subject=x", true, "example.com", ""},
		{"mailto:dmarc@example.com!5g", true, "example.com", ProblemURISize},
		{"mailto:dmarc@example.com!5x", false, "", ProblemURISyntax},
		{"mailto:", true, "", ProblemURIAddress},
		{"mailto:dmarc", true, "", ProblemURIAddress},
		{"mailto:a b@example.com", false, "", ProblemURISyntax},
		{"mailto:a%zz@example.com", false, "", ProblemURISyntax},
		{"<mailto:dmarc@example.com>", false, "", ProblemURISyntax},
		{"https://r.example.com:8443/x?y", true, "r.example.com", ProblemURIScheme},
		{"https://r!.example.com/", false, "", ProblemURISyntax},
		{"dmarc@example.com", false, "", ProblemURINoScheme},
		{"nothing", false, "", ProblemURISyntax},
		{"", false, "", ProblemURISyntax},
		{"1x:y", false, "", ProblemURISyntax},
	}
	for _, test := range tests {
		u, problems := parseURI(test.raw)
		kind := ProblemKind("")
		if len(problems) > 0 {
			kind = problems[0]
		}
		if u.Valid != test.valid || u.Host != test.host || kind != test.kind || u.Raw != test.raw {
			t.Errorf("%q: %+v %v", test.raw, u, problems)
		}
	}
}

func TestPolicyFor(t *testing.T) {
	// RFC 9989 §4.7 (sp, np) and §4.10.1 (no valid policy).
	tests := []struct {
		text                      string
		domain, existing, missing string
	}{
		{"p=reject", "reject p", "reject p", "reject p"},
		{"p=reject; sp=none", "reject p", "none sp", "none sp"},
		{"p=none; np=reject", "none p", "none p", "reject np"},
		{"p=none; sp=quarantine; np=reject", "none p", "quarantine sp", "reject np"},
		{"rua=mailto:a@example.com", "none p", "none p", "none p"},
		{"p=reject; sp=bad; rua=mailto:a@example.com", "none p", "none p", "none p"},
		{"p=reject; np=; rua=mailto:a@example.com", "none p", "none p", "none p"},
		{"p=reject; sp=bad", " p", " p", " p"},
		{"sp=reject", " p", " p", " p"},
		{"rua=example.com", " p", " p", " p"},
	}
	for _, test := range tests {
		r, err := Parse("v=DMARC1; " + test.text)
		if err != nil {
			t.Fatal(err)
		}
		for subject, want := range map[Subject]string{ForDomain: test.domain, ForSubdomain: test.existing, ForNonExistent: test.missing} {
			policy, tag := r.PolicyFor(subject)
			if got := string(policy) + " " + tag; got != want {
				t.Errorf("%q for a %s: %q, want %q", test.text, subject, got, want)
			}
		}
		if usable := test.domain != " p"; r.Usable() != usable {
			t.Errorf("%q: usable is %v", test.text, r.Usable())
		}
	}
}

func TestParseIsBounded(t *testing.T) {
	text := "v=DMARC1; p=none; rua=" + strings.Repeat("mailto:a@b.example,", 3400)
	r, err := Parse(text)
	if err != nil || len(r.Aggregate) != 3401 {
		t.Errorf("%v, %d URIs", err, len(r.Aggregate))
	}
	if _, err := Parse("v=DMARC1" + strings.Repeat(";", 65000)); err != nil {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "v=DMARC1", "v=DMARC1; p=none; rua=mailto:a@example.com!10m, https://x/", " V = DMARC1 ;; P=x; fo=0:1:d; =; ;",
		"v=DMARC1; p=reject; sp=; np=none; psd=y; t=y; adkim=s; rua=mailto:%zz,,;ruf=\xff", "p=none; v=DMARC1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Parse(text)
		if r.Raw != text {
			t.Fatal("the text was not kept")
		}
		for _, p := range r.Problems {
			if p.Pos < 0 || p.Pos > len(text) {
				t.Fatalf("%q: %+v is outside", text, p)
			}
		}
		for _, u := range append(r.Aggregate, r.Failure...) {
			if !strings.HasPrefix(text[u.Pos:], u.Raw) {
				t.Fatalf("%q: %+v is not there", text, u)
			}
		}
		again, err2 := Parse(r.String())
		if (err == nil) != (err2 == nil) || again.String() != r.String() {
			t.Fatalf("%q prints as %q (%v) and then as %q (%v)", text, r, err, again, err2)
		}
		if err == nil && (again.Policy != r.Policy || again.Usable() != r.Usable() || again.PSD != r.PSD || len(again.Aggregate) != len(r.Aggregate)) {
			t.Fatalf("%q is another record when it is printed: %+v, %+v", text, r, again)
		}
	})
}
