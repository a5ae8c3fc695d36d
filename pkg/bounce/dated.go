package bounce

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// datePattern finds the date that Exchange puts behind a recipient, with whatever name
// before: "Anna Smith (anna@one.example) on 16.11.2026 09:15".
var datePattern = regexp.MustCompile(`^(?:on|am|le|el) (?:[A-Z][a-z]{2}, )?[0-9]{1,4}[ ./-]`)

// namedPattern finds a recipient of whom there is nothing but the name before that date.
var namedPattern = regexp.MustCompile(`^\s+([^\s@:<>][^@:<>\n]{0,60}?) (?:on|am|le|el) [0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4},? [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: [AP]M)?\s*$`)

// datedName returns the name of the recipient with which a line begins an entry; empty
// when it does not, or names the address.
func datedName(line string) string {
	const longest = 200
	text := strings.TrimSpace(line)
	if text == "" || len(text) > longest || line[0] != ' ' && line[0] != '\t' || !isDigit(text[len(text)-1]) && text[len(text)-1] != 'M' {
		return ""
	}
	if found := namedPattern.FindStringSubmatch(line); found != nil {
		return found[1]
	}
	return ""
}

// withAddresses gives entries of which the name is known the first address in their text
// that may be a recipient's. It leaves out those without, and those of an address that has
// an entry.
func (m *message) withAddresses(entries []entry, others []string) []entry {
	var known []entry
	for _, e := range entries {
		if e.address.Domain == "" {
			e.address = delivery.Address{}
			for _, s := range findAddresses(e.text) {
				if a := parseLoose(s); e.address.IsZero() && !isOther(s, others) && !isOffice(a) && !m.marks.isOfOther(e.text, s) {
					e.address = a
				}
			}
			same := func(k entry) bool { return sameMailbox(k.address, e.address) }
			if e.address.IsZero() || slices.ContainsFunc(entries, same) || slices.ContainsFunc(known, same) {
				continue
			}
		}
		known = append(known, e)
	}
	return known
}
