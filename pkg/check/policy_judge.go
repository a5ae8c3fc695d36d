package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dkim"
	"github.com/mailctl/mailctl/pkg/dmarc"
	"github.com/mailctl/mailctl/pkg/finding"
)

// Judge holds a domain against the policy. It returns the domain with the
// differences among its findings, and with those left out that are ignored today;
// and the lines of the policy file that the findings are about, by their index.
// What was not checked is not held against anything.
func (p *Policy) Judge(d Domain, now time.Time) (Domain, map[int]int) {
	j := &policyJudge{domain: d.Domain}
	ignores := p.Ignore
	if want := p.For(d.Domain); want != nil {
		j.mx(want.MX, d)
		j.selectors(want.Selectors, d)
		j.dmarc(want.DMARC, d)
		j.spf(want.Includes, want.Lookups, d)
		if len(j.findings) == 0 {
			j.add("policy-met", want.Line, "the domain is what the policy file asks for", "", "")
		}
		ignores = slices.Concat(want.Ignore, p.Ignore)
		j.own = len(want.Ignore)
	}
	for _, f := range d.Findings {
		j.findings = append(j.findings, linedFinding{f, 0})
	}
	j.ignore(ignores, d, now)
	return j.result(d)
}

// A linedFinding is a finding and the line of the policy file that it is about,
// zero when it is about none.
type linedFinding struct {
	Finding
	line int
}

type policyJudge struct {
	domain   string
	findings []linedFinding
	own      int // how many of the ignores are those of the domain
}

func (j *policyJudge) add(id string, line int, message, record, fix string) {
	rule, ok := RuleOf(id)
	if !ok {
		return // a test makes sure that all ids are known
	}
	if rule.Why != "" {
		message += ": " + rule.Why
	}
	j.findings = append(j.findings, linedFinding{Finding{
		ID: id, Severity: rule.Severity, Standard: rule.Standard, Subject: j.domain, Message: message, Record: record, Fix: fix,
	}, line})
}

func (j *policyJudge) unknown(line int, what string) {
	j.add("policy-unknown", line, "the policy file asks for "+what+", and the look-up failed", "", "")
}

// mx wants exactly the hosts of the policy; none means that the domain takes no
// mail.
func (j *policyJudge) mx(want Asked[[]string], d Domain) {
	records, ok := recordsOf[MXRecords](d, StandardMX)
	if !ok || want.Line == 0 {
		return
	}
	if records.Kind == delivery.MXUnknown {
		j.unknown(want.Line, "MX hosts")
		return
	}
	var hosts []string
	if records.Kind == delivery.MXExplicit {
		for _, host := range records.Hosts {
			hosts = append(hosts, host.Name)
		}
	}
	missing, extra := differences(canonicalAll(want.Value), canonicalAll(hosts))
	var parts []string
	if len(missing) > 0 {
		parts = append(parts, "missing: "+strings.Join(missing, ", "))
	}
	if len(extra) > 0 {
		parts = append(parts, "not in the policy file: "+strings.Join(extra, ", "))
	}
	if len(want.Value) == 0 && records.Kind == delivery.MXImplicit {
		parts = append(parts, "mail goes to the domain's own addresses, and the policy file asks for none")
	}
	if len(parts) > 0 {
		j.add("policy-mx", want.Line, "the MX hosts are not those of the policy file, "+strings.Join(parts, "; "), strings.Join(records.Records, "\n"),
			"publish the MX records of the policy file; or, when the others are right, write into the file\n"+listLine("mx", hosts))
	}
}

func (j *policyJudge) selectors(want Asked[[]string], d Domain) {
	records, ok := recordsOf[DKIMRecords](d, StandardDKIM)
	if !ok {
		return
	}
	tried, failed := canonicalAll(records.Tried), canonicalAll(records.Unknown)
	without := func(selector string) string {
		others := slices.DeleteFunc(canonicalAll(want.Value), func(s string) bool { return s == selector })
		return "publish a key there; or, when the selector is no longer used, write into the policy file\n" + listLine("selectors", others)
	}
	for _, selector := range canonicalAll(want.Value) {
		found := slices.IndexFunc(records.Keys, func(k DKIMKey) bool { return canonical(k.Selector) == selector })
		switch {
		case found >= 0 && records.Keys[found].Status == dkim.KeyFound && !records.Keys[found].Wildcard:
		case found >= 0 && records.Keys[found].Status != dkim.KeyUnknown:
			key := records.Keys[found]
			j.add("policy-selector", want.Line, fmt.Sprintf("the DKIM selector %s has no usable key (%s)", selector, key.Status),
				strings.Join(key.Records, "\n"), without(selector))
		case found < 0 && (records.None || slices.Contains(tried, selector)) && !slices.Contains(failed, selector):
			j.add("policy-selector", want.Line, fmt.Sprintf("the DKIM selector %s has no key", selector), "", without(selector))
		default:
			j.unknown(want.Line, "the DKIM selector "+selector)
		}
	}
}

// strength orders the policies.
func strength(p dmarc.Policy) int {
	return slices.Index([]dmarc.Policy{dmarc.PolicyNone, dmarc.PolicyQuarantine, dmarc.PolicyReject}, p)
}

