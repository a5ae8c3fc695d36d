package check

import (
	"slices"

	"github.com/mailctl/mailctl/pkg/bimi"
	"github.com/mailctl/mailctl/pkg/dmarc"
	"github.com/mailctl/mailctl/pkg/finding"
	"github.com/mailctl/mailctl/pkg/mtasts"
	"github.com/mailctl/mailctl/pkg/tlsrpt"
)

// okRules say that nothing is wrong with a standard, so that a domain that passes is
// seen to have been checked.
var okRules = [...]Rule{
	{"mx-ok", StandardMX, SeverityOK, "nothing is wrong with the MX records", "mail to the domain can be delivered, or it says that it takes none", "RFC 5321 §5.1"},
	{"spf-ok", StandardSPF, SeverityOK, "nothing is wrong with the SPF record", "receivers can tell the domain's servers from others", "RFC 7208 §3"},
	{"dkim-ok", StandardDKIM, SeverityOK, "nothing is wrong with the DKIM keys", "receivers can verify what is signed with them", "RFC 6376 §3.6.1"},
	{"dmarc-ok", StandardDMARC, SeverityOK, "nothing is wrong with the DMARC record", "receivers know what to do about forged mail", "RFC 9989 §4.7"},
	{"mtasts-ok", StandardMTASTS, SeverityOK, "nothing is wrong with MTA-STS", "senders who use it find what they need", "RFC 8461 §3"},
	{"tlsrpt-ok", StandardTLSRPT, SeverityOK, "nothing is wrong with the TLS reporting record", "senders know whom to tell of failures", "RFC 8460 §3"},
	{"dnssec-ok", StandardDNSSEC, SeverityOK, "nothing is wrong with DNSSEC", "what is signed can be validated", "RFC 4033 §3"},
	{"dane-ok", StandardDANE, SeverityOK, "nothing is wrong with DANE", "senders who use it find what they need", "RFC 7672 §3"},
	{"bimi-ok", StandardBIMI, SeverityOK, "nothing is wrong with BIMI", "receivers who show logos find what they need", "BIMI draft-14 §4"},
	{"dnsbl-ok", StandardDNSBL, SeverityOK, "no blocklist that was asked lists the sender", "receivers that use them do not mind", "RFC 5782 §2.1"},
}

// OKRule is the id of the finding that nothing is wrong with a standard.
func OKRule(s Standard) string { return string(s) + "-ok" }

// addOK says of each standard that was checked, and about which nothing else was
// found, that nothing is wrong with it.
func (c *collector) addOK(records map[Standard]any) {
	for _, s := range Standards() {
		found, checked := records[s]
		used := Publishes(found)
		if !checked || c.hasOf(s) || !used && c.has("mx-no-such-domain") {
			continue
		}
		c.add(note{id: OKRule(s)})
		if !used {
			c.findings[len(c.findings)-1].Message = "the domain makes no use of it, and need not"
		}
	}
}

// hasOf reports whether there is a finding about a standard.
func (c *collector) hasOf(s Standard) bool {
	return slices.ContainsFunc(c.findings, func(f Finding) bool { return f.Standard == s })
}

// Publishes reports whether a domain, of which these are the records of a standard,
// makes use of the standard.
func Publishes(records any) bool {
	switch r := records.(type) {
	case SPFRecords:
		return r.Status != SPFNone
	case DKIMRecords:
		return !r.None
	case DMARCRecords:
		return r.Status != dmarc.StatusNone
	case MTASTSRecords:
		return r.Status != mtasts.RecordNone
	case TLSRPTRecords:
		return r.Status != tlsrpt.StatusNone
	case BIMIRecords:
		return r.Status == bimi.StatusFound
	case DNSSECRecords:
		return r.Signed
	case DANERecords:
		return slices.ContainsFunc(r.Hosts, func(h DANEHost) bool { return len(h.Records) > 0 })
	}
	return true
}

// Summed is a domain to which findings were added: they are in the order of a
// report, none says that all is well where it is not, and the verdict is what they
// come to.
func Summed(d Domain) Domain {
	wrong := map[Standard]bool{}
	for _, f := range d.Findings {
		wrong[f.Standard] = wrong[f.Standard] || f.Severity != SeverityOK
	}
	d.Findings = slices.DeleteFunc(d.Findings, func(f Finding) bool { return wrong[f.Standard] && f.ID == OKRule(f.Standard) })
	Sort(d.Findings)
	d.Verdict = finding.VerdictOf(d.Findings)
	return d
}
