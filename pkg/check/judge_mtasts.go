package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/https"
	"github.com/mailctl/mailctl/pkg/mtasts"
)

// judgeMTASTS judges the policy by which senders insist on TLS.
func judgeMTASTS(c *collector, f *facts) any {
	l := f.mtasts.Record
	name := "_mta-sts." + f.domain
	place := placeOf(l.Answer, name)
	for _, other := range l.Other {
		if len(l.Records) == 0 && isMeantAsSTS(other.Raw) {
			c.add(note{id: "mtasts-not-a-record", subject: name, what: fmt.Sprintf("the TXT record %q is no MTA-STS record", short(other.Raw)), record: other.Raw, fix: txtLine(place, stsRecord(f))})
			break
		}
	}
	switch l.Status {
	case mtasts.RecordUnknown:
		c.add(note{id: "mtasts-unknown", subject: name, what: whyUnknown(l.Answer)})
	case mtasts.RecordNone:
		if !c.has("mtasts-not-a-record") && !c.has("mx-no-such-domain") && f.takesMail() {
			c.add(note{id: "mtasts-missing", subject: name, fix: stsFix(f, suggestedSTS(f))})
		}
	case mtasts.RecordSeveral:
		text := stsRecord(f)
		if record := kept(l.Records, (*mtasts.Record).Valid); record != nil {
			text = record.String()
		}
		c.add(note{id: "mtasts-several-records", subject: name, record: raw(l.Answer), fix: txtLine(place, text)})
	case mtasts.RecordInvalid:
		problem := l.Record.Problems[0]
		c.add(note{
			id: "mtasts-invalid-record", subject: name, what: fmt.Sprintf("the MTA-STS record has a mistake (%s)", slip(problem.Kind, problem.Value, problem.Pos)),
			record: l.Record.Raw, fix: txtLine(place, stsRecord(f)),
		})
	case mtasts.RecordFound:
		judgeFetch(c, f)
	}
	return mtastsRecords(f)
}

// isMeantAsSTS reports whether a text that is no record looks as if it was to be one.
func isMeantAsSTS(text string) bool {
	text = strings.ToLower(strings.ReplaceAll(text, " ", ""))
	return strings.Contains(text, "v=sts") || strings.Contains(text, "stsv")
}

// stsRecord is a record with a new id, which must differ from any before.
func stsRecord(f *facts) string {
	return "v=STSv1; id=" + f.now.UTC().Format("20060102150405")
}

// stsPlace is where the record is, or has to be when there is none: what an alias leads
// to may be there for others then.
func stsPlace(f *facts) string {
	name := "_mta-sts." + f.domain
	if len(f.mtasts.Record.Records) == 0 {
		return name
	}
	return placeOf(f.mtasts.Record.Answer, name)
}

// stsFix is a record, and the policy that has to be there first as a comment.
func stsFix(f *facts, policy *mtasts.Policy) string {
	return lines(
		"; first serve this policy",
		"; at "+mtasts.PolicyURL(f.domain)+":",
		comment(strings.TrimSpace(strings.ReplaceAll(policy.String(), "\r\n", "\n"))),
		txtLine(stsPlace(f), stsRecord(f)))
}

// suggestedSTS is a policy to begin with.
func suggestedSTS(f *facts) *mtasts.Policy {
	policy := &mtasts.Policy{Version: "STSv1", Mode: mtasts.ModeTesting, MaxAge: wantedMaxAge}
	if f.mx != nil {
		policy.MX = patterns(validHosts(f.mx))
	}
	return policy
}

// patterns are fields that cover hosts.
func patterns(hosts []string) []mtasts.Pattern {
	list := make([]mtasts.Pattern, len(hosts))
	for i, host := range hosts {
		list[i] = mtasts.Pattern{Raw: host, Host: host}
	}
	return list
}

// validHosts are the mail servers that can be ones.
func validHosts(set *delivery.MXSet) []string {
	var hosts []string
	for _, host := range set.Hosts {
		if host.Problem == "" {
			hosts = append(hosts, host.Name)
		}
	}
	return hosts
}

// wantedMaxAge is how long a policy should be kept: "weeks or greater" (RFC 8461
// §3.2).
const wantedMaxAge = 7 * 24 * time.Hour

// changed is a policy with something else in it.
func changed(policy *mtasts.Policy, change func(*mtasts.Policy)) *mtasts.Policy {
	other := *policy
	change(&other)
	return &other
}

// judgeFetch judges whether senders get the policy.
func judgeFetch(c *collector, f *facts) {
	fetch := f.mtasts.Fetch
	if fetch == nil {
		return // nobody asked for it
	}
	n := note{subject: "mta-sts." + f.domain, record: f.mtasts.Record.Record.Raw, fix: stsFix(f, suggestedSTS(f))}
	reason := ""
	if fetch.Err != nil {
		reason = " (" + fetch.Err.Error() + ")"
	}
	switch fetch.Status {
	case https.Fetched:
		judgeSTSPolicy(c, f, fetch)
		return
	case mtasts.PolicyInvalid:
		judgeSTSPolicy(c, f, fetch)
		return
	case https.NoSuchHost:
		n.id, n.what = "mtasts-policy-missing", "the host mta-sts."+f.domain+" of the MTA-STS policy does not exist"
		n.fix = "give the host of the policy an address too:\n" + addressHole("mta-sts."+f.domain) + "\n" + n.fix
	case https.HTTPStatus:
		n.id, n.what = "mtasts-policy-missing", fmt.Sprintf("the MTA-STS policy is not at %s (HTTP %d)", fetch.URL, fetch.HTTPStatus)
	case https.CertificateName, https.CertificateTime, https.CertificateIssuer, https.TLSFailed:
		n.id, n.what = "mtasts-policy-certificate", "the server of the MTA-STS policy has no valid certificate"+reason
		n.fix = "serve " + fetch.URL + " with a certificate that is valid for mta-sts." + f.domain
	case https.Redirected:
		n.id, n.what = "mtasts-policy-redirect", fmt.Sprintf("the server of the MTA-STS policy redirects to %q", short(fetch.Location))
		n.fix = "serve the policy at " + fetch.URL + " itself, in place of the redirect"
	case https.TooLarge:
		n.id = "mtasts-policy-too-large"
	default:
		n.id, n.what = "mtasts-policy-unknown", "the MTA-STS policy could not be fetched"+reason
	}
	c.add(n)
}

