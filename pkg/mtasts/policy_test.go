package mtasts

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const goodPolicy = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmx: backupmx.example.com\r\nmax_age: 604800\r\n"

func TestParsePolicy(t *testing.T) {
	// The example of RFC 8461 §3.2.
	p, err := ParsePolicy(goodPolicy)
	if err != nil {
		t.Fatal(err)
	}
	want := &Policy{
		Raw: goodPolicy, Version: "STSv1", Mode: ModeEnforce, MaxAge: 7 * 24 * time.Hour,
		MX: []Pattern{
			{Raw: "mail.example.com", Host: "mail.example.com"},
			{Raw: "*.example.net", Host: "example.net", Wildcard: true},
			{Raw: "backupmx.example.com", Host: "backupmx.example.com"},
		},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if p.String() != goodPolicy {
		t.Errorf("printed %q", p)
	}
}

func TestParsePolicyProblems(t *testing.T) {
	const rest = "mode: testing\nmx: a.example\nmax_age: 1\n"
	tests := []struct {
		name, text string
		valid      bool
		want       []ProblemKind
	}{
		{"LF line ends, white space, no last line end", "version:STSv1 \nmode:\ttesting\nmx: a.example\nmax_age: 1", true, nil},
		{"any order, unknown fields", "max_age: 1\nx-y: z\nmx: a.example\nmode: testing\nversion: STSv1\n", true, nil},
		{"mode none needs no mx", "version: STSv1\nmode: none\nmax_age: 1\n", true, nil},
		{"the first of a repeated field counts", "version: STSv1\nversion: STSv2\n" + rest, true, []ProblemKind{ProblemRepeated}},
		{"blank lines", "version: STSv1\n\n" + rest, true, []ProblemKind{ProblemBlankLine}},
		{"max_age too long", "version: STSv1\nmode: none\nmax_age: 31557601\n", true, []ProblemKind{ProblemMaxAgeTooLong}},
		{"not a field", "version: STSv1\nhello world\n" + rest, true, []ProblemKind{ProblemField}},

		{"empty", "", false, []ProblemKind{ProblemNoVersion, ProblemNoMode, ProblemNoMaxAge, ProblemNoMX}},
		{"a web page", "<html>\n<p>not: found", false, []ProblemKind{ProblemField, ProblemField, ProblemNoVersion, ProblemNoMode, ProblemNoMaxAge, ProblemNoMX}},
		{"no version", rest, false, []ProblemKind{ProblemNoVersion}},
		{"another version", "version: STSv2\n" + rest, false, []ProblemKind{ProblemPolicyVersion}},
		{"byte order mark", "\ufeffversion: STSv1\n" + rest, false, []ProblemKind{ProblemBOM, ProblemNoVersion}},
		{"upper case", "Version: STSv1\n" + rest, false, []ProblemKind{ProblemFieldCase, ProblemNoVersion}},
		{"mode in upper case", "version: STSv1\nmode: Enforce\nmx: a.example\nmax_age: 1\n", false, []ProblemKind{ProblemInvalidMode}},
		{"no mx", "version: STSv1\nmode: enforce\nmax_age: 1\n", false, []ProblemKind{ProblemNoMX}},
		{"mx with a port", "version: STSv1\nmode: enforce\nmx: a.example:25\nmax_age: 1\n", false, []ProblemKind{ProblemInvalidMX}},
		{"mx with a wildcard inside", "version: STSv1\nmode: enforce\nmx: a.*.example\nmax_age: 1\n", false, []ProblemKind{ProblemInvalidMX}},
		{"mx with part of a label", "version: STSv1\nmode: enforce\nmx: mx*.example\nmax_age: 1\n", false, []ProblemKind{ProblemInvalidMX}},
		{"mx .example.com (as in a draft)", "version: STSv1\nmode: enforce\nmx: .example.com\nmax_age: 1\n", false, []ProblemKind{ProblemInvalidMX}},
		{"mx in U-labels", "version: STSv1\nmode: enforce\nmx: bücher.example\nmax_age: 1\n", false, []ProblemKind{ProblemInvalidMX}},
		{"max_age is not a number", "version: STSv1\nmode: none\nmax_age: 7d\n", false, []ProblemKind{ProblemInvalidMaxAge}},
		{"max_age of eleven digits", "version: STSv1\nmode: none\nmax_age: 00000000001\n", false, []ProblemKind{ProblemInvalidMaxAge}},
		{"max_age +1", "version: STSv1\nmode: none\nmax_age: +1\n", false, []ProblemKind{ProblemInvalidMaxAge}},
	}
	for _, test := range tests {
		p, err := ParsePolicy(test.text)
		var kinds []ProblemKind
		for _, problem := range p.Problems {
			kinds = append(kinds, problem.Kind)
		}
		if diff := cmp.Diff(test.want, kinds); diff != "" || p.Valid() != test.valid || errors.Is(err, ErrInvalidPolicy) == test.valid {
			t.Errorf("%s: %v (-want +got)\n%s", test.name, err, diff)
		}
	}
	p, _ := ParsePolicy(strings.Repeat("x\n", 30000) + "mode: bad\n") // the mistakes of a long page are not all kept
	if len(p.Problems) > maxProblems+5 || !p.Has(ProblemInvalidMode) {
		t.Errorf("%d problems", len(p.Problems))
	}
}

// RFC 8461 §4.1.
func TestMatch(t *testing.T) {
	p, err := ParsePolicy(goodPolicy)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{
		"mail.example.com": true, "MAIL.example.COM.": true, "a.mail.example.com": false, "example.com": false,
		"mx.example.net": true, "example.net": false, "a.b.example.net": false, ".example.net": false, "": false,
	}
	for host, want := range tests {
		if got := p.Match(host); got != want {
			t.Errorf("Match(%q) is %v", host, got)
		}
	}
	hosts := []string{"mx1.example.net", "mail.example.com", "mx.example.org"}
	if diff := cmp.Diff([]string{"mx.example.org"}, p.Uncovered(hosts)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Pattern{{Raw: "backupmx.example.com", Host: "backupmx.example.com"}}, p.Unused(hosts)); diff != "" {
		t.Error(diff)
	}
}

func FuzzParsePolicy(f *testing.F) {
	for _, seed := range []string{"", goodPolicy, "version:STSv1\nmode: none\nmax_age: 0", "\ufeffversion: \xff\n\r\n:\n", "mx: *.\nmx: *.*.a\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePolicy(text)
		for _, problem := range p.Problems {
			if problem.Pos < 0 || problem.Pos > len(text) {
				t.Fatalf("%q: %+v is outside", text, problem)
			}
		}
		if err != nil {
			return
		}
		again, err := ParsePolicy(p.String())
		if err != nil {
			t.Fatalf("%q prints as %q: %v", text, p, err)
		}
		again.Raw, again.Problems = p.Raw, p.Problems
		if diff := cmp.Diff(p, again); diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
	})
}
