package dmarc

import (
	"context"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/taglist"
)

// maxHosts is how many different hosts are asked whether they want reports. A
// record of the usual size names one to three.
const maxHosts = 20

// A Relation is how the host of a report destination relates to the domain that
// asks for reports.
type Relation string

// The relations.
const (
	SameOrganization Relation = "same-organization" // they share an organizational domain
	External         Relation = "external"          // they do not, and the host has to agree
	RelationUnknown  Relation = "unknown"           // a look-up that decides it failed
)

// An Authorization says whether a destination agreed to get the reports.
type Authorization string

// The authorizations.
const (
	NotNeeded            Authorization = "not-needed"     // the destination is not external
	Authorized           Authorization = "authorized"     // it published the record that says so
	NotAuthorized        Authorization = "not-authorized" // it is proven that it did not: receivers send nothing there
	NameTooLong          Authorization = "name-too-long"  // the name of that record cannot exist (RFC 9990 §4 step 4)
	AuthorizationUnknown Authorization = "unknown"        // the look-up failed
	NotAsked             Authorization = "not-asked"      // the URI names no host, or the record names too many
)

// A Destination is one report destination and whether receivers may use it (RFC
// 9990 §4, which holds for failure reports too, RFC 9991 §5).
type Destination struct {
	URI
	Tag           string // "rua" or "ruf"
	Relation      Relation
	Authorization Authorization

	// Name is where the host has to publish its record, "example.com._report._dmarc."
	// and the host; empty when none is needed.
	Name    string
	Answer  delivery.Answer
	Records []*Record // the DMARC records there; one is enough
	Other   []*Record // other texts, which count for nothing

	// Override are the destinations of the same tag in the record there, which
	// receivers use instead. A receiver sends nothing at all when Foreign is set: an
	// override has another host (RFC 9990 §4).
	Override []URI
	Foreign  bool
}

// Destinations judges the report destinations of the record that a discovery
// found, in the order of the record, in one wave of look-ups. Hosts behind the
// twentieth are not asked.
func Destinations(ctx context.Context, r delivery.Resolver, d *Discovery) []Destination {
	if d.Record == nil {
		return nil
	}
	var destinations []Destination
	add := func(tag string, uris []URI) {
		for _, u := range uris {
			destinations = append(destinations, Destination{URI: u, Tag: tag, Authorization: NotAsked})
		}
	}
	add("rua", d.Record.Aggregate)
	add("ruf", d.Record.Failure)

	hosts := hostsOf(destinations)
	answers := askHosts(ctx, r, d, hosts)
	for i := range destinations {
		if found, ok := answers[destinations[i].Host]; ok {
			destinations[i].judge(d, found)
		}
	}
	return destinations
}

// hostsOf returns the different hosts, as many as are asked.
func hostsOf(destinations []Destination) []string {
	var hosts []string
	seen := map[string]bool{"": true}
	for _, to := range destinations {
		if !seen[to.Host] && len(hosts) < maxHosts {
			seen[to.Host] = true
			hosts = append(hosts, to.Host)
		}
	}
	return hosts
}

// A host is what was found out about the host of a destination.
type host struct {
	relation Relation
	answer   delivery.Answer // zero when it was not asked
}

// askHosts finds out which hosts are external and, at the same time, whether they
// agreed.
func askHosts(ctx context.Context, r delivery.Resolver, d *Discovery, hosts []string) map[string]host {
	org := d.recordOrganization()
	found := map[string]host{}
	var walks, questions []string
	for _, h := range hosts {
		switch {
		case h == d.RecordDomain:
			found[h] = host{relation: SameOrganization}
			continue
		case org == "":
			found[h] = host{relation: RelationUnknown}
		case within(h, org):
			found[h] = host{relation: RelationUnknown}
			walks = append(walks, h)
		default:
			found[h] = host{relation: External}
		}
		questions = append(questions, h)
	}
	w := newWalker(r)
	answers := make([]delivery.Answer, len(questions))
	delivery.Concurrently(ctx,
		func(ctx context.Context) { w.ask(ctx, walks...) },
		func(ctx context.Context) {
			asked := make([]delivery.Question, len(questions))
			for i, h := range questions {
				asked[i] = delivery.Question{Name: reportName(d.RecordDomain, h), Type: delivery.TypeTXT}
			}
			copy(answers, delivery.LookupAll(ctx, r, asked...))
		})
	for i, h := range questions {
		found[h] = host{relation: found[h].relation, answer: answers[i]}
	}
	for _, h := range walks {
		switch w.walk(h).OrganizationalDomain {
		case org:
			found[h] = host{relation: SameOrganization}
		case "":
		default:
			found[h] = host{relation: External, answer: found[h].answer}
		}
	}
	return found
}

// recordOrganization is the organizational domain of the domain at which the
// record was found; empty when unknown.
func (d *Discovery) recordOrganization() string {
	if d.Location == AtPublicSuffix {
		return d.RecordDomain
	}
	return d.OrganizationalDomain()
}

// reportName is where a host says that it wants reports about a domain.
func reportName(domain, host string) string { return domain + "._report._dmarc." + host }

// judge fills in what was found out about the host.
func (to *Destination) judge(d *Discovery, h host) {
	to.Relation = h.relation
	if h.relation == SameOrganization {
		to.Authorization = NotNeeded
		return
	}
	to.Name, to.Answer = reportName(d.RecordDomain, to.Host), h.answer
	to.Records, to.Other = taglist.Sift(h.answer.Texts(), ParseAuthorization)
	switch {
	case len(to.Records) > 0:
		to.Authorization = Authorized
		to.readOverride()
	case h.answer.Cause == delivery.CauseInvalidName:
		to.Authorization = NameTooLong
	case h.answer.Unknown():
		to.Authorization = AuthorizationUnknown
	default:
		to.Authorization = NotAuthorized
	}
}

// readOverride takes over the destinations of the first record that has any.
func (to *Destination) readOverride() {
	for _, record := range to.Records {
		to.Override = record.Aggregate
		if to.Tag == "ruf" {
			to.Override = record.Failure
		}
		if len(to.Override) > 0 {
			break
		}
	}
	for _, u := range to.Override {
		to.Foreign = to.Foreign || u.Host != to.Host
	}
}
