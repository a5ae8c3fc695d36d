package check

import (
	"fmt"
	"slices"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dkim"
	"github.com/mailctl/mailctl/pkg/dmarc"
	"github.com/mailctl/mailctl/pkg/dnsbl"
	"github.com/mailctl/mailctl/pkg/spf"
)

// A Need is what a rule asks for, in terms of what can be found out.
type Need string

// The needs. The last group is never seen in the DNS.
const (
	NeedSPF        Need = "spf"
	NeedSPFPass    Need = "spf-pass"
	NeedSPFNotFail Need = "spf-not-fail"
	NeedDKIM       Need = "dkim"
	NeedDKIMPass   Need = "dkim-pass"
	NeedSPFOrDKIM  Need = "spf-or-dkim"
	NeedAny        Need = "spf-or-dkim-or-dmarc"
	NeedDMARC      Need = "dmarc"
	NeedReports    Need = "dmarc-reports"
	NeedPTR        Need = "ptr"
	NeedMX         Need = "mx-or-address"
	NeedBlocklists Need = "blocklists"

	NeedMessage    Need = "message"
	NeedSession    Need = "session"
	NeedReputation Need = "reputation"
	NeedJudgement  Need = "judgement"
)

// judgeNeed says whether a need is met, and what was found.
type judgeNeed func(Domain) (RuleStatus, string)

func needs() map[Need]judgeNeed {
	never := func(why string) judgeNeed {
		return func(Domain) (RuleStatus, string) { return RuleNotCheckable, why }
	}
	return map[Need]judgeNeed{
		NeedSPF: needSPF, NeedSPFPass: needSPFPass, NeedSPFNotFail: needSPFNotFail,
		NeedDKIM: needDKIM, NeedDKIMPass: needDKIMPass, NeedDMARC: needDMARC, NeedReports: needReports,
		NeedSPFOrDKIM: needOne(needSPF, needDKIM), NeedAny: needOne(needSPF, needDKIM, needDMARC),
		NeedPTR: needPTR, NeedMX: needMX, NeedBlocklists: needBlocklists,
		NeedMessage:    never("only a message shows it; try mailctl verify"),
		NeedSession:    never("only a session shows it"),
		NeedReputation: never("only the receiver knows it"),
		NeedJudgement:  never("only a person can tell"),
	}
}

// notChecked is what is said of a standard that was left out.
func notChecked(s Standard) (RuleStatus, string) {
	return RuleNotCheckable, fmt.Sprintf("%s was not checked", s)
}

// needOne is met when one of several needs is. It fails only when all do.
func needOne(judges ...judgeNeed) judgeNeed {
	order := []RuleStatus{RulePass, RuleUnknown, RuleNotCheckable, RuleFail}
	return func(d Domain) (RuleStatus, string) {
		best, why := judges[0](d)
		for _, judge := range judges[1:] {
			status, reason := judge(d)
			switch {
			case slices.Index(order, status) < slices.Index(order, best):
				best, why = status, reason
			case status == best && status != RulePass:
				why += "; " + reason
			}
		}
		return best, why
	}
}

func needSPF(d Domain) (RuleStatus, string) {
	records, ok := recordsOf[SPFRecords](d, StandardSPF)
	if !ok {
		return notChecked(StandardSPF)
	}
	for _, r := range records.Results {
		switch r.Result {
		case spf.Pass:
		case spf.TempError:
			return RuleUnknown, fmt.Sprintf("SPF could not be looked up for %s", r.Address)
		case spf.None, spf.Neutral, spf.SoftFail, spf.Fail, spf.PermError:
			return RuleFail, fmt.Sprintf("SPF is %s for %s", r.Result, r.Address)
		}
	}
	switch records.Status {
	case SPFFound:
		if broken := findingOf(d, StandardSPF); broken != "" {
			return RuleFail, broken
		}
		return RulePass, "there is an SPF record"
	case SPFUnknown:
		return RuleUnknown, "the SPF record could not be looked up"
	case SPFNone:
		return RuleFail, "there is no SPF record"
	case SPFSeveral:
		return RuleFail, "there are several SPF records"
	case SPFInvalid:
	}
	return RuleFail, "the SPF record is not valid"
}

// findingOf returns the id of an error of a standard that makes its record
// useless, in words; "" when there is none.
func findingOf(d Domain, s Standard) string {
	for _, f := range d.Findings {
		if f.Standard == s && f.Severity == SeverityError {
			return "it is in error: " + f.ID
		}
	}
	return ""
}

// needSPFPass is not met without a record, and only seen for an address.
func needSPFPass(d Domain) (RuleStatus, string) {
	status, why := needSPF(d)
	if records, _ := recordsOf[SPFRecords](d, StandardSPF); status == RulePass && len(records.Results) == 0 {
		return RuleNotCheckable, "it depends on the sending address: give it with --ip"
	}
	return status, why
}

