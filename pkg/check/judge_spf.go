package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/spf"
)

// judgeSPF judges who may send for a domain.
func judgeSPF(c *collector, f *facts) any {
	t := f.spf
	switch spfStatus(t) {
	case SPFUnknown:
		c.add(note{id: "spf-unknown", what: whyUnknown(t.Answer)})
	case SPFNone:
		judgeNoSPF(c, f)
	case SPFSeveral:
		c.add(note{
			id: "spf-several-records", what: fmt.Sprintf("there are %d SPF records", len(t.Texts)),
			record: lines(t.Texts...), fix: mergedSPF(t),
		})
	case SPFInvalid, SPFFound:
		newSPFJudge(c, t).judge()
		judgeSPFResults(c, f)
	}
	if len(t.Retired) > 0 {
		c.add(note{id: "spf-retired-type", record: lines(t.Retired...), fix: retiredFix(t)})
	}
	return spfRecords(f)
}

func spfStatus(t *spf.Tree) SPFStatus {
	switch {
	case t.Answer.Unknown():
		return SPFUnknown
	case len(t.Texts) == 0:
		return SPFNone
	case len(t.Texts) > 1:
		return SPFSeveral
	case t.Err != nil:
		return SPFInvalid
	default:
		return SPFFound
	}
}

// judgeNoSPF judges a domain without a record. One that does not exist, or says
// that it takes no mail, is judged elsewhere.
func judgeNoSPF(c *collector, f *facts) {
	t := f.spf
	if len(t.Similar) > 0 {
		c.add(note{
			id: "spf-not-a-record", what: fmt.Sprintf("the TXT record %q is meant to be SPF and is not", short(t.Similar[0])),
			record: lines(t.Similar...), fix: repairedSPF(t),
		})
		return
	}
	if c.has("mx-no-such-domain") || f.nullMX() {
		return
	}
	c.add(note{id: "spf-missing", fix: suggestedSPF(f)})
}

// suggestedSPF is a record to begin with: the domain's own mail servers and the
// addresses that send for it.
func suggestedSPF(f *facts) string {
	var terms []string
	for _, a := range f.spfFor {
		terms = append(terms, addrTerm(a.addr))
	}
	if f.mx != nil {
		switch f.mx.Kind {
		case delivery.MXExplicit:
			terms = append(terms, "mx")
		case delivery.MXImplicit:
			terms = append(terms, "a")
		case delivery.MXNull, delivery.MXNone, delivery.MXNoSuchDomain, delivery.MXUnknown:
		}
	}
	if len(terms) == 0 {
		return "publish an SPF record that names the servers that send, such as v=spf1 ip4:192.0.2.25 ~all; when nothing sends for the domain, v=spf1 -all"
	}
	return txtLine(spfPlace(f.spf), recordOf(append(terms, "~all")))
}

// wrongVersion is how a text begins that is meant to be SPF.
var wrongVersion = regexp.MustCompile(`(?i)^(?:v\s*[=:]\s*)?spf\s*1(?:[\s,;]+|$)`)

// repairedSPF is what was meant to be a record, with its version and its terms as
// they should be.
func repairedSPF(t *spf.Tree) string {
	text := strings.Trim(t.Similar[0], "\"' \t")
	version := wrongVersion.FindString(text)
	meant, _ := spf.Parse(spf.Version + " " + text[len(version):])
	terms, ok := meant.Mended()
	if repaired := recordOf(terms); version != "" && ok && isOffered(repaired) && len(t.Similar) == 1 {
		return txtLine(spfPlace(t), repaired)
	}
	return "write one record that begins with v=spf1 and a space, names the servers that send, and ends with ~all"
}

