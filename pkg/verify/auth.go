package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/dkim"
	"github.com/mailctl/mailctl/pkg/dmarc"
	"github.com/mailctl/mailctl/pkg/spf"
)

// authFindings says what the results of SPF, DKIM and DMARC mean.
func (r *Report) authFindings(signatures int) []Finding {
	found := r.spfFindings()
	found = append(found, r.dkimFindings(signatures)...)
	return append(found, r.dmarcFindings()...)
}

func (r *Report) spfFindings() []Finding {
	if r.SPF == nil {
		return nil
	}
	finding := Finding{ID: "spf-" + string(r.SPF.Status), Severity: SeverityWarning, Standard: StandardSPF, Subject: r.SPF.Domain, Ref: "RFC 7208 §8"}
	if len(r.SPF.Trace) > 0 {
		finding.Record = r.SPF.Trace[0].Record
	}
	switch r.SPF.Status {
	case spf.Pass:
		return nil
	case spf.TempError:
		finding.Severity = SeverityUnknown
		finding.Message = fmt.Sprintf("SPF could not be judged: %v", r.SPF.Err)
	case spf.PermError:
		finding.Message = fmt.Sprintf("the SPF record cannot be used: %v", r.SPF.Err)
	case spf.None:
		finding.Message = fmt.Sprintf("there is no SPF result: %v", r.SPF.Err)
		if r.SPF.Domain == "" {
			finding.Message = "there is no SPF result: neither a reverse-path nor the name in the greeting is known"
		}
	default:
		finding.Message = fmt.Sprintf("SPF says %s by %q: the client is not one of those that send for the domain", r.SPF.Status, shorten(r.SPF.Mechanism))
		finding.Fix = "add the client to the SPF record, or send through one that is in it"
	}
	return []Finding{finding}
}

func (r *Report) dkimFindings(signatures int) []Finding {
	var found []Finding
	for _, s := range r.DKIM {
		finding := Finding{ID: "dkim-" + string(s.Result), Severity: SeverityWarning, Standard: StandardDKIM, Subject: s.Domain, Ref: "RFC 6376 §6.1"}
		if s.Key != nil && len(s.Key.Answer.Texts()) > 0 {
			finding.Record = s.Key.Answer.Texts()[0]
		}
		switch {
		case s.Result == DKIMTempError:
			finding.Severity = SeverityUnknown
			finding.Message = "the signature could not be judged: " + s.Reason
		case s.Result != DKIMPass:
			finding.Message = fmt.Sprintf("the signature of %s does not count: %s", shorten(s.Domain), s.Reason)
			finding.Fix = s.fix()
		case s.Testing:
			finding.ID, finding.Ref = "dkim-testing", "RFC 6376 §3.6.1"
			finding.Message = "the key is in testing mode (t=y): receivers may treat the message as if it were not signed"
			finding.Fix = "take t=y out of the key record"
		case strings.HasPrefix(s.Algorithm, "rsa") && s.KeyBits < 2048:
			finding.ID, finding.Severity, finding.Ref = "dkim-short-key", SeverityNotice, "RFC 8301 §3.2"
			finding.Message = fmt.Sprintf("the key has %d bits, and should have 2048", s.KeyBits)
			finding.Fix = "make a new key with mailctl dkim keygen, under a new selector"
		default:
			continue
		}
		found = append(found, finding)
	}
	switch {
	case signatures == 0:
		found = append(found, Finding{
			ID: "dkim-none", Severity: SeverityWarning, Standard: StandardDKIM, Subject: "DKIM-Signature",
			Message: "the message is not signed: large receivers want a DKIM signature, and forwarded mail has nothing else",
			Fix:     "sign it with a key of the From domain", Ref: "RFC 6376",
		})
	case signatures > MaxSignatures:
		found = append(found, Finding{
			ID: "dkim-many", Severity: SeverityWarning, Standard: StandardDKIM, Subject: "DKIM-Signature",
			Message: fmt.Sprintf("the message has %d signatures, and only the first %d were looked at", signatures, MaxSignatures), Ref: "RFC 6376 §8.4",
		})
	}
	return found
}

// fix is what to do about a signature that does not pass.
func (s *Signature) fix() string {
	switch s.Result {
	case DKIMFail:
		return "compare the message with what was signed: footers, mailing lists and gateways change messages; and the key with the one that signed"
	case DKIMPermError:
		if s.Key == nil {
			return "let the signer name From in h=, and in i= nothing outside of d="
		}
		return s.keyFix()
	case DKIMNeutral:
		return "let the signer write its tags as RFC 6376 §3.5 has them, with a=rsa-sha256 or a=ed25519-sha256"
	case DKIMPolicy:
		return "let the signer use a=rsa-sha256 with a key of 2048 bits, without l= and with enough time in x="
	default:
		return ""
	}
}

// keyFix is what to do about a key that keeps a signature from passing.
func (s *Signature) keyFix() string {
	switch s.Key.Status {
	case dkim.KeySeveral:
		return "leave one key at " + s.Key.Name + ": the one that signs"
	case dkim.KeyFound:
		if s.Key.Record.Strict && s.Identity != "" && s.identityDomain() != s.Domain {
			return "let the signer write i=@" + shorten(s.Domain) + ", or take t=s out of the key record"
		}
	case dkim.KeyAbsent, dkim.KeyRevoked, dkim.KeyUnusable, dkim.KeyUnknown:
	}
	return "publish the key that signs; mailctl dkim keygen makes one with its record"
}

