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
// no line does, running text is searched.
func (m *message) entries() []entry {
	found := m.lineEntries()
	if len(found) == 0 {
		found = m.unlabelled(m.authors())
	}
	if len(found) == 0 {
		return nil
	}
	m.assignMentions(found)
	return found
}

// lineEntries finds the recipients that lines begin with.
func (m *message) lineEntries() []entry {
	others := m.authors()
	found := collectEntries(m.human, func(line string) []delivery.Address {
		if name := datedName(line); name != "" {
			return []delivery.Address{{Local: name}}
		}
		named, rest := addressLine(line, m.marks.labels, others)
		if len(named) > 0 && isOffice(named[0]) && !m.failedOffice(named[0], line, rest) {
			return nil
		}
		return named
	})
	return m.withAddresses(found, others)
}

// failedOffice reports whether a line that begins with the address of an office is about mail
// to it: by its form, by the reason behind it, or since the message was sent there.
func (m *message) failedOffice(office delivery.Address, line, rest string) bool {
	if _, tells := m.marks.reason(words(rest)); tells || startsEntry(strings.TrimSpace(line)) || replyIn(rest).Code != 0 {
		return true
	}
	return slices.ContainsFunc(m.originalTo(), func(to delivery.Address) bool { return sameMailbox(to, office) })
}

// collectEntries goes through a text and adds each line to the entries it belongs
// to: those of the addresses that were named last, as long as all of them together
// have room for it.
func collectEntries(text string, begins func(string) []delivery.Address) []entry {
	var found []entry
	var texts []*strings.Builder
	var current []int
	for line := range strings.Lines(text) {
		if named := begins(line); len(named) > 0 && len(found) < maxRecipients {
			current = current[:0]
			for _, a := range named {
				i := slices.IndexFunc(found, func(e entry) bool { return sameMailbox(e.address, a) })
				if i < 0 {
					i = len(found)
					found, texts = append(found, entry{address: a}), append(texts, new(strings.Builder))
				}
				current = append(current, i)
			}
		}
		for _, i := range current {
			if texts[i].Len() < maxHuman/len(current) {
				texts[i].WriteString(line)
			}
		}
	}
	for i := range found {
		found[i].text = texts[i].String()
	}
	return found
}

// linePattern takes a line apart that begins with an address: what stands before
// it, the address, what follows.
var linePattern = regexp.MustCompile(`^[\s>*•|·-]*(?:\(?[0-9]{1,3}[.)]\s+)?([^<@]{0,60}?)\s*[<\["'(「]?(?:mailto:|smtp:|SMTP:|rfc822;\s*)?("[^"\n]{1,64}"@\S+|[^\s<>()\[\],;:"'@|「」（）：，、。【】《》]{1,64}@[\pL\pN._-]+[\pL\pN])[>\]"')」]?(.*)$`)

// addressLine returns the addresses with which a line begins the entries of
// recipients: one, or several with commas between them and nothing else; none when
// it is another line. rest is what follows the first.
func addressLine(line string, labels, others []string) (named []delivery.Address, rest string) {
	const longest = 1000
	line = strings.TrimRight(line, " \t\r\n")
	if len(line) > longest || !strings.Contains(line, "@") || isCommand(line) {
		return nil, ""
	}
	parts := linePattern.FindStringSubmatch(apart(line))
	if parts == nil {
		return nil, ""
	}
	label, rest := strings.TrimSpace(parts[1]), strings.TrimSpace(parts[3])
	known := label == "" && endsAddress(rest) || slices.Contains(labels, strings.TrimSpace(words(label)))
	if !known && !datePattern.MatchString(rest) {
		return nil, ""
	}
	a := parseNamed(strings.TrimRight(parts[2], "."))
	if isLocal(a) && a.Domain != "localhost" && label == "" && !standsAlone(line, rest) {
		return nil, ""
	}
	if a.IsZero() || isOther(parts[2], others) {
		return nil, ""
	}
	return append([]delivery.Address{a}, listed(rest, others)...), rest
}

// standsAlone reports whether a line that begins with an address is of a form in which
// nothing else can be meant: nothing behind it, or angle brackets or a colon.
func standsAlone(line, rest string) bool {
	return rest == "" || rest[0] == ':' || strings.HasPrefix(strings.TrimLeft(line, " \t*-"), "<")
}

// listed returns the addresses of the rest of a list.
func listed(rest string, others []string) []delivery.Address {
	if rest == "" || rest[0] != ',' && rest[0] != ';' {
		return nil
	}
	var more []delivery.Address
	for piece := range strings.FieldsFuncSeq(rest, func(r rune) bool { return r == ',' || r == ';' }) {
		a := parseLoose(strings.Trim(piece, " <>"))
		if a.IsZero() && strings.TrimSpace(piece) != "" {
			return nil
		}
		if !a.IsZero() && !isOther(a.String(), others) {
			more = append(more, a)
		}
	}
	return more
}

// endsAddress reports whether what follows an address at the start of a line is
// nothing, punctuation, a date or the reason, and not the rest of a sentence.
func endsAddress(rest string) bool {
	if rest == "" {
		return true
	}
	switch rest[0] {
	case ':', ';', ',', '(', '[', '-', '=', '/', '|', '<', '\'', '"':
		return true
	case '.': // ". Write" ends a sentence that began above
		if rest == "." || rest[1] != ' ' {
			return true
		}
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
	case "postmaster", "mailer-daemon", "abuse", "hostmaster", "noreply", "no-reply", "helpdesk", "postmast", "mailmaster", "support",
		"help", "hotline", "it-support", "servicedesk", "webmaster":
		return true
	}
	return strings.HasPrefix(local, "postmaster")
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
