package check_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/pkg/check"
)

func TestRules(t *testing.T) {
	form := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)
	seen := map[string]bool{}
	unknown := map[check.Standard]bool{}
	for _, rule := range check.Rules() {
		switch {
		case seen[rule.ID]:
			t.Errorf("%s is there twice", rule.ID)
		case !form.MatchString(rule.ID) || rule.Title == "" || strings.HasSuffix(rule.Title, ".") || strings.HasSuffix(rule.Why, "."):
			t.Errorf("%+v", rule)
		case rule.Standard != check.StandardPolicy && (rule.Ref == "" || rule.Why == ""):
			t.Errorf("%s has no reason or no reference", rule.ID)
		}
		seen[rule.ID] = true
		unknown[rule.Standard] = unknown[rule.Standard] || rule.Severity == check.SeverityUnknown
		if got, ok := check.RuleOf(rule.ID); !ok || got != rule {
			t.Errorf("%s is not found", rule.ID)
		}
	}
	for _, s := range check.Standards() {
		if !unknown[s] {
			t.Errorf("%s has no rule for what is unknown", s)
		}
	}
	for _, test := range faults {
		if !seen[test.id] {
			t.Errorf("%s is no rule", test.id)
		}
	}
}

func TestVerdicts(t *testing.T) {
	of := func(severities ...check.Severity) check.Domain {
		var d check.Domain
		for _, s := range severities {
			d.Findings = append(d.Findings, check.Finding{Severity: s})
		}
		d.Verdict = check.VerdictOf(d.Findings)
		return d
	}
	const e, u, w, n, ok = check.SeverityError, check.SeverityUnknown, check.SeverityWarning, check.SeverityNotice, check.SeverityOK
	tests := []struct {
		domain                       check.Domain
		verdict                      check.Verdict
		onError, onWarning, onNotice check.Outcome
	}{
		{of(), check.VerdictPass, "good", "good", "good"},
		{of(ok), check.VerdictPass, "good", "good", "good"},
		{of(n), check.VerdictPass, "good", "good", "bad"},
		{of(n, w), check.VerdictWarn, "good", "bad", "bad"},
		{of(u), check.VerdictUnknown, "unknown", "unknown", "unknown"},
		{of(u, w), check.VerdictUnknown, "unknown", "bad", "bad"},
		{of(w, u, e), check.VerdictFail, "bad", "bad", "bad"},
	}
	for _, test := range tests {
		got := []check.Outcome{check.FailOn(e, test.domain), check.FailOn(w, test.domain), check.FailOn(n, test.domain)}
		if test.domain.Verdict != test.verdict || !slices.Equal(got, []check.Outcome{test.onError, test.onWarning, test.onNotice}) {
			t.Errorf("%v: %s %v", test.domain.Findings, test.domain.Verdict, got)
		}
	}
	if got := check.FailOn(w, of(u), of(n), of(e)); got != check.OutcomeBad {
		t.Errorf("several: %s", got)
	}
}

// elsewhere are the rules without a fix that is a record of the domain's own zone;
// other tests find them.
const elsewhere = `
mx-unknown mx-invalid-domain mx-no-such-domain mx-ip-unknown spf-unknown spf-ip-unknown spf-too-large
dkim-unknown dkim-missing dkim-not-found dmarc-unknown dmarc-report-unknown dmarc-reject-without-dkim dmarc-psl-differs
mtasts-unknown mtasts-policy-unknown mtasts-policy-missing mtasts-policy-certificate mtasts-policy-redirect
mtasts-policy-too-large mtasts-policy-invalid mtasts-mx-not-covered mtasts-mx-unused mtasts-mode mtasts-max-age
mtasts-policy-syntax mtasts-media-type tlsrpt-unknown
dnssec-unknown dnssec-bogus dnssec-no-ds dnssec-unsigned dnssec-not-validated dnssec-untrusted-resolver
dane-unknown dane-bogus dane-insecure dane-mx-insecure
bimi-unknown bimi-fetch-unknown bimi-not-a-record bimi-logo-fetch bimi-logo-invalid bimi-certificate-fetch
bimi-certificate-invalid bimi-certificate-expired bimi-certificate-expires bimi-certificate-domain
dnsbl-unknown dnsbl-refused dnsbl-broken dnsbl-listed`

// Every rule about a domain is found in a test, and its fix tried where it has
// one.
func TestEveryRuleIsTried(t *testing.T) {
	tried := strings.Fields(elsewhere)
	for _, test := range faults {
		tried = append(tried, test.id)
	}
	for _, rule := range check.Rules() {
		if rule.Standard != check.StandardPolicy && !slices.Contains(tried, rule.ID) {
			t.Errorf("no test finds %s", rule.ID)
		}
	}
}
