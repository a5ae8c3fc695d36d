package check_test

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/dnsbl"
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
	for _, test := range slices.Concat(faults, otherFaults, webFaults) {
		if !seen[test.id] {
			t.Errorf("%s is no rule", test.id)
		}
	}
}

// unmended are the rules whose findings nobody can mend from here, and why. Those
// that are unknown have no fix at all.
var unmended = map[string]string{
	"mx-invalid-domain": "what was asked for is no domain, so that there is nothing to publish",
	"mx-no-such-domain": "a domain comes from a registrar",
	"dnsbl-listed":      "who runs the blocklist takes the sender off it",
	"dnsbl-broken":      "who runs the blocklist mends it",
	"profile-unmet":     "it repeats what other findings, with fixes, are about",
}

// Every rule is broken in a test, which then does what the fix says.
func TestEveryRuleIsMended(t *testing.T) {
	var mended []string
	for _, test := range slices.Concat(faults, otherFaults, webFaults) {
		mended = append(mended, test.id)
	}
	for _, test := range policyFaults {
		mended = append(mended, test.id)
	}
	for _, test := range signedFaults {
		mended = append(mended, test.id)
	}
	for _, rule := range check.Rules() {
		switch {
		case rule.Severity == check.SeverityUnknown, rule.Severity == check.SeverityOK:
		case slices.Contains(mended, rule.ID) == (unmended[rule.ID] != ""):
			t.Errorf("%s is mended by no test, or by one though nobody can", rule.ID)
		}
	}
}

// Nothing is advised where there is nothing that can be done.
func TestNoFix(t *testing.T) {
	for id, d := range map[string]check.Domain{
		"mx-invalid-domain": check.Check(t.Context(), "bad..example", check.Options{}),
		"mx-no-such-domain": check.Check(t.Context(), "gone.example", options(t, edited(t, ""))),
		"dnsbl-broken": check.Check(t.Context(), "example.com", check.Options{
			Resolver: edited(t, "*.bl.example. A 127.0.0.2\n").resolver(t), Blocklists: []dnsbl.Zone{{Name: "bl.example", IPv4: true}},
			IPs: []netip.Addr{netip.MustParseAddr("192.0.2.1")}, Only: []check.Standard{check.StandardDNSBL},
		}),
	} {
		if f := finding(d, id); f.ID == "" || f.Fix != "" {
			t.Errorf("%s: %+v", id, f)
		}
	}
}
