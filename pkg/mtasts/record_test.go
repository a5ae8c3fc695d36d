package mtasts

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// RFC 8461 §3.1.
func TestParse(t *testing.T) {
	tests := []struct {
		text, id string
		want     []Problem
	}{
		{"v=STSv1; id=20160831085700Z;", "20160831085700Z", nil},
		{"v=STSv1;id=1", "1", nil},
		{"v=STSv1 ; id=1 ; ext.1=a:b", "1", nil},
		{"v=STSv1;", "", []Problem{{ProblemNoID, "id", "", 8}}},
		{"v=STSv1; id=", "", []Problem{{ProblemInvalidID, "id", "", 9}}},
		{"v=STSv1; id=2016-08", "", []Problem{{ProblemInvalidID, "id", "2016-08", 9}}},
		{"v=STSv1; id=" + strings.Repeat("a", 33), "", []Problem{{ProblemInvalidID, "id", strings.Repeat("a", 33), 9}}},
		{"v=STSv1; id=1; id=2", "1", []Problem{{ProblemRepeated, "id", "2", 15}}},
		{"v=STSv1; ID=1", "", []Problem{{ProblemFieldCase, "ID", "1", 9}, {ProblemNoID, "id", "", 13}}},
		{"v=STSv1; id = 1", "1", []Problem{{ProblemSpacing, "id", "1", 9}}},
		{"v=STSv1; id=1; mode", "1", []Problem{{ProblemField, "mode", "", 15}}},
		{"v=STSv1; id=1; x=a=b", "1", []Problem{{ProblemField, "x", "a=b", 15}}},
		{"v=STSv1; id=1; x=\xff", "1", []Problem{{ProblemField, "x", "\xff", 15}}},
		{"v=STSv1;; id=1", "1", []Problem{{ProblemField, "", "", 8}}},
	}
	for _, test := range tests {
		r, err := Parse(test.text)
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		if diff := cmp.Diff(test.want, r.Problems); diff != "" || r.ID != test.id || r.Valid() != (test.want == nil) {
			t.Errorf("%q: id %q, valid %v (-want +got)\n%s", test.text, r.ID, r.Valid(), diff)
		}
	}
	for _, text := range []string{"", "v=STSv1", "v=stsv1; id=1", " v=STSv1; id=1", "V=STSv1; id=1", "v= STSv1; id=1", "v=STSv2; id=1", "v=spf1 -all"} {
		r, err := Parse(text)
		if !errors.Is(err, ErrNotSTS) || r.Raw != text || !r.Has(ProblemVersion) {
			t.Errorf("%q: %+v, %v", text, r, err)
		}
	}
}

func TestLookup(t *testing.T) {
	const good = `_mta-sts.example.com TXT "v=STSv1; id=1;"` + "\n"
	tests := []struct {
		name, zone, fail string
		want             LookupStatus
	}{
		{"one", good, "", RecordFound},
		{"nothing", "", "", RecordNone},
		{"other texts", `_mta-sts.example.com TXT "x"`, "", RecordNone},
		{"one among others", good + `_mta-sts.example.com TXT "x"`, "", RecordFound},
		{"several", good + `_mta-sts.example.com TXT "v=STSv1; id=2;"`, "", RecordSeveral},
		{"a mistake", `_mta-sts.example.com TXT "v=STSv1; id=-;"`, "", RecordInvalid},
		{"an alias", "_mta-sts.example.com CNAME x.example.net\nx.example.net TXT \"v=STSv1; id=1;\"", "", RecordFound},
		{"strings are joined", `_mta-sts.example.com TXT "v=STSv1;" " id=1;"`, "", RecordFound},
		{"unknown", good, "_mta-sts.example.com", RecordUnknown},
	}
	for _, test := range tests {
		r := zonetest.New(t, test.zone).Fail(delivery.CauseServFail, test.fail)
		if l := Lookup(t.Context(), r, "example.com"); l.Status != test.want || (l.Record != nil) != (test.want == RecordFound || test.want == RecordInvalid) {
			t.Errorf("%s: %s, %v", test.name, l.Status, l.Record)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "v=STSv1; id=1;", "v=STSv1 ;;ID=; id=x; id=y; = ;", "v=STSv1;\xff=\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(r.String())
		if err != nil || r.ID != again.ID || r.String() != again.String() {
			t.Fatalf("%q: %q, printed %q: %q, %v", text, r.ID, r, again.ID, err)
		}
	})
}
