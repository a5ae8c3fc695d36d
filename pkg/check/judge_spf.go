package check

import (
	"errors"
	"fmt"
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
			record: lines(t.Texts...), fix: txtLine(t.Domain, mergedSPF(t.Texts)),
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
			record: lines(t.Similar...), fix: txtLine(t.Domain, repairedSPF(t.Similar[0], suggestedSPF(f))),
		})
		return
	}
	if c.has("mx-no-such-domain") || f.nullMX() {
		return
	}
	c.add(note{id: "spf-missing", fix: txtLine(t.Domain, suggestedSPF(f))})
}

// suggestedSPF is a record to begin with: the domain's own mail servers and the
// addresses that send for it.
func suggestedSPF(f *facts) string {
	terms := []string{spf.Version}
	for _, a := range f.spfFor {
		terms = append(terms, addrTerm(a.addr))
	}
	if f.mx != nil {
		switch f.mx.Kind {
		case delivery.MXExplicit:
			terms = append(terms, "mx")
		case delivery.MXImplicit:
			terms = append(terms, "a")
		case delivery.MXNull, delivery.MXNone, delivery.MXNoSuchDomain:
			if len(terms) == 1 {
				return spf.Version + " -all"
			}
		case delivery.MXUnknown:
		}
	}
	return strings.Join(append(terms, "~all"), " ")
}

// repairedSPF takes quotes and odd spaces out of what was meant to be a record;
// when that is not enough, it is the other text.
func repairedSPF(text, otherwise string) string {
	text = strings.Join(strings.Fields(strings.Trim(strings.TrimSpace(text), `"'`)), " ")
	if rest, ok := strings.CutPrefix(strings.ToLower(text), "spf1 "); ok {
		text = spf.Version + " " + rest
	}
	if _, err := spf.Parse(text); err == nil {
		return text
	}
	return otherwise
}

// mergedSPF is one record with the terms of several.
func mergedSPF(texts []string) string {
	terms := []string{spf.Version}
	end := ""
	for _, text := range texts {
		record, err := spf.Parse(text)
		if errors.Is(err, spf.ErrNotSPF) {
			continue
		}
		for _, term := range record.Terms {
			switch {
			case term.Err != nil:
			case term.Kind == spf.KindAll:
				end = softer(end, term.String())
			case term.Kind == spf.KindRedirect:
				terms = appendNew(terms, "include:"+term.Domain.String())
			default:
				terms = appendNew(terms, term.String())
			}
		}
	}
	return strings.Join(append(terms, softer(end, "")), " ")
}

// softer is the more careful of two ends of a record: "~all" unless both refuse
// everybody else.
func softer(a, b string) string {
	if (a == "-all" || a == "") && b == "-all" || a == "-all" && b == "" {
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

func retiredFix(t *spf.Tree) string {
	list := make([]string, len(t.Retired))
	for i, text := range t.Retired {
		list[i] = removal(strings.Replace(txtLine(t.Domain, text), " IN TXT ", " IN SPF ", 1))
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
			texts := append([]string{addrTerm(a.addr)}, termTexts(f.spf.Record)...)
			n.fix = txtLine(f.domain, spf.Version+" "+strings.Join(texts, " "))
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
