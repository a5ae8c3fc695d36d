package check

import (
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/taglist"
	"github.com/mailctl/mailctl/pkg/dmarc"
)

// agreeing are the records with which both standards find the same: one at the
// organizational domain of the older one. Nothing helps a public suffix.
func (j *dmarcJudge) agreeing() string {
	org, tags := j.d.Legacy.OrganizationalDomain, j.record.Tags.Without("psd")
	switch {
	case org == "":
		return ""
	case strings.HasSuffix(org, "."+j.d.OrganizationalDomain()):
		return txtLine("_dmarc."+org, tags.With("psd", "n").String())
	case j.record.PSD == dmarc.PSDNo && j.d.RecordDomain != org:
		return lines(txtLine(dmarcPlace(j.d), tags.String()), txtLine("_dmarc."+org, tags.String()))
	}
	return txtLine("_dmarc."+org, tags.String())
}

// replacedURI is the record with another report address in place of one.
func (j *dmarcJudge) replacedURI(d dmarc.Destination, uri string) string {
	tag, _ := j.record.Tags.Get(d.Tag)
	tags := j.record.Tags.With(d.Tag, strings.Replace(tag.Value, d.Raw, uri, 1))
	return txtLine(dmarcPlace(j.d), tags.String())
}

// withURIs is the record with other report addresses; without the tag when there
// are none left.
func (j *dmarcJudge) withURIs(tag string, choose func([]dmarc.URI) []string) taglist.List {
	uris := j.record.Aggregate
	if tag == "ruf" {
		uris = j.record.Failure
	}
	if chosen := choose(uris); len(chosen) > 0 {
		return j.record.Tags.With(tag, strings.Join(chosen, ","))
	}
	if tag == "rua" {
		return j.record.Tags.With(tag, "mailto:dmarc-reports@"+j.d.RecordDomain)
	}
	return j.record.Tags.Without(tag)
}

// usableURIs are those that reports can be sent to, and the addresses that only
// lack "mailto:".
func usableURIs(uris []dmarc.URI) []string {
	var usable []string
	for _, u := range uris {
		if u.Usable() {
			usable = append(usable, u.Raw)
		} else if address, err := delivery.ParseAddress(u.Raw); err == nil {
			usable = append(usable, "mailto:"+address.String())
		}
	}
	return usable
}

// unlimitedURIs are all, without their size limits.
func unlimitedURIs(uris []dmarc.URI) []string {
	all := make([]string, len(uris))
	for i, u := range uris {
		all[i] = u.Raw
		if u.Size != "" {
			all[i] = u.Raw[:strings.LastIndexByte(u.Raw, '!')]
		}
	}
	return all
}

// nearestPolicy is what the writer of a wrong policy may have meant.
func nearestPolicy(value string) string {
	near := delivery.Nearest(strings.ToLower(value), []string{"none", "quarantine", "reject"})
	if near == "" {
		return string(dmarc.PolicyNone)
	}
	return near
}

// withPolicySecond puts p behind v, where receivers of RFC 7489 want it.
func withPolicySecond(tags taglist.List) taglist.List {
	v, _ := tags.Get("v")
	p, _ := tags.Get("p")
	return slices.Concat(taglist.List{v, p}, tags.Without("v", "p"))
}

// visible drops what is not printable ASCII.
func visible(r rune) rune {
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}