func (j *policyJudge) dmarc(want Asked[dmarc.Policy], d Domain) {
	records, ok := recordsOf[DMARCRecords](d, StandardDMARC)
	switch {
	case !ok || want.Line == 0:
	case records.Status == dmarc.StatusUnknown || records.Status == dmarc.StatusFound && records.Policy == "":
		j.unknown(want.Line, "a DMARC policy of at least "+string(want.Value))
	case records.Status != dmarc.StatusFound:
		j.add("policy-dmarc", want.Line, fmt.Sprintf("there is no DMARC policy, and the policy file asks for at least %s", want.Value),
			records.Record, txtLine("_dmarc."+j.domain, newDMARC(string(want.Value), j.domain)))
	case strength(records.Policy) < strength(want.Value):
		what := fmt.Sprintf("the DMARC policy is %s, and the policy file asks for at least %s", records.Policy, want.Value)
		if records.TestMode {
			what += " (t=y makes it weaker than it is written)"
		}
		j.add("policy-dmarc", want.Line, what, records.Record, raisedDMARC(records, want.Value))
	}
}

func (j *policyJudge) spf(includes Asked[[]string], budget Asked[int], d Domain) {
	records, ok := recordsOf[SPFRecords](d, StandardSPF)
	if !ok {
		return
	}
	if records.Status == SPFUnknown {
		if line := max(includes.Line, budget.Line); line > 0 {
			j.unknown(line, "an SPF record that it describes")
		}
		return
	}
	record := strings.Join(records.Records, "\n")
	if includes.Line > 0 {
		allowed := canonicalAll(includes.Value)
		for _, domain := range records.Includes {
			if !slices.Contains(allowed, canonical(domain)) {
				j.add("policy-spf-include", includes.Line, fmt.Sprintf("SPF includes %s, which the policy file does not allow", domain),
					record, "take it out of the SPF record; or, when it is to send, write into the policy file\n"+listLine("includes", slices.Concat(includes.Value, []string{domain})))
			}
		}
	}
	switch {
	case budget.Line == 0:
	case records.Lookups > budget.Value:
		j.add("policy-spf-lookups", budget.Line, fmt.Sprintf("SPF needs %d look-ups, and the policy file allows %d", records.Lookups, budget.Value),
			record, fmt.Sprintf("take an include out of the SPF record; or write into the policy file\nlookups: %d", records.Lookups))
	case records.Incomplete:
		j.unknown(budget.Line, fmt.Sprintf("at most %d SPF look-ups", budget.Value))
	}
}

// raisedDMARC is the record with the policy that the file asks for.
func raisedDMARC(records DMARCRecords, want dmarc.Policy) string {
	record, err := dmarc.Parse(records.Record)
	if err != nil {
		return ""
	}
	tags := record.Tags.With(records.PolicyTag, string(want)).Without("t")
	return txtLine("_dmarc."+records.RecordDomain, withKnownPolicies(record, tags).String())
}

// listLine is a line of the policy file.
func listLine(key string, values []string) string {
	return key + ": [" + strings.Join(values, ", ") + "]"
}

// ignore takes out what is ignored, and says so.
func (j *policyJudge) ignore(ignores []Ignore, d Domain, now time.Time) {
	for i, ignore := range ignores {
		meant := func(f linedFinding) bool { return ignore.matches(f.Finding) }
		subject := ignore.Subject
		if subject == "" {
			subject = j.domain
		}
		matched := slices.ContainsFunc(j.findings, meant)
		day := ignore.Until.Format(time.DateOnly)
		switch {
		case ignore.expired(now) && matched:
			j.add("policy-ignore-expired", ignore.Line, fmt.Sprintf("%s was ignored until %s (%s)", ignore.ID, day, ignore.Reason),
				"", "mend it; or name a later day in the policy file\nuntil: <later day>")
		case matched:
			j.findings = slices.DeleteFunc(j.findings, meant)
			j.add("policy-ignored", ignore.Line, fmt.Sprintf("%s at %s is ignored until %s (%s)", ignore.ID, subject, day, ignore.Reason), "", "")
		case i < j.own && j.known(ignore.ID, d):
			j.add("policy-ignore-unused", ignore.Line, fmt.Sprintf("there is no finding %s to ignore", ignore.ID),
				"", fmt.Sprintf("take line %d out of the policy file", ignore.Line))
		}
	}
}

// known reports whether it is certain that there is no finding of that id: its
// standard was checked, and no look-up of it failed.
func (j *policyJudge) known(id string, d Domain) bool {
	rule, _ := RuleOf(id)
	_, checked := d.Records[rule.Standard]
	return checked && !slices.ContainsFunc(d.Findings, func(f Finding) bool {
		return f.Standard == rule.Standard && f.Severity == SeverityUnknown
	})
}

// result puts the findings into order, each with its line.
func (j *policyJudge) result(d Domain) (Domain, map[int]int) {
	order := reportOrder()
	slices.SortStableFunc(j.findings, func(a, b linedFinding) int { return order(a.Finding, b.Finding) })
	d.Findings = make([]Finding, len(j.findings))
	lines := map[int]int{}
	for i, f := range j.findings {
		d.Findings[i] = f.Finding
		if f.line > 0 {
			lines[i] = f.line
		}
	}
	d.Verdict = finding.VerdictOf(d.Findings)
	return d, lines
}

// recordsOf returns what was found for a standard; false when it was not checked.
func recordsOf[T any](d Domain, s Standard) (T, bool) {
	records, ok := d.Records[s].(T)
	return records, ok
}

// differences returns the names that are only in one of the lists.
func differences(want, got []string) (missing, extra []string) {
	without := func(names, others []string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(others, name) })
	}
	return without(want, got), without(got, want)
}