// mergedSPF is one record with the terms of several, all of which let somebody pass,
// so that their order does not matter.
func mergedSPF(t *spf.Tree) string {
	const otherwise = "write one record that names all servers that send, in place of these"
	var terms []string
	var ends []string
	lookups := 0
	for _, text := range t.Texts {
		record, _ := spf.Parse(text)
		mended, ok := record.Mended()
		if record, _ = spf.Parse(recordOf(mended)); !ok {
			return otherwise
		}
		for _, i := range record.Reached() {
			term := record.Terms[i]
			switch {
			case term.Kind == spf.KindAll && term.Qualifier != spf.QualifierPass:
				ends = append(ends, term.String())
			case term.Kind == spf.KindRedirect:
				terms = appendNew(terms, "include:"+term.Domain.String())
			case !isSender(term):
				return otherwise
			default:
				terms = appendNew(terms, term.String())
			}
		}
	}
	for _, term := range terms {
		if record, _ := spf.Parse(recordOf([]string{term})); record.Terms[0].Kind.CostsLookup() {
			lookups++
		}
	}
	merged := recordOf(append(terms, commonEnd(ends, len(t.Texts))))
	if !isOffered(merged) || lookups > spf.MaxLookups {
		return otherwise
	}
	return txtLine(spfPlace(t), merged)
}

// commonEnd is the more careful end of several records: "-all" when all refuse
// everybody else.
func commonEnd(ends []string, records int) string {
	if len(ends) == records && !slices.ContainsFunc(ends, func(end string) bool { return end != "-all" }) {
		return "-all"
	}
	return "~all"
}

func appendNew(list []string, item string) []string {
	if slices.Contains(list, item) {
		return list
	}
	return append(list, item)
}

// spfPlace is where the SPF record of a domain is, or has to be.
func spfPlace(t *spf.Tree) string { return placeOf(t.Answer, t.Domain) }

func retiredFix(t *spf.Tree) string {
	list := make([]string, len(t.Retired))
	for i, text := range t.Retired {
		list[i] = removal(strings.Replace(txtLine(spfPlace(t), text), " IN TXT ", " IN SPF ", 1))
	}
	return lines(list...)
}

// judgeSPFResults judges what SPF says about the sending addresses.
func judgeSPFResults(c *collector, f *facts) {
	for _, a := range f.spfFor {
		n := note{id: "spf-ip-not-allowed", subject: a.addr.String(), record: f.spf.Record.Text}
		switch a.Status {
		case spf.Pass, spf.None:
			continue
		case spf.TempError:
			n.id, n.what = "spf-ip-unknown", fmt.Sprintf("it could not be found out whether %s passes SPF", a.addr)
		case spf.PermError:
			n.what = fmt.Sprintf("%s does not pass SPF, because the record has a mistake", a.addr)
		case spf.Neutral, spf.Fail, spf.SoftFail:
			n.what = fmt.Sprintf("%s gets the SPF result %s", a.addr, a.Status)
			terms, ok := f.spf.Record.Mended()
			if !ok {
				terms = termTexts(f.spf.Record)
			}
			own := addrTerm(a.addr)
			n.fix = "write " + own + " into the SPF record, in front of all other terms"
			others := slices.DeleteFunc(terms, func(term string) bool { return term == own })
			if widened := recordOf(append([]string{own}, others...)); isOffered(widened) {
				n.fix = txtLine(spfPlace(f.spf), widened)
			}
		}
		c.add(n)
	}
}

func spfRecords(f *facts) SPFRecords {
	t := f.spf
	r := SPFRecords{
		Status: spfStatus(t), Records: t.Texts, Incomplete: t.Incomplete, Includes: includesOf(t.Record),
		Lookups: t.Cost.Lookups, VoidLookups: max(t.Cost.Void4, t.Cost.Void6),
	}
	if r.Status == SPFFound {
		r.Default = t.Default
	}
	t.All(func(path []string, below *spf.Tree) {
		if len(path) > 1 {
			r.AllIncludes = appendNew(r.AllIncludes, below.Domain)
		}
	})
	for _, a := range f.spfFor {
		r.Results = append(r.Results, SPFResult{Address: a.addr, Result: a.Status, Mechanism: a.Mechanism})
	}
	return r
}
