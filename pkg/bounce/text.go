package bounce

import (
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// textReports makes reports of a message in free text.
func (m *message) textReports(kind Kind) []Report {
	entries := m.entries()
	named := m.named()
	switch {
	case len(named) == 1 && len(entries) <= 1:
		entries = []entry{{named[0], m.human}}
	case len(named) > 0:
		entries = m.entriesOf(named, entries)
	case len(entries) == 0:
		entries = []entry{{m.onlyRecipient(nil), m.human}}
	}
	reports := make([]Report, 0, len(entries))
	for _, e := range entries {
		reports = append(reports, m.textReport(kind, e, len(entries)))
	}
	return reports
}

// fewRecipients is for how many all of a text is looked at again for each.
const fewRecipients = 50

// textReport makes the report of one recipient of several.
func (m *message) textReport(kind Kind, e entry, of int) Report {
	only, few := of == 1, of <= fewRecipients
	r := Report{Kind: kind, Recipient: e.address, MessageID: m.messageID()}
	candidates := []candidate{m.entryCandidate(e, delivery.EnhancedCode{})}
	if only || few && e.text != "" && !m.tellsOfItsOwn(e) && candidates[0].reply.Code == 0 && worthOf(m.verdict(&r, candidates[0])) == 0 {
		candidates = append(candidates, m.entryCandidate(entry{text: m.subject + "\n" + m.human}, delivery.EnhancedCode{}))
	}
	m.judge(&r, candidates)
	if only && r.Reply.Code == 0 && worthOf(r.Verdict) == 0 {
		// It may stand below the message that came back.
		if reply := replyIn(m.below); reply.Code != 0 {
			m.judge(&r, []candidate{{reply: reply, text: reply.Text()}})
		}
	}
	return r
}

// tellsOfItsOwn reports whether an entry has words right below its address: what others
// were refused for is then not why this one was, even when nobody understands the words.
func (m *message) tellsOfItsOwn(e entry) bool {
	const few = 3 // words
	_, below, _ := strings.Cut(e.text, "\n")
	paragraph, _, _ := strings.Cut("\n"+below, "\n\n")
	return len(strings.Fields(words(m.withoutPhrases(paragraph)))) > few
}

// named returns the recipients that a header field or a disposition notification names,
// or the mailing list that refused.
func (m *message) named() []delivery.Address {
	var all []delivery.Address
	for _, name := range []string{"X-Failed-Recipients", "X-Actual-Recipient"} {
		for _, value := range m.header.all(name) {
			for piece := range strings.SplitSeq(value, ",") {
				if a := parseMailbox(piece); !a.IsZero() && len(all) < maxRecipients {
					all = append(all, a)
				}
			}
		}
		if len(all) > 0 {
			return all
		}
	}
	if fields, ok := m.disposition(); ok {
		if a := parseTyped(fields.get("Final-Recipient")); !a.IsZero() {
			return []delivery.Address{a}
		}
	}
	if list := m.refusingList(); !list.IsZero() {
		return []delivery.Address{list}
	}
	return nil
}

// entriesOf pairs named recipients with what the text says about them: about each, or
// about the addresses that it was made into. Of the others it says what is about none
// of these, which may be nothing.
func (m *message) entriesOf(named []delivery.Address, entries []entry) []entry {
	paired := make([]entry, len(named))
	taken := make([]bool, len(entries))
	for i, a := range named {
		var text strings.Builder
		own := slices.IndexFunc(entries, func(e entry) bool { return sameMailbox(e.address, a) })
		for j, e := range entries {
			if j == own || own < 0 && len(named) <= fewRecipients && m.isMadeOf(e.address, a) {
				text.WriteString(e.text)
				taken[j] = true
			}
		}
		paired[i] = entry{a, text.String()}
	}
	if len(named) > fewRecipients {
		return paired
	}
	rest := m.human
	if slices.Contains(taken, true) {
		rest = textOf(entries, taken)
	}
	for i := range paired {
		if paired[i].text == "" {
			paired[i].text = rest
		}
	}
	return paired
}

// textOf returns the text of the entries that are not taken.
func textOf(entries []entry, taken []bool) string {
	var text strings.Builder
	for i, e := range entries {
		if !taken[i] {
			text.WriteString(e.text)
		}
	}
	return text.String()
}

// onlyRecipient finds the recipient when nothing names one as failed: whom the
// text mentions, whom our return-path names, the only one the message that came
// back was addressed to, or whom it was last taken for.
func (m *message) onlyRecipient(entries []entry) delivery.Address {
	if len(entries) == 1 {
		return entries[0].address
	}
	if a := m.verpRecipient(); !a.IsZero() {
		return a
	}
	if to := m.originalTo(); len(to) == 1 {
		return to[0]
	}
	if to := m.receivedFor(); len(to) > 0 {
		return to[0]
	}
	return delivery.Address{}
}
