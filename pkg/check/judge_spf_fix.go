package check

import (
	"net/netip"
	"strings"

	"github.com/mailctl/mailctl/pkg/spf"
)

// flat is the record with networks in place of what has to be looked up.
func (s *spfJudge) flat() string {
	published, err := spf.Flatten(s.t)
	if err != nil {
		return "take out terms of senders that you no longer use, or send from subdomains with records of their own"
	}
	list := make([]string, len(published))
	for i, p := range published {
		list[i] = txtLine(p.Name, p.Text)
	}
	return lines(list...)
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
