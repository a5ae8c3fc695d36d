package bounce

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// An entry is what a text says about one recipient.
type entry struct {
	address delivery.Address
	text    string
}

// entries finds the recipients a text speaks of: lines that begin with an address,
// or with a label and an address. What follows up to the next is about them. When
// no line does, the first address in running text is taken.
func (m *message) entries() []entry {
	others := m.authors()
	found := collectEntries(m.human, func(line string) (delivery.Address, bool) {
		return addressLine(line, m.marks.Labels, others)
	})
	if len(found) == 0 {
		if a := m.mentioned(others); !a.IsZero() {
			found = []entry{{a, m.human}}
		}
	}
	if len(found) == 0 {
		return nil
	}
	m.assignMentions(found)
	return found
}

// collectEntries goes through a text and adds each line to the entry it belongs to.
func collectEntries(text string, begins func(string) (delivery.Address, bool)) []entry {
	var found []entry
	current := -1
	for line := range strings.Lines(text) {
		if a, ok := begins(line); ok && len(found) < maxRecipients {
			current = slices.IndexFunc(found, func(e entry) bool { return sameMailbox(e.address, a) })
			if current < 0 {
				found = append(found, entry{address: a})
				current = len(found) - 1
			}
		}
		if current >= 0 {
			found[current].text += line
		}
	}
	return found
}

// linePattern takes a line apart that begins with an address: what stands before
// it, the address, what follows.
var linePattern = regexp.MustCompile(`^[\s>*•|·-]*(?:\(?[0-9]{1,3}[.)]\s+)?([^<@]{0,60}?)\s*[<\["'(「]?(?:mailto:|smtp:|SMTP:|rfc822;\s*)?("[^"\s]{1,64}"@\S+|[^\s<>()\[\],;:"'@|「」（）：，、。【】《》]{1,64}@[\pL\pN._-]+[\pL\pN])[>\]"')」]?(.*)$`)

// addressLine reports whether a line begins a recipient's entry.
func addressLine(line string, labels, others []string) (delivery.Address, bool) {
	const longest = 400
	line = strings.TrimRight(line, " \t\r\n")
	if len(line) > longest || !strings.Contains(line, "@") || isCommand(line) {
		return delivery.Address{}, false
	}
	parts := linePattern.FindStringSubmatch(line)
	if parts == nil {
		return delivery.Address{}, false
	}
	label, rest := strings.TrimSpace(parts[1]), strings.TrimSpace(parts[3])
	if label != "" && !isLabel(label, labels) || label == "" && !endsAddress(rest) {
		return delivery.Address{}, false
	}
	a := parseLoose(strings.TrimRight(parts[2], "."))
	if a.IsZero() || isOther(parts[2], others) || isOffice(a) {
		return delivery.Address{}, false
	}
	return a, true
}

// isLabel reports whether the words before an address name a recipient.
func isLabel(label string, labels []string) bool {
	text := strings.TrimSpace(words(label))
	if slices.Contains(labels, text) {
		return true
	}
	// A display name before an address in angle brackets is no label.
	return false
}

// endsAddress reports whether what follows an address at the start of a line is
// nothing, punctuation, a date or the reason, and not the rest of a sentence.
func endsAddress(rest string) bool {
	if rest == "" {
		return true
	}
	switch rest[0] {
	case ':', ';', ',', '(', '[', '-', '=', '/', '|', '.', '<', '\'', '"':
		return true
	}
	text := words(rest)
	for _, start := range []string{" on ", " at ", " user ", " unknown ", " failed ", " mailbox ", " no such ", " invalid ", " 5", " 4", " reason ", " error ", " host ", " relay ", " was not ", " not ", " could not ", " couldn t ", " can t ", " cannot ", " does not ", " doesn t ", " is not ", " wasn t ", " s mailbox ", " address ", " r "} {
		if strings.HasPrefix(text, start) {
			return true
		}
	}
	return rest[0] >= 0x80
}

// isOther reports whether an address is one of ours.
func isOther(address string, others []string) bool {
	return slices.ContainsFunc(others, func(o string) bool { return strings.EqualFold(o, address) })
}

// isOffice reports whether an address is one to complain to.
func isOffice(a delivery.Address) bool {
	local := strings.ToLower(a.Local)
	switch local {
	case "postmaster", "mailer-daemon", "abuse", "hostmaster", "noreply", "no-reply", "helpdesk", "postmast", "mailmaster", "support":
		return true
	}
	return strings.HasPrefix(local, "postmaster")
}

// mentioned returns the address that running text is about: one the message that
// came back was sent to, else the first that is not ours.
func (m *message) mentioned(others []string) delivery.Address {
	var first delivery.Address
	to := m.originalTo()
	for _, s := range findAddresses(m.subject + "\n" + m.human) {
		a := parseLoose(s)
		if slices.ContainsFunc(to, func(t delivery.Address) bool { return sameMailbox(a, t) }) {
			return a
		}
		if first.IsZero() && !isOther(s, others) && !isOffice(a) {
			first = a
		}
	}
	return first
}

// assignMentions adds to each entry the lines elsewhere that name its address: a
// transcript below a list of failed addresses. What a transcript says without
// naming anybody belongs to the only one.
func (m *message) assignMentions(found []entry) {
	const most = 50 // more have no transcript
	if len(found) == 1 && len(found[0].text) != len(m.human) {
		found[0].text += "\n" + m.human
	}
	if len(found) == 1 || len(found) > most {
		return
	}
	for i := range found {
		e := &found[i]
		lower := strings.ToLower(e.address.Key())
		take := 0
		for line := range strings.Lines(m.human) {
			switch {
			case strings.Contains(strings.ToLower(line), lower):
				take = 2
			case take > 0 && !strings.HasPrefix(strings.TrimSpace(line), "<<<"):
				take--
				continue
			}
			if take > 0 && !strings.Contains(e.text, line) && len(e.text) < maxHuman {
				e.text += line
			}
		}
	}
}
