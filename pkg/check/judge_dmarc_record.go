package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery/taglist"
	"github.com/mailctl/mailctl/pkg/dmarc"
)

// A dmarcJudge judges the record that applies.
type dmarcJudge struct {
	c      *collector
	f      *facts
	d      *dmarc.Discovery
	record *dmarc.Record
}

func (j *dmarcJudge) judge() {
	for _, p := range j.record.Problems {
		if j.c.full(StandardDMARC) {
			break
		}
		policy := p.Kind == dmarc.ProblemNoPolicy || p.Kind == dmarc.ProblemInvalidPolicy
		if !policy || j.d.Status != dmarc.StatusUnusable { // that is said as a whole
			j.judgeProblem(p)
		}
	}
	j.judgePolicy()
	j.judgeReports()
	for _, destination := range j.f.destinations {
		j.judgeDestination(destination)
	}
	if j.record.PSD == dmarc.PSDYes {
		j.add("dmarc-public-suffix", "", j.record.Tags.Without("psd"))
	}
	if j.d.LegacyDiffers() {
		j.c.add(note{
			id: "dmarc-psl-differs", subject: j.f.domain, what: j.legacyText(),
			record: j.record.Raw, fix: j.agreeing(),
		})
	}
}

// legacyText is in what receivers of either standard differ: the organizational domain,
// or else the record.
func (j *dmarcJudge) legacyText() string {
	older, present := j.d.Legacy, fmt.Sprintf("take %q for the organizational domain", j.d.OrganizationalDomain())
	text := fmt.Sprintf("take %q for the organizational domain", older.OrganizationalDomain)
	switch {
	case older.OrganizationalDomain == "":
		text = "take the domain for a public suffix"
	case older.OrganizationalDomain == j.d.OrganizationalDomain():
		text, present = "find no record", "take that of "+j.d.RecordDomain
		if older.RecordDomain != "" {
			text = "take the record of " + older.RecordDomain
		}
	}
	return "receivers that go by the public suffix list " + text + ", those that go by the present standard " + present
}

// dmarcPlace is where the record is that applies.
func dmarcPlace(d *dmarc.Discovery) string {
	name := "_dmarc." + d.RecordDomain
	if step := d.Walk.Step(d.RecordDomain); step != nil {
		return placeOf(step.Answer, name)
	}
	return name
}

// add makes a finding with the mended record, in which no other policy is left that
// receivers would not know: what is shown may be published.
func (j *dmarcJudge) add(id, what string, fixed taglist.List) {
	n := note{id: id, subject: "_dmarc." + j.d.RecordDomain, what: what, record: j.record.Raw}
	if fixed != nil {
		n.fix = txtLine(dmarcPlace(j.d), withKnownPolicies(j.record, fixed).String())
	}
	j.c.add(n)
}

// withKnownPolicies mends the policies of a record that are misspelt, in tags that
// were made of it.
func withKnownPolicies(record *dmarc.Record, tags taglist.List) taglist.List {
	for _, p := range record.Problems {
		if p.Kind != dmarc.ProblemInvalidPolicy {
			continue
		}
		if tag, there := tags.Get(p.Tag); there && tag.Value == p.Value {
			tags = tags.With(p.Tag, nearestPolicy(tag.Value))
		}
	}
	return tags
}

func (j *dmarcJudge) judgeProblem(p dmarc.Problem) {
	tags := j.record.Tags
	what := fmt.Sprintf("the tag %q of the DMARC record", p.Tag)
	switch p.Kind {
	case dmarc.ProblemNoPolicy:
		j.add("dmarc-no-policy", "", withPolicySecond(tags.With("p", string(dmarc.PolicyNone))))
	case dmarc.ProblemInvalidPolicy:
		j.add("dmarc-invalid-policy", fmt.Sprintf("the policy %s=%s of the DMARC record is not none, quarantine or reject", p.Tag, short(p.Value)), withPolicySecond(tags.With(p.Tag, nearestPolicy(p.Value))))
	case dmarc.ProblemInvalidValue:
		j.add("dmarc-invalid-value", what+fmt.Sprintf(" cannot have the value %q", short(p.Value)), tags.Without(p.Tag))
	case dmarc.ProblemUnknownTag:
		j.add("dmarc-unknown-tag", what+" is one that nobody knows", tags.Without(p.Tag))
	case dmarc.ProblemHistoricTag:
		j.add("dmarc-historic-tag", what+" is one that the standard no longer has", tags.Without(p.Tag))
	case dmarc.ProblemRepeatedTag, dmarc.ProblemTagCase, dmarc.ProblemNoValue, dmarc.ProblemEmptyTag, dmarc.ProblemBadOctet, dmarc.ProblemLeadingSpace:
		j.judgeSyntax(p)
	case dmarc.ProblemURISyntax, dmarc.ProblemURINoScheme, dmarc.ProblemURIScheme, dmarc.ProblemURIAddress:
		j.add("dmarc-report-address", fmt.Sprintf("no report can be sent to %q", short(p.Value)), j.withURIs(p.Tag, usableURIs))
	case dmarc.ProblemURISize:
		j.add("dmarc-uri-size", fmt.Sprintf("the report address %q has a size limit", short(p.Value)), j.withURIs(p.Tag, unlimitedURIs))
	case dmarc.ProblemNoFailureURI:
		j.add("dmarc-fo-without-ruf", "", tags.Without("fo"))
	case dmarc.ProblemPolicyOrder:
		j.add("dmarc-policy-order", "", withPolicySecond(tags))
	case dmarc.ProblemNoVersion, dmarc.ProblemVersionLater, dmarc.ProblemVersionCase, dmarc.ProblemVersionUnknown:
		// Such a text is no record, and was judged as that.
	}
}