// judgeSTSPolicy judges the policy itself.
func judgeSTSPolicy(c *collector, f *facts, fetch *mtasts.Fetch) {
	policy := fetch.Policy
	add := func(id, what, fix string) {
		c.add(note{id: id, subject: "mta-sts." + f.domain, what: what, record: policy.Raw, fix: fix})
	}
	if fetch.Status == mtasts.PolicyInvalid {
		what := ""
		if len(policy.Problems) > 0 {
			p := policy.Problems[0]
			what = fmt.Sprintf("the MTA-STS policy has a mistake (%s)", slip(p.Kind, p.Value, p.Pos))
		}
		add("mtasts-policy-invalid", what, stsFix(f, suggestedSTS(f)))
		return
	}
	for _, p := range policy.Problems {
		if c.full(StandardMTASTS) {
			break
		}
		add("mtasts-policy-syntax", fmt.Sprintf("a line of the MTA-STS policy is not as the standard writes it (%s)", slip(p.Kind, p.Value, p.Pos)), stsFix(f, policy))
	}
	if !fetch.PlainText {
		add("mtasts-media-type", fmt.Sprintf("the MTA-STS policy is served as %q, not as text/plain", short(fetch.ContentType)), "serve "+fetch.URL+" as text/plain")
	}
	if policy.Mode != mtasts.ModeEnforce {
		add("mtasts-mode", fmt.Sprintf("the mode of the MTA-STS policy is %s", policy.Mode), "; once the TLS reports show no failures\n"+stsFix(f, changed(policy, func(p *mtasts.Policy) {
			p.Mode = mtasts.ModeEnforce
			if len(p.MX) == 0 {
				p.MX = suggestedSTS(f).MX
			}
		})))
	}
	if policy.MaxAge < 24*time.Hour && policy.Mode != mtasts.ModeNone {
		add("mtasts-max-age", fmt.Sprintf("the MTA-STS policy is kept for %s only", policy.MaxAge), stsFix(f, changed(policy, func(p *mtasts.Policy) { p.MaxAge = wantedMaxAge })))
	}
	judgeCoverage(c, f, policy)
}

// judgeCoverage compares the policy with the mail servers, when they are known.
func judgeCoverage(c *collector, f *facts, policy *mtasts.Policy) {
	if f.mx == nil || policy.Mode == mtasts.ModeNone || f.mx.Kind != delivery.MXExplicit && f.mx.Kind != delivery.MXImplicit {
		return
	}
	hosts := validHosts(f.mx)
	severity := SeverityError
	if policy.Mode == mtasts.ModeTesting {
		severity = SeverityWarning
	}
	uncovered, unused := policy.Uncovered(hosts), policy.Unused(hosts)
	fitting := stsFix(f, changed(policy, func(p *mtasts.Policy) { p.MX = slices.Concat(p.MX, patterns(uncovered)) }))
	for _, host := range uncovered {
		if c.full(StandardMTASTS) {
			return
		}
		c.add(note{
			id: "mtasts-mx-not-covered", subject: host, severity: severity, what: "the MTA-STS policy does not cover the mail server " + host,
			record: policy.Raw, fix: fitting,
		})
	}
	fitting = stsFix(f, changed(policy, func(p *mtasts.Policy) {
		p.MX = slices.DeleteFunc(slices.Clone(p.MX), func(pattern mtasts.Pattern) bool { return !slices.ContainsFunc(hosts, pattern.Match) })
		if len(p.MX) == 0 { // a policy without any is not valid
			p.MX = patterns(hosts)
		}
	}))
	for _, pattern := range unused {
		if c.full(StandardMTASTS) {
			return
		}
		c.add(note{
			id: "mtasts-mx-unused", subject: "mta-sts." + f.domain, what: fmt.Sprintf("the MTA-STS policy names %q, which is no mail server of the domain", short(pattern.Raw)),
			record: policy.Raw, fix: "; when the mail server is not to come back\n" + fitting,
		})
	}
}

func mtastsRecords(f *facts) MTASTSRecords {
	d := f.mtasts
	r := MTASTSRecords{Status: d.Record.Status, Records: d.Record.Answer.Texts()}
	if d.Fetch != nil {
		r.Fetch = string(d.Fetch.Status)
		if policy := d.Fetch.Policy; policy != nil {
			r.Policy, r.Mode, r.MaxAge = policy.Raw, policy.Mode, int64(policy.MaxAge.Seconds())
			for _, pattern := range policy.MX {
				r.MX = append(r.MX, pattern.Raw)
			}
		}
	}
	r.Records = slices.Clone(r.Records)
	return r
}
