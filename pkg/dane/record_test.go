package dane

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit"
)

func TestParseRecord(t *testing.T) {
	sum32, sum64 := strings.Repeat("0a", 32), strings.Repeat("0b", 64)
	tests := []struct {
		text string
		want []ProblemKind
	}{
		{"3 1 1 " + sum32, nil},
		{"2 0 2 " + strings.ToUpper(sum64), nil},
		{"3 1 1 " + sum32[:30] + " \t" + sum32[30:], nil}, // RFC 6698 §2.2
		{"0 1 1 " + sum32, []ProblemKind{ProblemPKIX}},
		{"1 1 1 " + sum32, []ProblemKind{ProblemPKIX}},
		{"4 1 1 " + sum32, []ProblemKind{ProblemUsage}},
		{"3 2 1 " + sum32, []ProblemKind{ProblemSelector}},
		{"3 1 3 " + sum32, []ProblemKind{ProblemMatching}},
		{"3 1 1 " + sum64, []ProblemKind{ProblemLength}},
		{"3 1 2 " + sum32, []ProblemKind{ProblemLength}},
		{"3 1 0 " + sum32, []ProblemKind{ProblemExact, ProblemContent}},
		{"3 0 0 " + sum32, []ProblemKind{ProblemExact, ProblemContent}},
		{"9 9 9 00", []ProblemKind{ProblemUsage, ProblemSelector, ProblemMatching}},
	}
	for _, test := range tests {
		r, err := ParseRecord(test.text)
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		if diff := cmp.Diff(test.want, r.Problems); diff != "" || r.Usable() != (test.want == nil) {
			t.Errorf("%q: usable %v (-want +got)\n%s", test.text, r.Usable(), diff)
		}
	}
	for _, text := range []string{"", "3 1 1", "3 1 1 0", "3 1 1 xx", "256 1 1 00", "-1 1 1 00", "a 1 1 00"} {
		if _, err := ParseRecord(text); !errors.Is(err, ErrBadRecord) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestRecordFor(t *testing.T) {
	leaf := testkit.SelfSigned(t, "mx.example.com").Leaf
	other := testkit.SelfSigned(t, "mx.example.com").Leaf
	for _, s := range []Selector{FullCertificate, PublicKey} {
		for _, m := range []Matching{Exact, SHA256, SHA512} {
			r := RecordFor(leaf, DANEEE, s, m)
			if !r.Usable() || !r.Matches(leaf) || r.Matches(other) {
				t.Errorf("%s: usable %v, problems %v", r, r.Usable(), r.Problems)
			}
			if again, err := ParseRecord(r.String()); err != nil || !slices.Equal(again.Data, r.Data) {
				t.Errorf("%s: %v", r, err)
			}
		}
	}
	for _, r := range []Record{{Usage: DANEEE, Selector: 7}, {Usage: DANEEE, Matching: 7}} {
		if r.Matches(leaf) {
			t.Errorf("%s matches", r)
		}
	}
}

func FuzzParseRecord(f *testing.F) {
	for _, seed := range []string{"3 1 1 00", "2 0 0 30 82", " 0\t255 1 AbCd", "3 1 1", "1 1 1 zz"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseRecord(text)
		if err != nil {
			return
		}
		again, err := ParseRecord(r.String())
		if err != nil {
			t.Fatalf("%q prints as %q: %v", text, r, err)
		}
		if diff := cmp.Diff(r, again); diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
	})
}