func (r *Report) dmarcFindings() []Finding {
	finding := Finding{ID: "dmarc-" + string(r.DMARCResult()), Severity: SeverityError, Standard: StandardDMARC, Subject: r.Author, Ref: "RFC 9989 §5.3"}
	if r.DMARC == nil {
		finding.Subject = "From"
		finding.Message = fmt.Sprintf("DMARC cannot be judged: %v", r.AuthorErr)
		return []Finding{finding}
	}
	d := r.DMARC.Discovery
	if d.Record != nil {
		finding.Record = d.Record.Raw
	}
	switch r.DMARC.Result {
	case dmarc.ResultPass:
		return r.alignmentFindings()
	case dmarc.ResultTempError:
		finding.Severity = SeverityUnknown
		finding.Message = "DMARC could not be judged: a look-up that decides it failed"
	case dmarc.ResultPermError:
		finding.Message = fmt.Sprintf("the DMARC record of %s cannot be used", d.RecordDomain)
		finding.Fix = "check it with mailctl check " + d.RecordDomain
	case dmarc.ResultNone:
		finding.Severity = SeverityWarning
		finding.Message = fmt.Sprintf("no DMARC record applies to %s: large receivers want one", r.Author)
		finding.Fix = fmt.Sprintf("_dmarc.%s. TXT \"v=DMARC1; p=none; rua=mailto:dmarc@%s\"", r.Author, r.Author)
		return append([]Finding{finding}, r.passFindings()...)
	case dmarc.ResultFail:
		finding.Message = fmt.Sprintf("DMARC fails, and the policy of %s is %s: %s", d.RecordDomain, d.Policy, r.whyNotAligned())
		finding.Fix = "sign with a key of the From domain, or use an address of that domain as the reverse-path"
		if r.alignedFails() {
			finding.Fix = "mend what keeps the aligned SPF or DKIM from passing: see the findings about them"
		}
	}
	return []Finding{finding}
}

// alignedFails reports whether an identifier is aligned and does not pass.
func (r *Report) alignedFails() bool {
	return slices.ContainsFunc(append([]dmarc.Check{r.DMARC.SPF}, r.DMARC.DKIM...), func(c dmarc.Check) bool {
		return c.Alignment.Aligned() && c.Result != dmarc.AuthPass
	})
}

// passFindings is about a message that nothing authenticates, or perhaps nothing.
func (r *Report) passFindings() []Finding {
	finding := Finding{ID: "not-authenticated", Severity: SeverityError, Standard: StandardDMARC, Subject: r.Author, Ref: "RFC 8601 §2.7"}
	switch {
	case r.authenticated():
		return nil
	case r.spfUndecided() || r.dkimUndecided():
		finding.Severity = SeverityUnknown
		finding.Message = "whether SPF or DKIM passes could not be judged"
	default:
		finding.Message = r.nothingPasses() + ": large receivers refuse such mail"
		finding.Fix = "sign the message with DKIM, and list the sending servers in SPF"
	}
	return []Finding{finding}
}

// spfUndecided and dkimUndecided report whether a look-up failed that could have
// brought a pass.
func (r *Report) spfUndecided() bool { return r.SPF != nil && r.SPF.Status == spf.TempError }

func (r *Report) dkimUndecided() bool {
	return slices.ContainsFunc(r.DKIM, func(s *Signature) bool { return s.Result == DKIMTempError })
}

// authenticated reports whether anything passes.
func (r *Report) authenticated() bool {
	return r.SPF != nil && r.SPF.Status == spf.Pass ||
		slices.ContainsFunc(r.DKIM, func(s *Signature) bool { return s.Result == DKIMPass })
}

// whyNotAligned names what passes without counting for the author.
func (r *Report) whyNotAligned() string {
	var others []string
	if c := r.DMARC.SPF; c.Result == dmarc.AuthPass {
		others = append(others, "SPF for "+c.Domain)
	}
	for _, c := range r.DMARC.DKIM {
		if c.Result == dmarc.AuthPass {
			others = append(others, "DKIM of "+shorten(c.Domain))
		}
	}
	if others == nil {
		return r.nothingPasses()
	}
	return "what passes is not aligned with " + r.Author + ": " + strings.Join(others, ", ")
}

// nothingPasses says so, and what was not looked at.
func (r *Report) nothingPasses() string {
	if r.SPF == nil {
		return "DKIM does not pass, and SPF is not judged without the address of the client"
	}
	return "neither SPF nor DKIM passes"
}

// alignmentFindings says what a passing message would lack if its circumstances
// changed: SPF does not survive forwarding.
func (r *Report) alignmentFindings() []Finding {
	finding := Finding{Severity: SeverityNotice, Standard: StandardDMARC, Subject: r.Author, Ref: "RFC 9989 §5.3.4"}
	switch {
	case !r.DMARC.DKIMAligned && r.dkimUndecided(), r.spfUndecided(): // that is told already
		return nil
	case !r.DMARC.DKIMAligned:
		finding.ID, finding.Severity = "dmarc-only-spf", SeverityWarning
		finding.Message = "DMARC passes by SPF alone, which does not survive forwarding"
		finding.Fix = "sign with a key of the From domain"
	case r.SPF != nil && !r.DMARC.SPFAligned:
		finding.ID = "dmarc-only-dkim"
		finding.Message = "DMARC passes by DKIM alone: SPF does not pass for a domain that is aligned with From"
		finding.Fix = "use an address of the From domain as the reverse-path, where that is possible"
		if r.DMARC.SPF.Alignment.Aligned() {
			finding.Fix = "mend what keeps SPF from passing: see the finding about it"
		}
	default:
		return nil
	}
	return []Finding{finding}
}
