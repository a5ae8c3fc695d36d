package ui

import (
	"fmt"
	"io"
	"strings"

	"github.com/mailctl/mailctl/pkg/dmarc"
	"github.com/mailctl/mailctl/pkg/verify"
)

// WriteVerifyJSON writes what a receiver would decide about a message (schema
// mailctl.verify/1). Without a client there is no SPF, and it is null.
func WriteVerifyJSON(w io.Writer, r *verify.Report) error {
	view := struct {
		Schema                string              `json:"schema"`
		SPF                   *spfView            `json:"spf"`
		DKIM                  []*verify.Signature `json:"dkim"`
		DMARC                 dmarcView           `json:"dmarc"`
		AuthenticationResults string              `json:"authentication_results"`
		Findings              []verify.Finding    `json:"findings"`
	}{
		Schema: "mailctl.verify/1", DKIM: r.DKIM, DMARC: dmarcView{Domain: r.Author, Result: r.DMARCResult()},
		AuthenticationResults: r.AuthenticationResults, Findings: r.Findings,
	}
	if r.SPF != nil {
		spf := viewSPF("", *r.SPF)
		view.SPF = &spf
	}
	if r.DMARC != nil {
		view.DMARC = viewDMARC("", r.DMARC)
	}
	if view.DKIM == nil {
		view.DKIM = []*verify.Signature{}
	}
	if view.Findings == nil {
		view.Findings = []verify.Finding{}
	}
	return WriteJSON(w, view)
}

// WriteVerify writes the same for people.
func WriteVerify(w io.Writer, style Style, r *verify.Report) error {
	p := &checkText{w: w, style: style}
	p.line(fmt.Sprintf("message %s", messageVerdict(style, r.Verdict())))
	p.line("")
	verifySPF(p, r)
	for _, s := range r.DKIM {
		p.result("DKIM", string(s.Result), signatureText(s))
	}
	if len(r.DKIM) == 0 {
		p.result("DKIM", "none", "the message is not signed")
	}
	verifyDMARC(p, r)
	for _, f := range r.Findings {
		p.finding(CheckedDomain{}, f)
	}
	p.line("")
	for line := range strings.SplitSeq(r.AuthenticationResults, "\r\n") {
		p.line(strings.ReplaceAll(printable(strings.ReplaceAll(line, "\t", "    ")), "\n", " "))
	}
	return p.err
}

func verifySPF(p *checkText, r *verify.Report) {
	if r.SPF == nil {
		p.result("SPF", "–", "not judged: give --ip with the address of the client")
		return
	}
	if r.SPF.Domain == "" {
		p.result("SPF", string(r.SPF.Status), "no sender to judge: give --mail-from, or --helo for a bounce")
		return
	}
	text := r.SPF.Domain
	if r.SPF.Mechanism != "" {
		text += " by " + r.SPF.Mechanism
	}
	if r.SPF.Err != nil {
		text += ": " + r.SPF.Err.Error()
	}
	p.result("SPF", string(r.SPF.Status), text)
}

func verifyDMARC(p *checkText, r *verify.Report) {
	switch {
	case r.DMARC == nil:
		p.result("DMARC", string(r.DMARCResult()), r.AuthorErr.Error())
	case r.DMARC.Discovery.Status == dmarc.StatusUnknown:
		p.result("DMARC", string(r.DMARC.Result), r.Author+", a look-up failed: whether a record applies is not known")
	case r.DMARC.Discovery.Record == nil:
		p.result("DMARC", string(r.DMARC.Result), r.Author+", no record")
	default:
		d := r.DMARC.Discovery
		p.result("DMARC", string(r.DMARC.Result), fmt.Sprintf("%s, policy %s by the record of %s%s", r.Author, orNone(d.Policy), d.RecordDomain, alignedText(r.DMARC)))
	}
}

func orNone(policy dmarc.Policy) string {
	if policy == "" {
		return "not known"
	}
	return string(policy)
}

// alignedText names what is authenticated and aligned.
func alignedText(e *dmarc.Evaluation) string {
	var kinds []string
	if e.SPFAligned {
		kinds = append(kinds, "SPF")
	}
	if e.DKIMAligned {
		kinds = append(kinds, "DKIM")
	}
	if kinds == nil {
		return ", nothing aligned"
	}
	return ", aligned by " + strings.Join(kinds, " and ")
}

func signatureText(s *verify.Signature) string {
	text := s.Domain + ", selector " + s.Selector + ", " + s.Algorithm
	if s.KeyBits > 0 && strings.HasPrefix(s.Algorithm, "rsa") {
		text += fmt.Sprintf(" of %d bits", s.KeyBits)
	}
	if s.Reason != "" {
		text += ": " + s.Reason
	}
	return text
}

// result writes one line of results, with a text that may take several.
func (p *checkText) result(what, result, text string) {
	const what0, result0 = 7, 11
	label := "  " + fmt.Sprintf("%-*s", what0, what) + resultText(p.style, result) + strings.Repeat(" ", max(1, result0-len([]rune(result))))
	p.hanging(label, 2+what0+result0, text)
}

func messageVerdict(style Style, v verify.Verdict) string {
	switch v {
	case verify.VerdictPass:
		return style.Good("passes")
	case verify.VerdictFail:
		return style.Bad("fails")
	default:
		return style.Warn("could not be judged altogether")
	}
}
