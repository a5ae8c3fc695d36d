package check

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dkim"
	"github.com/mailctl/mailctl/pkg/dmarc"
	"github.com/mailctl/mailctl/pkg/finding"
)

// today is when the tests of policies run.
var today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const samplePolicy = `# what must be true
domains:
  - domain: Example.COM
    mx: [mx1.example.com, mx2.example.com.]
    selectors: [s1, s2]
    dmarc: quarantine
    spf:
      includes: [_spf.mail.example]
      lookups: 3
    ignore:
      - {id: mtasts-missing, until: 2026-11-22, reason: "planned"}
      - {id: tlsrpt-missing, until: 2026-11-21, reason: "was planned"}
      - {id: spf-ptr, until: 2027-01-01, reason: "there is none"}
  - domain: bücher.example
    mx: []
ignore:
  - {id: bimi-no-certificate, subject: example.com, until: 2027-01-01, reason: "no logo"}
`

// sampleDomain is a domain as the sample policy wants it.
func sampleDomain() Domain {
	return Domain{
		Domain: "example.com",
		Records: map[Standard]any{
			StandardMX:    MXRecords{Kind: delivery.MXExplicit, Hosts: []MXHost{{Name: "mx2.example.com"}, {Name: "mx1.example.com"}}},
			StandardSPF:   SPFRecords{Status: SPFFound, Records: []string{"v=spf1 include:_spf.mail.example -all"}, Lookups: 3, Includes: []string{"_spf.mail.example"}},
			StandardDKIM:  DKIMRecords{Keys: []DKIMKey{{Selector: "s1", Status: dkim.KeyFound}, {Selector: "s2", Status: dkim.KeyFound}}, Tried: []string{"s1", "s2"}, Named: true},
			StandardDMARC: DMARCRecords{Status: dmarc.StatusFound, Policy: dmarc.PolicyReject, Record: "v=DMARC1; p=reject"},
		},
	}
}

func parse(t *testing.T, text string) *Policy {
	t.Helper()
	p, err := ParsePolicy(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// told lists findings as "id@line".
func told(d Domain, lines map[int]int) []string {
	var got []string
	for i, f := range d.Findings {
		text := f.ID
		if line, ok := lines[i]; ok {
			text += "@" + string(rune('0'+line/10)) + string(rune('0'+line%10))
		}
		got = append(got, text)
	}
	return got
}

func TestPolicyJudge(t *testing.T) {
	t.Parallel()
	unused := []string{"policy-ignore-unused@13"}
	for _, tt := range []struct {
		name   string
		change func(*Domain)
		want   []string
	}{
		{"met", func(*Domain) {}, append(unused, "policy-met@03")},
		{"another host", func(d *Domain) {
			d.Records[StandardMX] = MXRecords{Kind: delivery.MXExplicit, Hosts: []MXHost{{Name: "mx1.example.com"}, {Name: "mx3.example.com"}}}
		}, append([]string{"policy-mx@04"}, unused...)},
		{"MX unknown", func(d *Domain) { d.Records[StandardMX] = MXRecords{Kind: delivery.MXUnknown} }, append([]string{"policy-unknown@04"}, unused...)},
		{"MX not checked", func(d *Domain) { delete(d.Records, StandardMX) }, append(unused, "policy-met@03")},
		{"a selector gone", func(d *Domain) {
			d.Records[StandardDKIM] = DKIMRecords{Keys: []DKIMKey{{Selector: "s1", Status: dkim.KeyFound}}, Tried: []string{"s1", "s2"}}
		}, append([]string{"policy-selector@05"}, unused...)},
		{"a selector revoked, one unknown", func(d *Domain) {
			d.Records[StandardDKIM] = DKIMRecords{Keys: []DKIMKey{{Selector: "s1", Status: dkim.KeyRevoked}}, Tried: []string{"s1", "s2"}, Unknown: []string{"s2"}}
		}, append([]string{"policy-selector@05", "policy-unknown@05"}, unused...)},
		{"a weaker policy", func(d *Domain) {
			d.Records[StandardDMARC] = DMARCRecords{Status: dmarc.StatusFound, Policy: dmarc.PolicyNone}
		}, append([]string{"policy-dmarc@06"}, unused...)},
		{"no DMARC", func(d *Domain) { d.Records[StandardDMARC] = DMARCRecords{Status: dmarc.StatusNone} }, append([]string{"policy-dmarc@06"}, unused...)},
		{"DMARC unknown", func(d *Domain) { d.Records[StandardDMARC] = DMARCRecords{Status: dmarc.StatusUnknown} }, append([]string{"policy-unknown@06"}, unused...)},
		{"another include and more look-ups", func(d *Domain) {
			d.Records[StandardSPF] = SPFRecords{Status: SPFFound, Lookups: 5, Includes: []string{"_spf.mail.example", "new.example"}}
		}, append([]string{"policy-spf-include@08", "policy-spf-lookups@09"}, unused...)},
		{"SPF unknown", func(d *Domain) { d.Records[StandardSPF] = SPFRecords{Status: SPFUnknown} }, append([]string{"policy-unknown@09"}, unused...)},
		{"SPF only known in part", func(d *Domain) {
			d.Records[StandardSPF] = SPFRecords{Status: SPFFound, Lookups: 2, Incomplete: true}
		}, append([]string{"policy-unknown@09"}, unused...)},
		{"ignored, and ignored too long", func(d *Domain) {
			for _, id := range []string{"mtasts-missing", "tlsrpt-missing", "bimi-no-certificate"} {
				d.Findings = append(d.Findings, Finding{ID: id, Severity: SeverityWarning, Standard: StandardMTASTS, Subject: "example.com"})
			}
		}, []string{
			"tlsrpt-missing", "policy-ignore-expired@12", "policy-ignore-unused@13",
			"policy-ignored@11", "policy-ignored@17", "policy-met@03",
		}},
		{"another subject", func(d *Domain) {
			d.Findings = append(d.Findings, Finding{ID: "bimi-no-certificate", Severity: SeverityWarning, Standard: StandardBIMI, Subject: "other.example.com"})
		}, append([]string{"bimi-no-certificate"}, append(unused, "policy-met@03")...)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := sampleDomain()
			tt.change(&d)
			got, lines := parse(t, samplePolicy).Judge(d, today)
			if diff := cmp.Diff(tt.want, told(got, lines)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got.Verdict != finding.VerdictOf(got.Findings) {
				t.Errorf("verdict %s does not fit", got.Verdict)
			}
		})
	}
}

// TestPolicyOfNobody holds a domain against a policy that does not name it.
func TestPolicyOfNobody(t *testing.T) {
	t.Parallel()
	d := sampleDomain()
	d.Domain = "other.example"
	got, _ := parse(t, samplePolicy).Judge(d, today)
	if len(got.Findings) != 0 {
		t.Errorf("found %v", got.Findings)
	}
}

func TestPolicyTakesNoMail(t *testing.T) {
	t.Parallel()
	p := parse(t, samplePolicy)
	for kind, unmet := range map[delivery.MXKind]bool{delivery.MXNull: false, delivery.MXNone: false, delivery.MXImplicit: true} {
		d := Domain{Domain: "xn--bcher-kva.example", Records: map[Standard]any{StandardMX: MXRecords{Kind: kind}}}
		got, _ := p.Judge(d, today)
		if (got.Findings[0].ID == "policy-mx") != unmet {
			t.Errorf("%s: %v", kind, got.Findings)
		}
	}
}

func TestParsePolicyErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                       "it is empty",
		"domains: 7":                             "line 1: expected a list",
		"domain: x":                              `line 1: unknown key "domain"|did you mean "domains"?`,
		"domains:\n- mx: [a.example]":            `line 2: the key "domain" is missing`,
		"domains:\n- domain: a..b":               "line 2: ",
		"domains:\n- {domain: a, dmarc: regect}": `line 2: unknown DMARC policy "regect"|did you mean "reject"?`,
		"domains:\n- {domain: a, spf: {lookups: x}}":                `line 2: "x" is not a number`,
		"domains:\n- domain: a\n- domain: A":                        `line 3: the domain "a" is there twice`,
		"domains:\n- domain: a\n  domain: b":                        `line 3: the key "domain" is there twice`,
		"ignore:\n- {id: spf-mising, until: 2027-01-01, reason: x}": `line 2: unknown finding "spf-mising"|did you mean "spf-missing"?`,
		"ignore:\n- {id: spf-missing, reason: x}":                   `line 2: the key "until" is missing`,
		"ignore:\n- {id: spf-missing, until: 2027-01-01}":           `line 2: the key "reason" is missing`,
		"ignore:\n- {id: spf-missing, until: soon, reason: x}":      `line 2: "soon" is not a day`,
		"a: [": "bad policy file",
	} {
		_, err := ParsePolicy(strings.NewReader(text))
		if !errors.Is(err, ErrBadPolicy) {
			t.Errorf("%q: %v", text, err)
			continue
		}
		message, hint, _ := strings.Cut(want, "|")
		if !strings.Contains(err.Error(), message) || !strings.Contains(strings.Join(delivery.Hints(err), "\n"), hint) {
			t.Errorf("%q: %v, hints %q", text, err, delivery.Hints(err))
		}
	}
}

