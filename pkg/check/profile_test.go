package check

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dkim"
	"github.com/mailctl/mailctl/pkg/dmarc"
	"github.com/mailctl/mailctl/pkg/dnsbl"
	"github.com/mailctl/mailctl/pkg/spf"
)

// TestProfiles reads the data that comes with the package.
func TestProfiles(t *testing.T) {
	t.Parallel()
	all, err := Profiles([]string{"all"})
	if err != nil || len(all) != 6 {
		t.Fatalf("%d sets, %v", len(all), err)
	}
	for _, set := range all {
		if set.Date == "" || set.Source == "" || len(set.Rules) == 0 {
			t.Errorf("%s is not complete", set.Receiver)
		}
	}
	two, err := Profiles([]string{"outlook", "gmail", "outlook"})
	if err != nil || len(two) != 2 || two[0].Receiver != "outlook" {
		t.Errorf("%v, %v", two, err)
	}
	_, err = Profiles([]string{"gmial"})
	if !errors.Is(err, ErrUnknownProfile) || cmp.Diff([]string{`did you mean "gmail"?`}, delivery.Hints(err)) != "" {
		t.Errorf("%v, hints %q", err, delivery.Hints(err))
	}
}

func TestParseRuleSetsErrors(t *testing.T) {
	t.Parallel()
	for _, data := range []string{
		"{", `[{"rules":[{"id":"a","needs":"magic","text":"x"}]}]`, `[{"rules":[{"id":"a","needs":"spf"}]}]`,
		`[{"rules":[{"id":"a","needs":"spf","text":"x"},{"id":"a","needs":"spf","text":"x"}]}]`,
	} {
		if _, err := parseRuleSets([]byte(data)); err == nil {
			t.Errorf("%s was taken", data)
		}
	}
}

