package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dmarc"
)

// judgeDMARC judges the policy that applies to a domain.
func judgeDMARC(c *collector, f *facts) any {
	d := f.dmarc
	judgeDMARCSteps(c, d)
	switch d.Status {
	case dmarc.StatusUnknown:
		c.add(note{id: "dmarc-unknown", what: whyUnknown(unknownStep(d))})
	case dmarc.StatusNone:
		if !c.has("dmarc-several-records") && !c.has("dmarc-not-a-record") && !c.has("mx-no-such-domain") && !f.parked() {
			c.add(note{id: "dmarc-missing", subject: "_dmarc." + f.domain, fix: txtLine("_dmarc."+f.domain, newDMARC("none", f.domain))})
		}
	case dmarc.StatusFound, dmarc.StatusUnusable:
		j := &dmarcJudge{c: c, f: f, d: d, record: d.Record}
		j.judge()
	}
	return dmarcRecords(f)
}

// newDMARC is a record to begin with.
func newDMARC(policy, domain string) string {
	return "v=DMARC1; p=" + policy + "; rua=mailto:dmarc-reports@" + domain
}

// judgeDMARCSteps looks for what is in the place of a record and is ignored, at
// the domain and at its organizational domain.
func judgeDMARCSteps(c *collector, d *dmarc.Discovery) {
	for i := range d.Walk.Steps {
		step := &d.Walk.Steps[i]
		if step.Domain != d.Domain && step.Domain != d.OrganizationalDomain() {
			continue
		}
		name := "_dmarc." + step.Domain
		if n := len(step.Records); n > 1 {
			c.add(note{
				id: "dmarc-several-records", subject: name, what: fmt.Sprintf("there are %d DMARC records at %s", n, name),
				record: raw(step.Answer), fix: keptDMARC(step),
			})
			continue
		}
		for _, other := range step.Other {
			if len(step.Records) == 0 && strings.Contains(strings.ToLower(other.Raw), "dmarc") {
				c.add(note{
					id: "dmarc-not-a-record", subject: name, what: fmt.Sprintf("the TXT record %q is meant to be DMARC and is not", short(other.Raw)),
					record: other.Raw, fix: txtLine(step.Answer.Target(), repairedDMARC(other.Raw, step.Domain)),
				})
				break
			}
		}
	}
}

// keptDMARC is the record to keep of several.
func keptDMARC(step *dmarc.Step) string {
	if record := kept(step.Records, isSoundDMARC); record != nil {
		return txtLine(step.Answer.Target(), record.String())
	}
	return "write one record in place of these, such as " + newDMARC("none", step.Domain)
}

// isSoundDMARC reports whether receivers read all of a record as it was meant.
func isSoundDMARC(record *dmarc.Record) bool {
	return !slices.ContainsFunc(record.Problems, func(p dmarc.Problem) bool {
		switch p.Kind {
		case dmarc.ProblemUnknownTag, dmarc.ProblemHistoricTag, dmarc.ProblemURISize, dmarc.ProblemNoFailureURI, dmarc.ProblemPolicyOrder:
			return false
		default:
			return true
		}
	})
}

// repairedDMARC puts the version where it belongs, with what else can be read; it
// is a record to begin with when not all of that is sound.
func repairedDMARC(text, domain string) string {
	record, _ := dmarc.Parse(strings.Trim(strings.TrimSpace(text), `"'`))
	tags := record.Tags.Without("v")
	repaired, err := dmarc.Parse("v=DMARC1; " + tags.String())
	if err == nil {
		tags = withKnownPolicies(repaired, repaired.Tags)
		repaired, err = dmarc.Parse(tags.String())
	}
	if err != nil || !isSoundDMARC(repaired) {
		return newDMARC("none", domain)
	}
	return tags.String()
}

func unknownStep(d *dmarc.Discovery) delivery.Answer {
	if d.ExistenceAnswer.Unknown() {
		return d.ExistenceAnswer
	}
	for _, step := range d.Walk.Steps {
		if step.Answer.Unknown() {
			return step.Answer
		}
	}
	return delivery.Answer{Name: "_dmarc." + d.Domain, Type: delivery.TypeTXT}
}

func dmarcRecords(f *facts) DMARCRecords {
	d := f.dmarc
	r := DMARCRecords{
		Status: d.Status, RecordDomain: d.RecordDomain, OrganizationalDomain: d.OrganizationalDomain(),
		Policy: d.Policy, PolicyTag: d.Tag, TestMode: d.TestMode(),
	}
	if d.Record != nil {
		r.Record = d.Record.Raw
		r.Subdomains, _ = d.Record.PolicyFor(dmarc.ForSubdomain)
		r.NonExistent, _ = d.Record.PolicyFor(dmarc.ForNonExistent)
	}
	for _, destination := range f.destinations {
		r.Reports = append(r.Reports, DMARCDestination{destination.Tag, destination.Raw, destination.Authorization})
	}
	return r
}