// TestWritePolicy writes a policy from a domain, which then meets it.
func TestWritePolicy(t *testing.T) {
	t.Parallel()
	d := sampleDomain()
	d.Findings = []Finding{{ID: "mtasts-missing", Severity: SeverityWarning, Standard: StandardMTASTS, Subject: "*.example.com\n"}}
	text := WritePolicy([]Domain{d, {Domain: "null"}}, today)
	want := `# What must be true of these domains: mailctl check --policy holds them against it.
# Written on 2026-11-22 from what was published then.
domains:
  - domain: example.com
    mx: [mx2.example.com, mx1.example.com]
    selectors: [s1, s2]
    dmarc: reject # at least
    spf:
      includes: [_spf.mail.example] # these and no others
      lookups: 3 # at most; receivers stop at 10
    # Take the marks away to ignore for a while what is wrong today:
    # ignore:
    #   - {id: mtasts-missing, subject: "*.example.com\n", until: 2027-02-20, reason: say why}
  - domain: "null"
`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got, _ := parse(t, string(text)).Judge(sampleDomain(), today)
	if len(got.Findings) != 1 || got.Findings[0].ID != "policy-met" {
		t.Errorf("found %v", got.Findings)
	}
}

// FuzzParsePolicy reads anything, and what it takes once more after it judged by it.
func FuzzParsePolicy(f *testing.F) {
	f.Add(samplePolicy)
	f.Add("domains: &a\n- {domain: a, mx: *a}")
	f.Add("ignore: [{id: spf-missing, until: 9999-12-31, reason: x}]")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePolicy(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, d := range p.Domains {
			domain := sampleDomain()
			domain.Domain = d.Domain
			judged, _ := p.Judge(domain, today)
			written := WritePolicy([]Domain{judged}, today)
			if _, err := ParsePolicy(strings.NewReader(string(written))); err != nil {
				t.Fatalf("%v\n%s", err, written)
			}
		}
	})
}
