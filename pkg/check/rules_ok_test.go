package check_test

import (
	"slices"
	"testing"

	"github.com/mailctl/mailctl/pkg/check"
)

// A standard that was checked has at least one finding: what is wrong with it, or
// that nothing is.
func TestOKFindings(t *testing.T) {
	for _, test := range []struct {
		edits string
		only  []check.Standard
	}{
		{edits: ""},
		{edits: "- example.com TXT\n"},
		{edits: "", only: []check.Standard{check.StandardSPF}},
		{edits: "", only: []check.Standard{check.StandardBIMI, check.StandardDANE}},
	} {
		w := newWorld(t, fault{edits: test.edits})
		w.opt.Only = test.only
		d := w.check()
		for s := range d.Records {
			var ok, wrong bool
			for _, f := range d.Findings {
				ok = ok || f.ID == check.OKRule(s) && f.Severity == check.SeverityOK
				wrong = wrong || f.Standard == s && f.Severity != check.SeverityOK
			}
			if ok == wrong {
				t.Errorf("%q %v: %s ok %v, wrong %v", test.edits, test.only, s, ok, wrong)
			}
		}
	}
}

func TestSummed(t *testing.T) {
	finding := func(id string, s check.Severity, standard check.Standard) check.Finding {
		return check.Finding{ID: id, Severity: s, Standard: standard}
	}
	got := check.Summed(check.Domain{Verdict: check.VerdictPass, Findings: []check.Finding{
		finding("dane-ok", check.SeverityOK, check.StandardDANE), finding("spf-ok", check.SeverityOK, check.StandardSPF),
		finding("dane-live-verified", check.SeverityOK, check.StandardDANE), finding("dane-live-mismatch", check.SeverityError, check.StandardDANE),
	}})
	var left []string
	for _, f := range got.Findings {
		left = append(left, f.ID)
	}
	if want := []string{"dane-live-mismatch", "spf-ok", "dane-live-verified"}; !slices.Equal(left, want) || got.Verdict != check.VerdictFail {
		t.Errorf("%s %v, want %v", got.Verdict, left, want)
	}
}

// A domain that does not exist has nothing that could be right.
func TestNothingIsRight(t *testing.T) {
	w := newWorld(t, fault{})
	w.domain = "gone.example.com"
	for _, f := range w.check().Findings {
		if f.Severity == check.SeverityOK && f.Standard != check.StandardDNSSEC {
			t.Errorf("%+v", f)
		}
	}
}