// judgeSyntax has one finding for all slips of the pen.
func (j *dmarcJudge) judgeSyntax(p dmarc.Problem) {
	if j.c.has("dmarc-syntax") {
		return
	}
	var clean taglist.List
	for _, tag := range j.record.Tags {
		tag.Name = strings.ToLower(tag.Name)
		tag.Value = strings.Map(visible, tag.Value)
		if _, repeated := clean.Get(tag.Name); tag.Assigned && tag.Name != "" && !repeated && strings.Map(visible, tag.Name) == tag.Name {
			clean = append(clean, tag)
		}
	}
	j.add("dmarc-syntax", fmt.Sprintf("a part of the DMARC record is not as the standard writes it (%s)", slip(p.Kind, p.Value, p.Pos)), clean)
}

// policyStrength orders the policies.
func policyStrength(p dmarc.Policy) int {
	return slices.Index([]dmarc.Policy{dmarc.PolicyNone, dmarc.PolicyQuarantine, dmarc.PolicyReject}, p)
}

// judgePolicy judges what the record asks receivers to do.
func (j *dmarcJudge) judgePolicy() {
	tags := j.record.Tags
	if j.d.Status == dmarc.StatusUnusable {
		j.add("dmarc-unusable", "", withPolicySecond(tags.With("p", string(dmarc.PolicyNone)).With("rua", "mailto:dmarc-reports@"+j.d.RecordDomain)))
		return
	}
	if j.record.Fallback() {
		return // it counts as none, which is said already
	}
	if j.d.Published == dmarc.PolicyNone && !j.f.parked() {
		what := ""
		if j.d.Tag != "p" {
			what = fmt.Sprintf("the DMARC policy for the domain is none (%s)", j.d.Tag)
		}
		j.add("dmarc-policy-none", what, tags.With(j.d.Tag, string(dmarc.PolicyQuarantine)))
	}
	for _, weak := range []struct {
		tag    string
		policy dmarc.Policy
		whom   string
	}{{"sp", j.record.Subdomain, "subdomains"}, {"np", j.record.NonExistent, "subdomains that do not exist"}} {
		if weak.policy != "" && policyStrength(weak.policy) < policyStrength(j.record.Policy) && j.d.Tag != weak.tag {
			j.add("dmarc-weak-subdomains", fmt.Sprintf("the DMARC policy of %s is weaker than that of the domain (%s=%s)", weak.whom, weak.tag, weak.policy), tags.Without(weak.tag))
		}
	}
	if j.d.TestMode() && !j.f.parked() {
		j.add("dmarc-test-mode", "", tags.Without("t"))
	}
	if j.d.Policy == dmarc.PolicyReject && j.f.dkim != nil && j.f.dkim.None() && !j.f.parked() {
		j.c.add(note{id: "dmarc-reject-without-dkim", subject: j.f.domain, record: j.record.Raw, fix: keygenAdvice(j.f.domain, "s1")})
	}
}

// judgeReports judges whether anybody gets reports.
func (j *dmarcJudge) judgeReports() {
	usable := slices.ContainsFunc(j.record.Aggregate, dmarc.URI.Usable)
	if !usable && j.d.Status != dmarc.StatusUnusable && len(j.record.Aggregate) == 0 && !j.f.parked() {
		j.add("dmarc-no-reports", "", j.record.Tags.With("rua", "mailto:dmarc-reports@"+j.d.RecordDomain))
	}
}

// judgeDestination judges whether a report address agreed to get the reports.
func (j *dmarcJudge) judgeDestination(d dmarc.Destination) {
	n := note{subject: "_dmarc." + j.d.RecordDomain, record: j.record.Raw}
	switch {
	case d.Authorization == dmarc.AuthorizationUnknown:
		n.id, n.what = "dmarc-report-unknown", fmt.Sprintf("it could not be looked up whether %s agreed to get the reports (%s)", d.Host, whyUnknown(d.Answer))
	case d.Authorization == dmarc.NotAuthorized:
		n.id, n.what = "dmarc-report-not-authorized", fmt.Sprintf("%s did not agree to get the reports about %s", d.Host, j.d.RecordDomain)
		n.fix = txtLine(d.Name, "v=DMARC1;") + "\n; in the zone of " + d.Host
	case d.Authorization == dmarc.NameTooLong:
		n.id, n.what = "dmarc-report-not-authorized", fmt.Sprintf("%s cannot agree to get the reports about %s: the name for that would be too long", d.Host, j.d.RecordDomain)
		n.fix = j.replacedURI(d, "mailto:dmarc-reports@"+j.d.RecordDomain)
	case d.Foreign:
		n.id, n.what = "dmarc-report-override", fmt.Sprintf("%s sends the reports on to another domain", d.Host)
		n.fix = txtLine(d.Name, "v=DMARC1;") + "\n; in the zone of " + d.Host
	default:
		return
	}
	j.c.add(n)
}
