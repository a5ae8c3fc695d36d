package check_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/check"
)

// policyZone publishes what the policies of these tests are about.
const policyZone = `example.com. MX 10 mx1.example.com.
mx1.example.com. A 192.0.2.1
example.com. TXT "v=spf1 mx include:_spf.mail.example include:_spf.news.example -all"
_spf.mail.example. TXT "v=spf1 ip4:198.51.100.0/24 -all"
_spf.news.example. TXT "v=spf1 ip4:203.0.113.0/24 -all"
_dmarc.example.com. TXT "v=DMARC1; p=none; rua=mailto:d@example.com"
s1._domainkey.example.com. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
s3._domainkey.example.com. TXT "v=DKIM1; p="
bare.example. MX 10 mx1.example.com.
bare.example. TXT "v=spf1 mx -all"
`

// policyFaults are lines of a policy file that a domain does not meet.
var policyFaults = []struct{ id, domain, lines string }{
	{"policy-mx", "example.com", "    mx: [mx1.example.com, mx2.example.com]\n"},
	{"policy-selector", "example.com", "    selectors: [s1, s2]\n"},
	{"policy-selector", "example.com", "    selectors: [s1, s3]\n"},
	{"policy-dmarc", "example.com", "    dmarc: reject\n"},
	{"policy-dmarc", "bare.example", "    dmarc: quarantine\n"},
	{"policy-spf-include", "example.com", "    spf:\n      includes: [_spf.mail.example]\n"},
	{"policy-spf-lookups", "example.com", "    spf:\n      lookups: 2\n"},
	{"policy-ignore-expired", "example.com", "    ignore:\n      - id: dmarc-policy-none\n        until: 2026-11-01\n        reason: later\n"},
	{"policy-ignore-unused", "example.com", "    ignore:\n      - {id: dmarc-missing, until: 2027-11-01, reason: later}\n"},
}

// What a finding about the policy file advises is done to the file, at the line
// that the finding names, or to the zone; and the finding is gone.
func TestPolicyFixes(t *testing.T) {
	t.Parallel()
	for _, tt := range policyFaults {
		t.Run(tt.id, func(t *testing.T) {
			t.Parallel()
			file, zone := "domains:\n  - domain: "+tt.domain+"\n"+tt.lines, policyZone
			before, line := judgedBy(t, file, zone, tt.domain, tt.id)
			if before.ID == "" {
				t.Fatal("not found")
			}
			after, _ := judgedBy(t, mendedFile(file, line, before.Fix), mendedZone(zone, before.Fix), tt.domain, tt.id)
			if after.ID != "" {
				t.Errorf("still there after\n%s\n%+v", before.Fix, after)
			}
		})
	}
}

// judgedBy returns the finding of an id and its line in the policy file.
func judgedBy(t *testing.T, file, zone, domain, id string) (found check.Finding, line int) {
	t.Helper()
	policy, err := check.ParsePolicy(strings.NewReader(file))
	if err != nil {
		t.Fatalf("%v\n%s", err, file)
	}
	opt := check.Options{Resolver: zonetest.New(t, zone), Selectors: policy.Domains[0].Selectors.Value}
	d, lines := policy.Judge(check.Check(t.Context(), domain, opt), clock().AddDate(0, 0, 7))
	for i, f := range d.Findings {
		if f.ID == id {
			return f, lines[i]
		}
	}
	return check.Finding{}, 0
}

// mendedFile puts the line of a fix in the place of the one with the same key, at
// the line that the finding is about or below it; or takes that line out.
func mendedFile(file string, line int, fix string) string {
	rows := strings.SplitAfter(file, "\n")
	if strings.HasPrefix(fix, "take line ") {
		rows[line-1] = ""
		return strings.ReplaceAll(strings.Join(rows, ""), "    ignore:\n", "")
	}
	_, pasted, _ := strings.Cut(strings.ReplaceAll(fix, "<later day>", "2027-01-01"), "\n")
	key, _, ok := strings.Cut(pasted, ":")
	for i := line - 1; ok && i < len(rows); i++ {
		if same := regexp.MustCompile(`^( *)` + key + `:.*`); same.MatchString(rows[i]) {
			rows[i] = same.ReplaceAllString(rows[i], "${1}"+pasted)
			break
		}
	}
	return strings.Join(rows, "")
}

// mendedZone puts the TXT record of a fix in the place of the one at its name.
func mendedZone(zone, fix string) string {
	name, _, ok := strings.Cut(fix, " IN TXT ")
	if !ok {
		return zone
	}
	return regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(name)+` TXT .*\n`).ReplaceAllString(zone, "") + fix + "\n"
}
