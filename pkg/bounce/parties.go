package bounce

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// addressees returns the addresses the message itself was sent to: ours.
func (m *message) addressees() []string {
	return m.header.addresses("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
}

// authors returns the addresses that are never a recipient the message did not
// reach: of who wrote it, of the mailing list that carried it, and of who reports.
func (m *message) authors() []string {
	if m.notSent == nil {
		m.notSent = m.readAuthors()
	}
	return m.notSent
}

func (m *message) readAuthors() []string {
	all := append(m.lists(), m.header.addresses("To", "Delivered-To", "Envelope-To", "X-Envelope-To", "From")...)
	if m.header.has("Delivered-To") { // else it may be left from the message that came back
		all = append(all, m.header.addresses("X-Original-To")...)
	}
	all = append(all, m.header.addresses("List-Unsubscribe", "List-Subscribe", "List-Help", "List-Owner")...)
	return append(all, m.original.addresses("From", "Sender", "Reply-To", "Return-Path", "Errors-To")...)
}

// lists returns the mailing lists that carried the message that came back.
func (m *message) lists() []string {
	var all []string
	for _, ours := range m.addressees() {
		if list := listOf(ours); list != "" {
			all = append(all, list)
		}
	}
	all = append(all, m.header.addresses("List-Post", "X-BeenThere")...)
	return append(all, m.original.addresses("List-Post", "X-BeenThere", "X-Mailing-List")...)
}

// listOf returns the mailing list that a return-path such as "list-bounces@…" is
// of; empty for another address.
func listOf(returnPath string) string {
	local, domain, _ := strings.Cut(returnPath, "@")
	local, _, _ = strings.Cut(local, "+")
	if list, ok := strings.CutPrefix(local, "owner-"); ok && list != "" {
		return list + "@" + domain
	}
	for _, suffix := range []string{"-bounces", "-bounce", "-admin", "-owner", "-errors", "-request"} {
		if list, ok := strings.CutSuffix(local, suffix); ok && list != "" {
			return list + "@" + domain
		}
	}
	return ""
}

// refusingList returns the mailing list that says, in the name of the address that its
// own bounces go to, that it rejected a message to it, and sends that back or begins
// with whom it was for; zero when none does.
func (m *message) refusingList() delivery.Address {
	said := words(m.human)
	if !strings.Contains(said, " rejected ") {
		return delivery.Address{}
	}
	begins := strings.HasPrefix(said, " your request to ") || strings.HasPrefix(said, " your message to ")
	sentTo := m.original.addresses("To", "Cc")
	authors := m.header.addresses("From")
	for _, from := range append(authors, m.header.addresses("Return-Path")...) {
		if list := listOf(from); list != "" && (isOther(list, sentTo) || begins && isOther(from, authors)) {
			return parseLoose(list)
		}
	}
	return delivery.Address{}
}

// originalTo returns whom the message that came back was addressed to, by its
// envelope or its author: whoever is not its author too, if anybody is not.
func (m *message) originalTo() []delivery.Address {
	if m.sentTo == nil {
		m.sentTo = m.readOriginalTo()
	}
	return m.sentTo
}

func (m *message) readOriginalTo() []delivery.Address {
	addresses := m.original.addresses("X-Failed-Recipients", "Delivered-To", "X-Envelope-To", "Envelope-To", "X-Rcpt-To", "To")
	if len(addresses) > 0 || !strings.Contains(m.original.get("To"), "@") { // else it was to somebody whose address is none
		addresses = append(addresses, m.original.addresses("Cc")...)
	}
	lists, authors := m.lists(), m.authors()
	to, both := []delivery.Address{}, []delivery.Address{}
	for _, s := range addresses {
		a := parseNamed(s)
		switch {
		case isOther(s, lists) || slices.Contains(to, a) || slices.Contains(both, a):
		case isOther(s, authors):
			both = append(both, a)
		default:
			to = append(to, a)
		}
	}
	if len(to) == 0 {
		return both
	}
	return to
}

// forPattern finds whom a server took a message for (RFC 5321 §4.4).
var forPattern = regexp.MustCompile(`\sfor\s+<?([^\s<>;]{1,64}@[^\s<>;]{1,255})>?`)

// receivedFor returns whom servers took the message that came back for, the last
// server first.
func (m *message) receivedFor() []delivery.Address {
	var all []delivery.Address
	authors := m.authors()
	for _, value := range m.original.all("Received") {
		if found := forPattern.FindStringSubmatch(value); len(found) > 1 && !isOther(found[1], authors) {
			if a := parseNamed(found[1]); !a.IsZero() {
				all = append(all, a)
			}
		}
	}
	return all
}
