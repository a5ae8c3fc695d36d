package taglist

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	tests := []struct {
		text string
		want List
	}{
		{"", nil},
		{" \t ", nil},
		{"v=DMARC1", List{{Name: "v", Value: "DMARC1", Assigned: true, Pos: 0, ValuePos: 2}}},
		{"v=DMARC1;", List{{Name: "v", Value: "DMARC1", Assigned: true, Pos: 0, ValuePos: 2}}},
		{"v=DMARC1; ", List{{Name: "v", Value: "DMARC1", Assigned: true, Pos: 0, ValuePos: 2}}},
		{" v =\t1 ; p= a=b ;", List{
			{Name: "v", Value: "1", Assigned: true, Pos: 1, ValuePos: 5},
			{Name: "p", Value: "a=b", Assigned: true, Pos: 9, ValuePos: 12},
		}},
		{"p=", List{{Name: "p", Assigned: true, ValuePos: 2}}},
		{"a;;b", List{
			{Name: "a", ValuePos: 1},
			{Pos: 2, ValuePos: 2},
			{Name: "b", Pos: 3, ValuePos: 4},
		}},
		{"=x", List{{Value: "x", Assigned: true, ValuePos: 1}}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, Parse(test.text)); diff != "" {
			t.Errorf("Parse(%q): (-want +got)\n%s", test.text, diff)
		}
	}
}

func TestEdit(t *testing.T) {
	list := Parse("v=DMARC1; P=none; pct=50; p=reject")
	tests := []struct {
		name string
		got  List
		want string
	}{
		{"replace", list.With("p", "quarantine"), "v=DMARC1; p=quarantine; pct=50"},
		{"append", list.With("rua", "mailto:a@example.com"), "v=DMARC1; P=none; pct=50; p=reject; rua=mailto:a@example.com"},
		{"remove", list.Without("pct", "P"), "v=DMARC1"},
		{"unchanged", list, "v=DMARC1; P=none; pct=50; p=reject"},
	}
	for _, test := range tests {
		if got := test.got.String(); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	if tag, ok := list.Get("p"); !ok || tag.Value != "none" {
		t.Errorf("Get is %v, %v; want the first", tag, ok)
	}
	if _, ok := list.Get("sp"); ok {
		t.Error("Get found a tag that is not there")
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", ";", "v=DMARC1; p=none", "a;;b=;=c", " v = 1 ;\r\n p=x\x00y;", "==;=;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list := Parse(text)
		for _, tag := range list {
			if !strings.HasPrefix(text[tag.Pos:], tag.Name) || !strings.HasPrefix(text[tag.ValuePos:], tag.Value) {
				t.Fatalf("%q: the positions of %+v are wrong", text, tag)
			}
		}
		printed := list.String()
		if again := Parse(printed).String(); again != printed {
			t.Fatalf("%q prints as %q and then as %q", text, printed, again)
		}
	})
}
