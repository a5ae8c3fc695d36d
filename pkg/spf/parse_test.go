package spf_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/spf"
)

func TestParse(t *testing.T) {
	tests := []struct{ text, want string }{
		{"v=spf1", "v=spf1"},
		{"V=SPF1 +A MX -ALL", "v=spf1 a mx -all"},
		{"v=spf1  a:Mail.Example.com/24//64   ~all ", "v=spf1 a:Mail.Example.com/24//64 ~all"},
		{"v=spf1 a/32//128 mx/0//0 ?all", "v=spf1 a mx/0//0 ?all"},
		{"v=spf1 ip4:192.0.2.1/32 ip4:192.0.2.77/24 ip6:2001:DB8::1/128", "v=spf1 ip4:192.0.2.1 ip4:192.0.2.77/24 ip6:2001:db8::1"},
		{"v=spf1 include:%{d2}.spf.example.com. redirect=_spf.example.com", "v=spf1 include:%{d2}.spf.example.com. redirect=_spf.example.com"},
		{"v=spf1 exists:%{ir}.%{l1r-}._spf.%{D} EXP=why.example.com", "v=spf1 exists:%{ir}.%{l1r-}._spf.%{D} exp=why.example.com"},
		{"v=spf1 ra=postmaster RP=100 moo.cow=%{x0y -all", "v=spf1 ra=postmaster rp=100 moo.cow=%{x0y -all"},
		{"v=spf1 a:foo:bar/baz.example.com ptr:example.com a:%{h} a:x%%", "v=spf1 a:foo:bar/baz.example.com ptr:example.com a:%{h} a:x%%"},
		{"v=spf1 x= y=%{c}%{t}%{r}", "v=spf1 x= y=%{c}%{t}%{r}"},
	}
	for _, tt := range tests {
		record, err := spf.Parse(tt.text)
		if got := record.String(); got != tt.want || (err != nil) != strings.Contains(tt.text, "%{x0y") {
			t.Errorf("%q: got %q, %v; want %q", tt.text, got, err, tt.want)
		}
	}
}

func TestParseKeepsWhatIsWrong(t *testing.T) {
	record, err := spf.Parse("v=spf1 a a:192.0.2.1 -all foo")
	var syntax *spf.SyntaxError
	if !errors.As(err, &syntax) || !errors.Is(err, spf.ErrSyntax) {
		t.Fatalf("got %v", err)
	}
	want := &spf.SyntaxError{
		Term: "a:192.0.2.1", Offset: 9, Problem: `"1" cannot be the last part of a domain name`, Advice: "write ip4:192.0.2.1",
	}
	if diff := cmp.Diff(want, syntax); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if hints := delivery.Hints(err); !cmp.Equal(hints, []string{want.Advice}) {
		t.Errorf("hints: %q", hints)
	}
	if len(record.Terms) != 4 || record.Terms[1].Kind != spf.KindInvalid || record.Terms[3].Offset != 26 || record.All() != 2 {
		t.Errorf("terms: %+v", record.Terms)
	}
	if _, err := spf.Parse("v=spf10 a"); !errors.Is(err, spf.ErrNotSPF) {
		t.Errorf("another version: got %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ term, problem, advice string }{
		{"all:x", "all takes no argument", ""},
		{"-all.", `mechanism "all." is not known`, "write -all"},
		{"include", "the domain is missing", "name a domain"},
		{"include:", "the domain is missing", ""},
		{"include:example.com/24", `"com/24"`, "take out /24"},
		{"exists:localhost", "not a whole domain name", ""},
		{"a:example.com:8080", `"com:8080"`, ""},
		{"a/33", "over 32", ""},
		{"a//129", "over 128", ""},
		{"a/024", "begins with a zero", ""},
		{"ip4:192.0.2.0/033", "begins with a zero", ""},
		{"mx/24/64", "over 32", "two slashes"},
		{"a:example.com/24/24", `"com/24"`, "two slashes"},
		{"include:example.com,", `"com,"`, "write include:example.com"},
		{"mx;", "not known", "write mx"},
		{"ptr/24", "CIDR length", ""},
		{"ip4", "the address is missing", "all its parts"},
		{"ip4:1.2.3", "not an IPv4 address", "all its parts"},
		{"ip4:2001:db8::1", "not an IPv4 address", "write ip6:2001:db8::1"},
		{"ip4:192.0.2.0/", "not a length", ""},
		{"ip4:192.0.2.0/24/24", "not a length", ""},
		{"ip4:192.0.2.0/+4", "not a length", ""},
		{"ip6:fe80::1%eth0", "not an IPv6 address", ""},
		{"ip6:192.0.2.1", "not an IPv6 address", "write ip4:192.0.2.1"},
		{"ipv4:192.0.2.1", "not known", "write ip4:192.0.2.1"},
		{"192.0.2.0/24", "not known", "write ip4:192.0.2.0/24"},
		{"2001:db8::/32", "not known", "write ip6:2001:db8::/32"},
		{"192.0.2.1", "not known", "write ip4:192.0.2.1"},
		{"inculde:example.com", "not known", "write include:example.com"},
		{"mail.example.com", "not known", "include:mail.example.com or a:mail.example.com"},
		{"redirect:example.com", "not known", "write redirect=example.com"},
		{"+", "not known", "separate terms with spaces"},
		{"1up=foo", "not known", ""},
		{"redirect=", "the domain is missing", ""},
		{"exp=%{r}.example.com", "only be used in an explanation", ""},
		{"exists:%{z}.example.com", "not a macro", ""},
		{"exists:%{}.example.com", "has no letter", ""},
		{"exists:%{d0}.example.com", "keeps no part", ""},
		{"exists:%{d2x}.example.com", `has "x"`, ""},
		{"exists:%{d", "not closed", ""},
		{"exists:%d.example.com", "begins no macro", ""},
		{"exists:a%", "begins no macro", ""},
		{"a:ex\x01ample.com", "octet 0x01", ""},
		{"a:b\xc3\xbccher.example", "octet 0xC3", ""},
		{"a:example.-com", "cannot be the last part", ""},
		{"foo=b\xc3\xbccher", "octet 0xC3", ""},
	}
	for _, tt := range tests {
		record, err := spf.Parse("v=spf1 " + tt.term)
		var syntax *spf.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: got %v, %+v", tt.term, err, record.Terms)
			continue
		}
		if !strings.Contains(syntax.Problem, tt.problem) || !strings.Contains(syntax.Advice, tt.advice) {
			t.Errorf("%q: got %q, %q; want %q, %q", tt.term, syntax.Problem, syntax.Advice, tt.problem, tt.advice)
		}
	}
}

