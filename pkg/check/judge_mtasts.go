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
	for _, other := range l.Other {
		if len(l.Records) == 0 && strings.Contains(strings.ToLower(other.Raw), "sts") {
			c.add(note{id: "mtasts-not-a-record", subject: name, what: fmt.Sprintf("the TXT record %q is no MTA-STS record", short(other.Raw)), record: other.Raw, fix: txtLine(name, stsRecord(f))})
			break
		}
	}
	switch l.Status {
	case mtasts.RecordUnknown:
		c.add(note{id: "mtasts-unknown", subject: name, what: whyUnknown(l.Answer)})
	case mtasts.RecordNone:
		if !c.has("mtasts-not-a-record") && !c.has("mx-no-such-domain") && f.takesMail() {
			c.add(note{id: "mtasts-missing", subject: name, fix: stsFix(f)})
		}
	case mtasts.RecordSeveral:
		c.add(note{id: "mtasts-several-records", subject: name, record: raw(l.Answer), fix: txtLine(name, l.Records[0].String())})
	case mtasts.RecordInvalid:
		problem := l.Record.Problems[0]
		c.add(note{
			id: "mtasts-invalid-record", subject: name, what: fmt.Sprintf("the MTA-STS record has a mistake (%s, at octet %d)", problem.Kind, problem.Pos),
			record: l.Record.Raw, fix: txtLine(name, stsRecord(f)),
		})
	case mtasts.RecordFound:
		judgeFetch(c, f)
	}
	return mtastsRecords(f)
}

// stsRecord is a record with a new id, which must differ from any before.
func stsRecord(f *facts) string {
	return "v=STSv1; id=" + f.now.UTC().Format("20060102150405")
}

// stsFix is a record, and the policy that has to be there first as a comment.
func stsFix(f *facts) string {
	return lines(
		"; first serve this policy at "+mtasts.PolicyURL(f.domain)+":",
		comment(suggestedSTS(f)),
		txtLine("_mta-sts."+f.domain, stsRecord(f)))
}

// suggestedSTS is a policy to begin with.
func suggestedSTS(f *facts) string {
	list := []string{"version: STSv1", "mode: testing"}
	if f.mx != nil {
		for _, host := range f.mx.Hosts {
			if host.Problem == "" {
				list = append(list, "mx: "+host.Name)
			}
		}
	}
	return lines(append(list, "max_age: 604800")...)
}

// judgeFetch judges whether senders get the policy.
func judgeFetch(c *collector, f *facts) {
	fetch := f.mtasts.Fetch
	if fetch == nil {
		return // nobody asked for it
	}
	n := note{subject: "mta-sts." + f.domain, record: f.mtasts.Record.Record.Raw, fix: "serve the policy at " + fetch.URL + " with a certificate that is valid for mta-sts." + f.domain}
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
	case https.HTTPStatus:
		n.id, n.what = "mtasts-policy-missing", fmt.Sprintf("the MTA-STS policy is not at %s (HTTP %d)", fetch.URL, fetch.HTTPStatus)
	case https.CertificateName, https.CertificateTime, https.CertificateIssuer, https.TLSFailed:
		n.id, n.what = "mtasts-policy-certificate", "the server of the MTA-STS policy has no valid certificate"+reason
	case https.Redirected:
		n.id, n.what = "mtasts-policy-redirect", fmt.Sprintf("the server of the MTA-STS policy redirects to %q", short(fetch.Location))
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
			what = fmt.Sprintf("the MTA-STS policy has a mistake (%s)", policy.Problems[0].Kind)
		}
		add("mtasts-policy-invalid", what, stsFix(f))
		return
	}
	for _, p := range policy.Problems {
		if c.full(StandardMTASTS) {
			break
		}
		add("mtasts-policy-syntax", fmt.Sprintf("a line of the MTA-STS policy is not as the standard writes it (%s, at octet %d)", p.Kind, p.Pos), "serve the policy as\n"+strings.ReplaceAll(policy.String(), "\r\n", "\n"))
	}
	if !fetch.PlainText {
		add("mtasts-media-type", fmt.Sprintf("the MTA-STS policy is served as %q, not as text/plain", short(fetch.ContentType)), "serve it as text/plain")
	}
	if policy.Mode != mtasts.ModeEnforce {
		add("mtasts-mode", fmt.Sprintf("the mode of the MTA-STS policy is %s", policy.Mode), "set mode: enforce once the TLS reports show no failures, and give the record a new id")
	}
	if policy.MaxAge < 24*time.Hour && policy.Mode != mtasts.ModeNone {
		add("mtasts-max-age", fmt.Sprintf("the MTA-STS policy is kept for %s only", policy.MaxAge), "set max_age: 604800 or more, and give the record a new id")
	}
	judgeCoverage(c, f, policy)
}

// judgeCoverage compares the policy with the mail servers, when they are known.
func judgeCoverage(c *collector, f *facts, policy *mtasts.Policy) {
	if f.mx == nil || policy.Mode == mtasts.ModeNone || f.mx.Kind != delivery.MXExplicit && f.mx.Kind != delivery.MXImplicit {
		return
	}
	var hosts []string
	for _, host := range f.mx.Hosts {
		if host.Problem == "" {
			hosts = append(hosts, host.Name)
		}
	}
	severity := SeverityError
	if policy.Mode == mtasts.ModeTesting {
		severity = SeverityWarning
	}
	for _, host := range policy.Uncovered(hosts) {
		c.add(note{
			id: "mtasts-mx-not-covered", subject: host, severity: severity, what: "the MTA-STS policy does not cover the mail server " + host,
			record: policy.Raw, fix: "add the line `mx: " + host + "` to the policy, and give the record a new id",
		})
	}
	for _, pattern := range policy.Unused(hosts) {
		c.add(note{
			id: "mtasts-mx-unused", subject: "mta-sts." + f.domain, what: fmt.Sprintf("the MTA-STS policy names %q, which is no mail server of the domain", short(pattern.Raw)),
			record: policy.Raw, fix: "take the line out when the mail server is not to come back",
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