func TestNeeds(t *testing.T) {
	t.Parallel()
	addr := netip.MustParseAddr("192.0.2.25")
	rsa := DKIMKey{Selector: "s", Status: dkim.KeyFound, Algorithm: dkim.AlgorithmRSA, Bits: 2048}
	for _, tt := range []struct {
		name    string
		need    Need
		records map[Standard]any
		want    RuleStatus
	}{
		{"SPF not checked", NeedSPF, nil, RuleNotCheckable},
		{"SPF", NeedSPF, map[Standard]any{StandardSPF: SPFRecords{Status: SPFFound}}, RulePass},
		{"no SPF", NeedSPF, map[Standard]any{StandardSPF: SPFRecords{Status: SPFNone}}, RuleFail},
		{"SPF unknown", NeedSPF, map[Standard]any{StandardSPF: SPFRecords{Status: SPFUnknown}}, RuleUnknown},
		{"SPF softfail", NeedSPF, map[Standard]any{StandardSPF: SPFRecords{Status: SPFFound, Results: []SPFResult{{addr, spf.SoftFail, "~all"}}}}, RuleFail},
		{"SPF temperror", NeedSPF, map[Standard]any{StandardSPF: SPFRecords{Status: SPFFound, Results: []SPFResult{{addr, spf.TempError, ""}}}}, RuleUnknown},
		{"SPF passes", NeedSPFPass, map[Standard]any{StandardSPF: SPFRecords{Status: SPFFound, Results: []SPFResult{{addr, spf.Pass, "a"}}}}, RulePass},
		{"SPF passes for nobody", NeedSPFPass, map[Standard]any{StandardSPF: SPFRecords{Status: SPFFound}}, RuleNotCheckable},
		{"SPF cannot pass", NeedSPFPass, map[Standard]any{StandardSPF: SPFRecords{Status: SPFNone}}, RuleFail},
		{"a key is no signature", NeedDKIMPass, map[Standard]any{StandardDKIM: DKIMRecords{Keys: []DKIMKey{rsa}}}, RuleNotCheckable},
		{"no key, no signature", NeedDKIMPass, map[Standard]any{StandardDKIM: DKIMRecords{None: true}}, RuleFail},
		{"SPF fails", NeedSPFNotFail, map[Standard]any{StandardSPF: SPFRecords{Results: []SPFResult{{addr, spf.Fail, "-all"}}}}, RuleFail},
		{"SPF softfail is no fail", NeedSPFNotFail, map[Standard]any{StandardSPF: SPFRecords{Results: []SPFResult{{addr, spf.SoftFail, ""}}}}, RulePass},
		{"SPF for no address", NeedSPFNotFail, map[Standard]any{StandardSPF: SPFRecords{Status: SPFFound}}, RuleNotCheckable},
		{"a key", NeedDKIM, map[Standard]any{StandardDKIM: DKIMRecords{Keys: []DKIMKey{rsa}}}, RulePass},
		{"a wildcard's key", NeedDKIM, map[Standard]any{StandardDKIM: DKIMRecords{Named: true, Keys: []DKIMKey{{Status: dkim.KeyFound, Algorithm: dkim.AlgorithmRSA, Wildcard: true}}}}, RuleFail},
		{"only Ed25519", NeedDKIM, map[Standard]any{StandardDKIM: DKIMRecords{Keys: []DKIMKey{{Status: dkim.KeyFound, Algorithm: dkim.AlgorithmEd25519}}}}, RuleNotCheckable},
		{"no key was found", NeedDKIM, map[Standard]any{StandardDKIM: DKIMRecords{Tried: []string{"s"}}}, RuleNotCheckable},
		{"there is no key", NeedDKIM, map[Standard]any{StandardDKIM: DKIMRecords{None: true}}, RuleFail},
		{"keys unknown", NeedDKIM, map[Standard]any{StandardDKIM: DKIMRecords{Unknown: []string{"s"}}}, RuleUnknown},
		{"one of two, the other unknown", NeedSPFOrDKIM, map[Standard]any{StandardSPF: SPFRecords{Status: SPFUnknown}, StandardDKIM: DKIMRecords{Keys: []DKIMKey{rsa}}}, RulePass},
		{"none, one unknown", NeedSPFOrDKIM, map[Standard]any{StandardSPF: SPFRecords{Status: SPFUnknown}, StandardDKIM: DKIMRecords{None: true}}, RuleUnknown},
		{"none of three", NeedAny, map[Standard]any{StandardSPF: SPFRecords{Status: SPFNone}, StandardDKIM: DKIMRecords{None: true}, StandardDMARC: DMARCRecords{Status: dmarc.StatusNone}}, RuleFail},
		{"DMARC", NeedDMARC, map[Standard]any{StandardDMARC: DMARCRecords{Status: dmarc.StatusFound}}, RulePass},
		{"unusable DMARC", NeedDMARC, map[Standard]any{StandardDMARC: DMARCRecords{Status: dmarc.StatusUnusable}}, RuleFail},
		{"DMARC unknown", NeedReports, map[Standard]any{StandardDMARC: DMARCRecords{Status: dmarc.StatusUnknown}}, RuleUnknown},
		{"no reports", NeedReports, map[Standard]any{StandardDMARC: DMARCRecords{Status: dmarc.StatusFound, Reports: []DMARCDestination{{Tag: "ruf"}}}}, RuleFail},
		{"reports", NeedReports, map[Standard]any{StandardDMARC: DMARCRecords{Status: dmarc.StatusFound, Reports: []DMARCDestination{{Tag: "rua"}}}}, RulePass},
		{"no address", NeedPTR, map[Standard]any{StandardMX: MXRecords{}}, RuleNotCheckable},
		{"confirmed", NeedPTR, map[Standard]any{StandardMX: MXRecords{Addresses: []SendingAddress{{Address: addr, Status: delivery.PTRConfirmed}}}}, RulePass},
		{"no name", NeedPTR, map[Standard]any{StandardMX: MXRecords{Addresses: []SendingAddress{{Address: addr, Status: delivery.PTRNone}}}}, RuleFail},
		{"name unknown", NeedPTR, map[Standard]any{StandardMX: MXRecords{Addresses: []SendingAddress{{Address: addr, Status: delivery.PTRUnknown}}}}, RuleUnknown},
		{"implicit MX", NeedMX, map[Standard]any{StandardMX: MXRecords{Kind: delivery.MXImplicit}}, RulePass},
		{"null MX", NeedMX, map[Standard]any{StandardMX: MXRecords{Kind: delivery.MXNull}}, RuleFail},
		{"MX unknown", NeedMX, map[Standard]any{StandardMX: MXRecords{Kind: delivery.MXUnknown}}, RuleUnknown},
		{"lists not asked", NeedBlocklists, nil, RuleNotCheckable},
		{"listed", NeedBlocklists, map[Standard]any{StandardDNSBL: DNSBLRecords{Lists: []DNSBLEntry{{Status: dnsbl.Refused}, {Status: dnsbl.Listed}}}}, RuleFail},
		{"refused", NeedBlocklists, map[Standard]any{StandardDNSBL: DNSBLRecords{Lists: []DNSBLEntry{{Status: dnsbl.Refused}}}}, RuleUnknown},
		{"message", NeedMessage, nil, RuleNotCheckable},
	} {
		status, why := needs()[tt.need](Domain{Domain: "example.com", Records: tt.records})
		if status != tt.want || why == "" {
			t.Errorf("%s: %s (%s), want %s", tt.name, status, why, tt.want)
		}
	}
}

// TestProfileFindings shows that what is not met is a finding, and what cannot be
// seen is none.
func TestProfileFindings(t *testing.T) {
	t.Parallel()
	sets, err := Profiles([]string{"outlook"})
	if err != nil {
		t.Fatal(err)
	}
	got := sets[0].Judge(Domain{Domain: "example.com", Verdict: VerdictPass, Records: map[Standard]any{
		StandardSPF: SPFRecords{Status: SPFNone}, StandardDKIM: DKIMRecords{}, StandardDMARC: DMARCRecords{Status: dmarc.StatusUnknown},
	}})
	var ids []string
	for _, f := range got.Findings {
		ids = append(ids, f.ID)
	}
	if diff := cmp.Diff([]string{"profile-unmet", "profile-unknown"}, ids); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.Verdict != VerdictFail || len(got.Profiles) != 1 || len(got.Profiles[0].Rules) != 6 {
		t.Errorf("verdict %s, profiles %v", got.Verdict, got.Profiles)
	}
}
