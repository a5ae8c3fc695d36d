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
	if err != nil || !s.unchanged() {
		return s.cheaper()
	}
	if record, _ := spf.Parse(published[0].Text); !s.closed && !slices.ContainsFunc(record.Terms, isSender) {
		return "name the servers that send, with ip4: and ip6:, in place of the terms that find nothing"
	}
	list := make([]string, len(published))
	for i, p := range published {
		list[i] = txtLine(p.Name, p.Text)
	}
	list[0] = txtLine(spfPlace(s.t), published[0].Text)
	return lines(list...)
}

// unchanged reports whether all terms are as they were meant.
func (s *spfJudge) unchanged() bool {
	return s.told && slices.Equal(s.mended, termTexts(s.t.Record))
}

// narrow says in place of which terms narrower ones are needed.
func (s *spfJudge) narrow() string {
	const most = 3
	var names []string
	for i := range s.t.Branches {
		if _, wide := wideNetwork(&s.t.Branches[i]); wide && len(names) < most {
			names = append(names, printed(s.t.Branches[i].Term.Text))
		}
	}
	if names == nil {
		names = []string{"the widest"}
	}
	return "name the servers that send, with ip4: and ip6:, in place of " + strings.Join(names, " and ")
}

// wideNetwork returns the first network of a term that is larger than what one
// sender can have.
func wideNetwork(b *spf.Branch) (netip.Prefix, bool) {
	const widest4, widest6 = 16, 32
	networks, _ := b.Networks()
	for _, network := range networks {
		if network.Addr().Is4() && network.Bits() < widest4 || network.Addr().Is6() && network.Bits() < widest6 {
			return network, true
		}
	}
	return netip.Prefix{}, false
}

// cheaper is the record without the costliest terms, as many as it takes.
func (s *spfJudge) cheaper() string {
	const todo = "take out senders that you no longer use, or let them send from subdomains with records of their own"
	terms, lookups, void := slices.Clone(s.mended), s.t.Cost.Lookups, s.void
	for lookups > spf.MaxLookups || void > spf.MaxVoidLookups {
		worst := -1
		for i := range terms {
			if terms[i] != "" && (worst < 0 || s.t.Branches[i].Cost.Lookups > s.t.Branches[worst].Cost.Lookups) {
				worst = i
			}
		}
		if worst < 0 || s.t.Branches[worst].Cost.Lookups == 0 {
			break
		}
		cost := s.t.Branches[worst].Cost
		lookups, void = lookups-cost.Lookups, void-max(cost.Void4, cost.Void6)
		terms[worst] = ""
	}
	line, ok := s.offerTerms(terms)
	if !ok {
		return todo
	}
	return todo + "; without the costliest it is\n" + line
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
	if gone == nil {
		return "shorten the SPF record: write parts of it into records of their own, and include these"
	}
	return "take away the TXT records that nobody asks for any more; without these it is short enough:\n" + lines(gone...)
}

// networksApart is the record with includes in place of its networks, the records
// that it includes, and how many octets the answer then lacks; zero when that would
// change what the record means, or cost a look-up too many.
func (s *spfJudge) networksApart() (fix string, saved int) {
	if !s.unchanged() {
		return "", 0
	}
	var networks, others []string
	for i, term := range s.t.Record.Terms {
		if term.Kind.IsMechanism() && !s.t.Branches[i].Reached {
			return "", 0 // it must not pass all of a sudden
		}
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
	parts[0] = txtLine(spfPlace(s.t), record)
	return lines(parts...), len(s.t.Record.Text) - len(record)
}

// without is the record without one term, or else the words.
func (s *spfJudge) without(i int, otherwise string) string {
	if line, ok := s.offer(i, ""); ok {
		return line
	}
	return otherwise
}

// ending is the record with "~all" in place of a term, or at its end when i is -1.
func (s *spfJudge) ending(i int) string {
	if line, ok := s.offer(i, "~all"); ok {
		return line
	}
	return "name the servers that send, with ip4: and ip6:, and end the SPF record with ~all"
}

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
