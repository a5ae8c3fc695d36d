package finding

import (
	"slices"
	"testing"
)

func TestVerdicts(t *testing.T) {
	const e, u, w, n, ok = SeverityError, SeverityUnknown, SeverityWarning, SeverityNotice, SeverityOK
	for _, test := range []struct {
		found                        []Severity
		verdict                      Verdict
		onError, onWarning, onNotice Outcome
	}{
		{nil, VerdictPass, "good", "good", "good"},
		{[]Severity{ok}, VerdictPass, "good", "good", "good"},
		{[]Severity{n}, VerdictPass, "good", "good", "bad"},
		{[]Severity{n, w}, VerdictWarn, "good", "bad", "bad"},
		{[]Severity{u}, VerdictUnknown, "unknown", "unknown", "unknown"},
		{[]Severity{u, w}, VerdictUnknown, "unknown", "bad", "bad"},
		{[]Severity{w, u, e}, VerdictFail, "bad", "bad", "bad"},
	} {
		var findings []Finding
		for _, s := range test.found {
			findings = append(findings, Finding{Severity: s})
		}
		got := []Outcome{FailOn(e, findings), FailOn(w, findings), FailOn(n, findings)}
		if v := VerdictOf(findings); v != test.verdict || !slices.Equal(got, []Outcome{test.onError, test.onWarning, test.onNotice}) {
			t.Errorf("%v: %s %v", test.found, v, got)
		}
	}
}

func TestSeverities(t *testing.T) {
	if all := Severities(); !slices.IsSortedFunc(all, CompareSeverity) || len(all) != 5 {
		t.Errorf("%v", all)
	}
}