func needSPFNotFail(d Domain) (RuleStatus, string) {
	records, ok := recordsOf[SPFRecords](d, StandardSPF)
	if !ok {
		return notChecked(StandardSPF)
	}
	if len(records.Results) == 0 {
		return RuleNotCheckable, "it depends on the sending address: give it with --ip"
	}
	for _, r := range records.Results {
		switch r.Result {
		case spf.Fail:
			return RuleFail, fmt.Sprintf("SPF is fail for %s", r.Address)
		case spf.TempError:
			return RuleUnknown, fmt.Sprintf("SPF could not be looked up for %s", r.Address)
		case spf.None, spf.Neutral, spf.Pass, spf.SoftFail, spf.PermError:
		}
	}
	return RulePass, "SPF does not fail"
}

func needDKIM(d Domain) (RuleStatus, string) {
	records, ok := recordsOf[DKIMRecords](d, StandardDKIM)
	if !ok {
		return notChecked(StandardDKIM)
	}
	newer := false
	for _, key := range records.Keys {
		if key.Status != dkim.KeyFound || key.Wildcard {
			continue
		}
		if key.Algorithm == dkim.AlgorithmRSA {
			return RulePass, fmt.Sprintf("the selector %s has a usable key of %d bits", key.Selector, key.Bits)
		}
		newer = true
	}
	switch {
	case newer:
		return RuleNotCheckable, "the keys that were found are Ed25519, which not every receiver verifies"
	case len(records.Unknown) > 0:
		return RuleUnknown, "selectors could not be looked up"
	case records.None:
		return RuleFail, "there are no DKIM keys"
	case records.Named:
		return RuleFail, "no selector that was given has a usable key"
	}
	return RuleNotCheckable, "no key is at the usual selectors: name yours with --selector"
}

// needDKIMPass is not met without a key, and only seen in a message.
func needDKIMPass(d Domain) (RuleStatus, string) {
	status, why := needDKIM(d)
	if status == RulePass {
		return RuleNotCheckable, "only a message shows it; try mailctl verify"
	}
	return status, why
}

func needDMARC(d Domain) (RuleStatus, string) {
	records, ok := recordsOf[DMARCRecords](d, StandardDMARC)
	if !ok {
		return notChecked(StandardDMARC)
	}
	switch records.Status {
	case dmarc.StatusFound:
		return RulePass, "there is a DMARC record at " + records.RecordDomain
	case dmarc.StatusUnknown:
		return RuleUnknown, "the DMARC record could not be looked up"
	case dmarc.StatusNone:
		return RuleFail, "there is no DMARC record"
	case dmarc.StatusUnusable:
	}
	return RuleFail, "the DMARC record cannot be used"
}

func needReports(d Domain) (RuleStatus, string) {
	status, why := needDMARC(d)
	if status != RulePass {
		return status, why
	}
	records, _ := recordsOf[DMARCRecords](d, StandardDMARC)
	for _, r := range records.Reports {
		if r.Tag == "rua" {
			return RulePass, "reports go to " + r.URI
		}
	}
	return RuleFail, "the DMARC record asks for no reports (rua)"
}

func needPTR(d Domain) (RuleStatus, string) {
	records, ok := recordsOf[MXRecords](d, StandardMX)
	if !ok {
		return notChecked(StandardMX)
	}
	if len(records.Addresses) == 0 {
		return RuleNotCheckable, "it depends on the sending address: give it with --ip"
	}
	for _, a := range records.Addresses {
		switch a.Status {
		case delivery.PTRConfirmed:
		case delivery.PTRUnknown:
			return RuleUnknown, fmt.Sprintf("the name of %s could not be looked up", a.Address)
		case delivery.PTRNone:
			return RuleFail, fmt.Sprintf("%s has no name", a.Address)
		case delivery.PTRMismatch:
			return RuleFail, fmt.Sprintf("the name of %s does not lead back to it", a.Address)
		}
	}
	return RulePass, "every sending address has a name that leads back to it"
}

func needMX(d Domain) (RuleStatus, string) {
	records, ok := recordsOf[MXRecords](d, StandardMX)
	switch {
	case !ok:
		return notChecked(StandardMX)
	case records.Kind == delivery.MXUnknown:
		return RuleUnknown, "the MX records could not be looked up"
	case records.Kind == delivery.MXExplicit || records.Kind == delivery.MXImplicit:
		return RulePass, "mail can be delivered to the domain"
	}
	return RuleFail, "no mail can be delivered to the domain"
}

func needBlocklists(d Domain) (RuleStatus, string) {
	records, ok := recordsOf[DNSBLRecords](d, StandardDNSBL)
	if !ok {
		return RuleNotCheckable, "blocklists were not asked: --only dnsbl asks them"
	}
	unknown := false
	for _, l := range records.Lists {
		if l.Status == dnsbl.Listed {
			return RuleFail, fmt.Sprintf("%s lists %s", l.List, l.Subject)
		}
		unknown = unknown || l.Status == dnsbl.Unknown || l.Status == dnsbl.Refused
	}
	if unknown {
		return RuleUnknown, "not every blocklist answered"
	}
	return RulePass, "no blocklist lists it"
}
