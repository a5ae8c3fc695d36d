package probe

import (
	"fmt"
	"strings"
)

// judgeDANE takes in what TLSA records say of the chain.
func (r *Result) judgeDANE(e Endpoint, d DANE) {
	r.DANE = d
	records := strings.Join(d.Records, "\n")
	switch d.Status {
	case DANEUnasked, DANENone, DANEUnusable:
	case DANEVerified:
		r.add(e, note{id: "dane-live-verified", record: records})
		r.forgive()
		r.judgeRollover(e, d, records)
	case DANENoMatch:
		r.add(e, note{id: "dane-live-mismatch", record: records, fix: r.rightRecord(e)})
	case DANEChainInvalid:
		r.add(e, note{id: "dane-live-chain", record: records, what: withCause("a TLSA record matches an authority, and the chain to it is not valid", d.Why)})
	case DANENameMismatch:
		r.add(e, note{id: "dane-live-name", record: records})
	case DANENoTLS:
		r.add(e, note{id: "dane-live-no-tls", record: records})
	case DANEBogus:
		r.add(e, note{id: "dane-live-bogus"})
	case DANEUnknown:
		r.add(e, note{id: "dane-live-unknown", what: withCause("TLSA records could not be looked up", d.Why)})
	}
}

// withCause puts a cause behind a sentence.
func withCause(what, why string) string {
	if why == "" {
		return what
	}
	return what + " (" + why + ")"
}

// forgive makes light of what is wrong with a certificate where other servers
// deliver: those who use DANE do without authorities, and the others do not look.
func (r *Result) forgive() {
	for i := range r.Findings {
		if f := &r.Findings[i]; r.Service == ServiceRelay && f.Standard == StandardCertificate && f.Severity == SeverityWarning && f.ID != "cert-expires-soon" {
			f.Severity = SeverityNotice
		}
	}
}

// rightRecord returns the record that would match.
func (r *Result) rightRecord(e Endpoint) string {
	if len(r.Chain) == 0 {
		return ""
	}
	return fmt.Sprintf("_%d._tcp.%s. IN TLSA 3 1 1 %s", e.Port, strings.TrimSuffix(e.Host, "."), r.Chain[0].SPKISHA256)
}

// judgeRollover says how long the records are sure to match.
func (r *Result) judgeRollover(e Endpoint, d DANE, records string) {
	if d.DaysLeft == nil {
		return
	}
	next := "the next certificate"
	if d.Renewal == RenewalKey {
		next = "a certificate with another key"
	}
	n := note{id: "dane-rollover", record: records, what: fmt.Sprintf(
		"the TLSA records know the present certificate only, which ends in %s, and %s breaks them", days(*d.DaysLeft), next)}
	const soon = 14
	if *d.DaysLeft < soon {
		n.severity = SeverityWarning
	}
	if *d.DaysLeft < 0 {
		n.what = "the TLSA records know the present certificate only, which has ended, and " + next + " breaks them"
	}
	r.add(e, n)
}

// judgeSTS holds the server against the policy of its domain.
func (r *Result) judgeSTS(e Endpoint, policy STSPolicy) {
	switch {
	case e.Domain == "" || policy.Status == "":
		return
	case policy.Status == STSPolicyUnknown:
		r.MTASTS = MTASTS{Status: STSUnknown, Why: policy.Why}
		r.add(e, note{id: "mtasts-live-unknown", what: withCause("the MTA-STS policy could not be had", policy.Why)})
		return
	case policy.Status == STSPolicyNone || policy.Mode == "none":
		r.MTASTS = MTASTS{Status: STSNone, Mode: policy.Mode}
		return
	}
	r.MTASTS = MTASTS{Status: r.stsStatus(e, policy), Mode: policy.Mode}
	n := map[STSStatus]note{
		STSVerified:    {id: "mtasts-live-verified"},
		STSNotCovered:  {id: "mtasts-live-host", severity: stsSeverity(policy)},
		STSNoTLS:       {id: "mtasts-live-no-tls", severity: stsSeverity(policy)},
		STSCertificate: {id: "mtasts-live-certificate", severity: stsSeverity(policy), what: "the certificate is not as the MTA-STS policy asks (" + string(r.PKIX.Status) + ")"},
	}[r.MTASTS.Status]
	if n.id != "" {
		r.add(e, n)
	}
}

// stsSeverity is graver for a policy that is enforced.
func stsSeverity(policy STSPolicy) Severity {
	if policy.Mode == "enforce" {
		return SeverityError
	}
	return SeverityWarning
}

// stsStatus follows RFC 8461 §4: the host must be covered, and its certificate
// valid for its name.
func (r *Result) stsStatus(e Endpoint, policy STSPolicy) STSStatus {
	switch {
	case !policy.Covers(e.Host):
		return STSNotCovered
	case r.PKIX.Status == PKIXValid:
		return STSVerified
	case r.TLS != nil:
		return STSCertificate
	case r.sawTLS():
		return STSNoTLS
	}
	return STSUnknown
}

// sawTLS reports whether the session came far enough to say that there is no TLS
// that works.
func (r *Result) sawTLS() bool {
	return r.TLS == nil && (r.Hello != "" || r.Stage == "starttls")
}
