package ui

import (
	"fmt"
	"io"

	"github.com/mailctl/mailctl/pkg/dmarc"
)

// dmarcView is a decision as programs get it.
type dmarcView struct {
	Schema               string       `json:"schema,omitempty"`
	Domain               string       `json:"domain"`
	OrganizationalDomain string       `json:"organizational_domain"`
	RecordDomain         string       `json:"record_domain"`
	Record               string       `json:"record"`
	Policy               dmarc.Policy `json:"policy"` // what applies after t=y
	PolicyTag            string       `json:"policy_tag"`
	TestMode             bool         `json:"test_mode"`
	Result               dmarc.Result `json:"result"`
	Aligned              alignedView  `json:"aligned"`
}

// alignedView says whether there is an authenticated and aligned identifier of
// each kind.
type alignedView struct {
	SPF  bool `json:"spf"`
	DKIM bool `json:"dkim"`
}

func viewDMARC(schema string, e *dmarc.Evaluation) dmarcView {
	d := e.Discovery
	v := dmarcView{
		Schema: schema, Domain: d.Domain, OrganizationalDomain: d.OrganizationalDomain(), RecordDomain: d.RecordDomain,
		Policy: d.Policy, PolicyTag: d.Tag, TestMode: d.TestMode(), Result: e.Result,
		Aligned: alignedView{e.SPFAligned, e.DKIMAligned},
	}
	if d.Record != nil {
		v.Record = d.Record.Raw
	}
	return v
}

// WriteDMARCJSON writes a decision (schema mailctl.dmarc/1).
func WriteDMARCJSON(w io.Writer, e *dmarc.Evaluation) error {
	return WriteJSON(w, viewDMARC("mailctl.dmarc/1", e))
}

// WriteDMARC writes a decision and how it came about.
func WriteDMARC(w io.Writer, style Style, e *dmarc.Evaluation) error {
	verdict := resultText(style, string(e.Result))
	if e.Result == dmarc.ResultFail && e.SPF.Domain == "" && len(e.DKIM) == 0 {
		verdict = "policy" // nothing was asked of it
	}
	if _, err := fmt.Fprintf(w, "DMARC %s\n", verdict); err != nil {
		return err
	}
	facts := append([][2]string{{"domain", e.Discovery.Domain}}, dmarcFacts(e)...)
	if e.SPF.Domain != "" {
		facts = append(facts, [2]string{"SPF", checkLine(e.SPF)})
	}
	for _, c := range e.DKIM {
		facts = append(facts, [2]string{"DKIM", checkLine(c)})
	}
	for _, step := range e.Discovery.Walk.Steps {
		facts = append(facts, [2]string{"asked", "_dmarc." + step.Domain + ": " + stepText(step)})
	}
	if d := e.Discovery; d.LegacyDiffers() {
		facts = append(facts, [2]string{"note", "receivers that go by the public suffix list " + legacyText(d.Legacy)})
	}
	return writeHanging(w, style, facts)
}

// legacyText is what the older standard makes of the domain.
func legacyText(l dmarc.Legacy) string {
	record := "find no record"
	if l.RecordDomain != "" {
		record = "take the record of " + l.RecordDomain
	}
	if l.OrganizationalDomain == "" {
		return "take the domain for a public suffix, and " + record
	}
	return "take the organizational domain to be " + l.OrganizationalDomain + ", and " + record
}

// dmarcFacts are what the record says.
func dmarcFacts(e *dmarc.Evaluation) [][2]string {
	d := e.Discovery
	facts := [][2]string{{"organization", d.OrganizationalDomain()}}
	if d.Record == nil {
		why := "no record applies"
		if d.Status == dmarc.StatusUnknown {
			why = "a look-up failed: whether a record applies is not known"
		}
		return append(facts, [2]string{"policy", why})
	}
	policy := fmt.Sprintf("%s (%s)", d.Policy, d.Tag)
	switch {
	case d.Policy == "" && d.Status == dmarc.StatusFound:
		policy = "not known: whether the domain exists could not be looked up"
	case d.Policy == "":
		policy = "the record cannot be used"
	case d.TestMode():
		policy += fmt.Sprintf(", published as %s with t=y", d.Published)
	}
	return append(facts, [2]string{"policy", policy}, [2]string{"record", d.Record.Raw}, [2]string{"found at", "_dmarc." + d.RecordDomain})
}

// checkLine is one identifier and how it stands to the author.
func checkLine(c dmarc.Check) string {
	line := c.Domain + " " + c.Result
	switch c.Alignment {
	case dmarc.AlignedStrict:
		return line + ", aligned (strict)"
	case dmarc.AlignedRelaxed:
		return line + ", aligned (relaxed)"
	case dmarc.NotAligned:
		return line + ", not aligned"
	case dmarc.AlignmentUnknown:
		return line + ", alignment not known: a look-up failed"
	default:
		return line
	}
}

// stepText is what was found at one name.
func stepText(step dmarc.Step) string {
	switch {
	case step.Unknown():
		return "not known (" + string(step.Answer.Cause) + ")"
	case step.Record() != nil:
		return "a record"
	case len(step.Records) > 1:
		return Plural(len(step.Records), "record") + ", which count for nothing"
	default:
		return "nothing"
	}
}