func TestParseRefusesSecondModifier(t *testing.T) {
	for _, text := range []string{"v=spf1 redirect=a.example redirect=b.example", "v=spf1 exp=a.example -all EXP=b.example"} {
		if _, err := spf.Parse(text); !errors.Is(err, spf.ErrSyntax) || !strings.Contains(err.Error(), "only once") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func TestReached(t *testing.T) {
	tests := []struct {
		text string
		want []int
	}{
		{"v=spf1 a redirect=b.example mx", []int{0, 2, 1}},
		{"v=spf1 a redirect=b.example -all mx", []int{0, 2}},
		{"v=spf1 exp=b.example", nil},
	}
	for _, tt := range tests {
		record, _ := spf.Parse(tt.text)
		if got := record.Reached(); !cmp.Equal(got, tt.want) {
			t.Errorf("%q: got %v, want %v", tt.text, got, tt.want)
		}
	}
}

func TestParseLargeRecord(t *testing.T) {
	text := "v=spf1" + strings.Repeat(" a", 32_000) + " %"
	record, err := spf.Parse(text)
	if len(record.Terms) != 32_001 || !errors.Is(err, spf.ErrSyntax) {
		t.Errorf("%d terms, %v", len(record.Terms), err)
	}
}

// FuzzParse checks that a record that is printed is the same record.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"v=spf1", "v=spf1 +a:example.com/24//64 -all", "V=SPF1 ip4:192.0.2.77/24 ip6:2001:db8::/32 ~all", "v=spf1 ip6:::ffff:192.0.2.1/96",
		"v=spf1 include:%{d2r+-}.%%%_%-.example.com. redirect=%{l}.example.com", "v=spf1 ra=x moo=%{c} exp=a.b ptr exists:%{ir}.x.y",
		"v=spf1 a//64 a/24 mx: include all: =x \x00\xff", "v=spf1 a:%{d}/24 a:x./24 redirect=a.b redirect=c.d",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		record, err := spf.Parse(text)
		if (err != nil) != (errors.Is(err, spf.ErrSyntax) || errors.Is(err, spf.ErrNotSPF)) {
			t.Fatalf("error without its cause: %v", err)
		}
		if errors.Is(err, spf.ErrNotSPF) {
			return
		}
		for _, term := range record.Terms {
			if text[term.Offset:term.Offset+len(term.Text)] != term.Text {
				t.Fatalf("%q is not at %d", term.Text, term.Offset)
			}
		}
		printed := record.String()
		again, err2 := spf.Parse(printed)
		if (err == nil) != (err2 == nil) || again.String() != printed {
			t.Fatalf("%q was printed as %q and read as %q, %v", text, printed, again, err2)
		}
		for i, term := range again.Terms {
			before := record.Terms[i]
			if term.Kind != before.Kind || term.Qualifier != before.Qualifier || term.Network != before.Network ||
				term.Bits4 != before.Bits4 || term.Bits6 != before.Bits6 || term.Domain.String() != before.Domain.String() || term.Value != before.Value {
				t.Fatalf("%+v became %+v", before, term)
			}
		}
	})
}
