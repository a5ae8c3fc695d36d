package bounce

import (
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// isOfOther reports whether a text says of an address, where it first names it, that
// somebody be asked there, or that it is no recipient's.
func (m *marks) isOfOther(text, address string) bool {
	const near = 40 // octets before it
	at := max(0, strings.Index(text, address))
	before := words(text[max(0, at-near):at])
	return slices.ContainsFunc(m.contacts, func(phrase string) bool { return strings.HasSuffix(before, " "+phrase+" ") })
}

// told finds recipients among the addresses that are ours or a list's, where a line
// calls one the recipient, or has the reason behind it: servers tell recipients, too,
// what they refused for them.
func (m *message) told() []entry {
	others := append(m.header.addresses("From", "Sender"), m.original.addresses("From")...)
	return collectEntries(m.human, func(line string) []delivery.Address {
		named, rest := addressLine(line, m.marks.labels, others)
		if len(named) != 1 || isOffice(named[0]) {
			return nil
		}
		reason, tells := m.marks.reason(words(rest))
		tells = tells && reason.Info().Scope == delivery.ScopeRecipient
		label, _, _ := strings.Cut(line, named[0].Local)
		if tells || strings.TrimSpace(words(label)) != "" {
			return named
		}
		return nil
	})
}

// unlabelled finds the recipient that running text is about: one the message that
// came back was sent to, else one of ours that is called so, else those that are
// listed by their names alone, else the first that is not ours.
func (m *message) unlabelled(others []string) []entry {
	var first delivery.Address
	to := slices.Concat(m.originalTo(), m.receivedFor())
	from := m.header.addresses("From")
	text := m.subject + "\n" + m.human
	for _, s := range findAddresses(text) {
		a := parseLoose(s)
		if !isOther(s, from) && slices.ContainsFunc(to, func(t delivery.Address) bool { return sameMailbox(a, t) }) {
			return []entry{{a, m.human}}
		}
		if first.IsZero() && !isOther(s, others) && !isOffice(a) && !m.marks.isOfOther(text, s) {
			first = a
		}
	}
	if found := m.told(); len(found) > 0 {
		return found
	}
	if m.fromProgram() {
		if found := m.nameless(to); len(found) > 0 {
			return found
		}
	}
	if first.IsZero() {
		return nil
	}
	return []entry{{first, m.human}}
}
