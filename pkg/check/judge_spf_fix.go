package check

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/spf"
)

// flat is the record with networks in place of what has to be looked up.
func (s *spfJudge) flat() string {
	published, err := spf.Flatten(s.t)
	if err != nil {
		return s.cheaper()
	}
	list := make([]string, len(published))
	for i, p := range published {
		list[i] = txtLine(p.Name, p.Text)
	}
	return lines(list...)
}

// networkHole is a term that only the reader can write.
const networkHole = "ip4:<network>"

// narrow is the record with the networks that are still to be named in place of
// those it has.
func (s *spfJudge) narrow() string {
	terms := []string{spf.Version, networkHole}
	for i, term := range s.t.Record.Terms {
		if networks, _ := s.t.Branches[i].Networks(); len(networks) == 0 || term.Kind == spf.KindAll {
			terms = append(terms, term.Text)
		}
	}
	return txtLine(s.t.Domain, strings.Join(terms, " "))
}

// cheaper is the record without the costliest terms, as many as it takes.
func (s *spfJudge) cheaper() string {
	terms, lookups, void := slices.Clone(s.t.Branches), s.t.Cost.Lookups, s.void
	for lookups > spf.MaxLookups || void > spf.MaxVoidLookups {
		worst := 0
		for i := range terms {
			if terms[i].Cost.Lookups > terms[worst].Cost.Lookups {
				worst = i
			}
		}
		cost := terms[worst].Cost
		lookups, void = lookups-cost.Lookups, void-max(cost.Void4, cost.Void6)
		terms = slices.Delete(terms, worst, worst+1)
		if cost.Lookups == 0 {
			break
		}
	}
	texts := []string{spf.Version}
	for _, b := range terms {
		texts = append(texts, b.Term.Text)
	}
	return "take out senders that you no longer use, or let them send from subdomains with records of their own; without the costliest it is\n" +
		txtLine(s.t.Domain, strings.Join(texts, " "))
}

// shorter makes room in the answer: it puts the networks of the record into one of
// their own, or else takes other TXT records away, the longest first.
func (s *spfJudge) shorter() string {
	excess := s.t.Size.Message - spf.MaxMessage
	if fix, saved := s.networksApart(); saved >= excess {
		return fix
	}
	records := s.t.Answer.Lines()
	slices.SortStableFunc(records, func(a, b string) int { return len(b) - len(a) })
	var gone []string
	for _, record := range records {
		if excess > 0 && !strings.Contains(record, `"`+spf.Version) {
			excess -= len(record) - len(s.t.Domain)
			gone = append(gone, removal(record))
		}
	}
	return "take away the TXT records that nobody asks for any more; without these it is short enough:\n" + lines(gone...)
}

// networksApart is the record with includes in place of its networks, the records
// that it includes, and how many octets the answer then lacks; zero when that would
// change what the record means, or cost a look-up too many.
func (s *spfJudge) networksApart() (fix string, saved int) {
	var networks, others []string
	for _, term := range s.t.Record.Terms {
		if term.Kind == spf.KindIP4 || term.Kind == spf.KindIP6 {
			networks = append(networks, term.Text)
		} else {
			others = append(others, term.Text)
		}
		if term.Kind.IsMechanism() && term.Kind != spf.KindAll && term.Qualifier != spf.QualifierPass {
			return "", 0 // the order of the terms matters
		}
	}
	main, parts := []string{spf.Version}, []string{""}
	for len(networks) > 0 {
		name := fmt.Sprintf("_spf%d.%s", len(parts), s.t.Domain)
		text := spf.Version
		for len(networks) > 0 && len(name)+len(text)+len(networks[0])+len("  -all") <= spf.MaxCombined {
			text, networks = text+" "+networks[0], networks[1:]
		}
		main, parts = append(main, "include:"+name), append(parts, txtLine(name, text+" -all"))
	}
	if s.t.Cost.Lookups+len(parts)-1 > spf.MaxLookups {
		return "", 0
	}
	record := strings.Join(append(main, others...), " ")
	parts[0] = txtLine(s.t.Domain, record)
	return lines(parts...), len(s.t.Record.Text) - len(record)
}

// without is the record without one term.
func (s *spfJudge) without(i int) string { return s.replaced(i, "") }

// replaced is the record with another text in place of a term, or at its end when
// i is -1. A record that would end without all or redirect gets "~all".
func (s *spfJudge) replaced(i int, text string) string {
	terms := []string{spf.Version}
	ends := false
	for j, term := range s.t.Record.Terms {
		if j == i {
			terms, ends = appendTerm(terms, text, ends)
			continue
		}
		terms = append(terms, term.Text)
		ends = ends || isEnd(term)
	}
	if i < 0 {
		terms, ends = appendTerm(terms, text, ends)
	}
	if !ends {
		terms = append(terms, "~all")
	}
	return txtLine(s.t.Domain, strings.Join(terms, " "))
}

// appendTerm adds a term, unless it is empty, and notes whether it ends a record.
func appendTerm(terms []string, text string, ends bool) (longer []string, nowEnds bool) {
	if text == "" {
		return terms, ends
	}
	record, _ := spf.Parse(spf.Version + " " + text)
	return append(terms, text), ends || len(record.Terms) == 1 && isEnd(record.Terms[0])
}

// isEnd reports whether a term says what everybody else gets.
func isEnd(term spf.Term) bool { return term.Kind == spf.KindAll || term.Kind == spf.KindRedirect }

func termTexts(record spf.Record) []string {
	texts := make([]string, len(record.Terms))
	for i, term := range record.Terms {
		texts[i] = term.Text
	}
	return texts
}

// addrTerm is the mechanism for one address.
func addrTerm(addr netip.Addr) string {
	if addr = addr.Unmap(); addr.Is4() {
		return "ip4:" + addr.String()
	}
	return "ip6:" + addr.String()
}

// short cuts a stranger's text for a message.
func short(text string) string {
	const most = 60
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
