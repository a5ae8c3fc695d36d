package bounce

import (
	"bytes"
	"net/mail"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// deliveryStatus returns the machine-readable part of a delivery report. It must
// be a part of the message itself: of a multipart/report (RFC 6522 §3), or of
// another message that is from a program that reports, or is a report and nothing else.
func (m *message) deliveryStatus() *part {
	if isStatus(m.part) {
		return m.part
	}
	if m.media != "multipart/report" && (!strings.HasPrefix(m.media, "multipart/") || isAnswer(m.subject) || !m.fromProgram() && !m.onlyReports()) {
		return nil
	}
	for _, p := range m.children {
		if isStatus(p) {
			return p
		}
		for _, inner := range p.children { // some gateways wrap the report once more
			if isStatus(inner) && m.fromProgram() {
				return inner
			}
		}
	}
	return nil
}

// onlyReports reports whether the parts of a message are those of a delivery report, in
// their order and none besides, and its text says that it is one. To an ordinary mail
// somebody has added words, or it answers one.
func (m *message) onlyReports() bool {
	const parts = 3 // text, status, message (RFC 6522 §3)
	return len(m.children) == parts && m.children[0].media == "text/plain" && isStatus(m.children[1]) && isReturned(m.children[2]) &&
		!m.header.has("In-Reply-To", "References") && m.marks.says(words(m.human), KindBounce)
}

// A statusGroup is the fields about one recipient (RFC 3464 §2.3).
type statusGroup struct{ header }

// statusGroups takes a delivery status apart: the fields of the message, then a
// group for each recipient (RFC 3464 §2.1). Empty lines may be missing.
func statusGroups(p *part) (message header, groups []statusGroup) {
	rest := p.content()
	if p.params["charset"] != "" || !bytes.Equal(rest, p.body) {
		rest = decodeCharset(rest, p.params["charset"])
	}
	var current header
	for len(rest) > 0 {
		var h header
		before := len(rest)
		h, rest = parseStatus(rest)
		for _, f := range h {
			name := strings.ToLower(f.name)
			begins := name == "final-recipient" && current.has("Final-Recipient") ||
				name == "original-recipient" && current.has("Original-Recipient")
			if begins {
				groups = append(groups, statusGroup{current})
				current = nil
			}
			current = append(current, f)
		}
		if current.has("Final-Recipient", "Original-Recipient", "Action", "Status", "X-Actual-Recipient") && len(rest) < before {
			groups = append(groups, statusGroup{current})
			current = nil
		} else if len(current) > 0 {
			message = append(message, current...)
			current = nil
		}
		if len(rest) == before || len(groups) > maxRecipients { // a line that is no field
			_, rest = cutLine(rest)
		}
	}
	return message, mergeGroups(groups)
}

// parseStatus reads a group of fields as [parseHeader] does. A line that is no field
// below a Diagnostic-Code is the rest of it, its indentation lost.
func parseStatus(raw []byte) (h header, rest []byte) {
	h, rest = parseHeader(raw)
	for len(rest) > 0 && len(h) > 0 && len(h) < maxFields && isDiagnostic(h[len(h)-1]) && !endsEmpty(raw[:len(raw)-len(rest)]) {
		var more header
		var line []byte
		line, rest = cutLine(rest)
		h.fold(line)
		more, rest = parseHeader(rest)
		h = append(h, more...)
	}
	return h, rest
}

func isDiagnostic(f field) bool { return strings.EqualFold(f.name, "Diagnostic-Code") }

// endsEmpty reports whether text ends with an empty line.
func endsEmpty(text []byte) bool {
	end := text[len(bytes.TrimRight(text, " \t\r\n")):]
	return bytes.Count(end, []byte("\n")) > 1
}

// mergeGroups puts fields that an empty line tore off a recipient back to it: to the
// one above, or the first.
func mergeGroups(groups []statusGroup) []statusGroup {
	var merged []statusGroup
	var early header
	for _, g := range groups {
		whose := g.has("Final-Recipient", "Original-Recipient", "X-Actual-Recipient")
		switch {
		case !whose && len(merged) > 0:
			last := &merged[len(merged)-1]
			last.header = append(last.header, g.header...)
		case !whose && len(groups) > 1:
			early = append(early, g.header...)
		default:
			merged = append(merged, statusGroup{append(g.header, early...)})
			early = nil
		}
	}
	if len(merged) == 0 && len(early) > 0 {
		merged = append(merged, statusGroup{early})
	}
	return merged
}

// recipient returns whom a group is about. A final recipient that is no address,
// such as a local user or a program, gives way to what else names one.
func (g statusGroup) recipient() (final, original delivery.Address) {
	original = parseTyped(g.get("Original-Recipient"))
	for _, name := range []string{"Final-Recipient", "X-Actual-Recipient", "X-Display-Name"} {
		if a := parseTyped(g.get(name)); final.IsZero() || !a.IsZero() && isLocal(final) && !isLocal(a) {
			final = a
		}
	}
	switch {
	case final.IsZero(), isLocal(final) && !original.IsZero() && !isLocal(original):
		final, original = original, delivery.Address{}
	case sameMailbox(final, original):
		original = delivery.Address{}
	}
	return final, original
}

// kind returns what an Action says (RFC 3464 §2.3.3); without one, the status does.
func (g statusGroup) kind() (Kind, bool) {
	action := strings.ToLower(strings.TrimSpace(g.get("Action")))
	action, _, _ = strings.Cut(action, " ")
	switch strings.Trim(action, "();") {
	case "failed", "failure", "deny", "denied", "rejected", "bounced", "undeliverable":
		return KindBounce, true
	case "delayed", "delay", "deferred":
		return KindDelay, true
	case "delivered", "relayed", "expanded":
		return KindDelivered, true
	}
	switch code := g.status(); code.Class {
	case 2:
		return KindDelivered, true
	case 4, 5:
		return KindBounce, true
	}
	return KindBounce, g.has("Diagnostic-Code")
}

// status reads the Status field (RFC 3464 §2.3.4), also one with more than the code
// in it.
func (g statusGroup) status() delivery.EnhancedCode {
	value := g.get("Status")
	for piece := range strings.FieldsFuncSeq(value, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }) {
		if reply, err := delivery.ParseReply(strings.Trim(piece, ".") + " x"); err == nil && !reply.Enhanced.IsZero() {
			return reply.Enhanced
		}
	}
	return replyIn(value).Enhanced
}

// statusComment returns what stands in parentheses behind the code of the Status field,
// as RFC 3464 §2.3.4 allows.
func (g statusGroup) statusComment() string {
	_, comment, ok := strings.Cut(strings.TrimSpace(g.get("Status")), "(")
	if !ok || !strings.HasSuffix(comment, ")") {
		return ""
	}
	return strings.TrimSuffix(comment, ")")
}

// statusReports makes a report of each recipient in a delivery status.
func (m *message) statusReports(p *part) []Report {
	about, groups := statusGroups(p)
	mta := typeless(about.get("Reporting-MTA"))
	arrival, _ := mail.ParseDate(about.get("Arrival-Date"))
	entries := m.entries()
	var reports []Report
	for _, g := range groups {
		kind, ok := g.kind()
		if !ok {
			continue
		}
		r := Report{Kind: kind, ReportingMTA: mta, RemoteMTA: typeless(g.get("Remote-MTA")), Arrival: arrival, MessageID: m.messageID(), Structured: true}
		r.Recipient, r.Original = g.recipient()
		if r.Recipient.IsZero() {
			r.Recipient = m.unnamed(g, len(groups), entries)
		} else if isLocal(r.Recipient) {
			r.Recipient = m.inDomain(r.Recipient)
		}
		m.judgeStatus(&r, g, entries, len(groups))
		reports = append(reports, r)
	}
	return reports
}

// unnamed finds the recipient when the delivery status does not name one by its
// address: the one of that name to whom the message was sent, else the only one.
func (m *message) unnamed(g statusGroup, groups int, entries []entry) delivery.Address {
	if name := typeless(g.get("Final-Recipient")); name != "" {
		for _, a := range slices.Concat(m.originalTo(), m.receivedFor()) {
			if strings.EqualFold(a.Local, strings.Trim(name, "<>")) {
				return a
			}
		}
	}
	if groups != 1 {
		return delivery.Address{}
	}
	return m.onlyRecipient(entries)
}

// inDomain returns an address at a host of a network without a domain as the one of
// the same name to which the message was sent, if there is one.
func (m *message) inDomain(local delivery.Address) delivery.Address {
	for _, a := range slices.Concat(m.originalTo(), m.receivedFor(), []delivery.Address{m.verpRecipient()}) {
		if strings.EqualFold(a.Local, local.Local) && !isLocal(a) {
			return a
		}
	}
	return local
}

// typeless takes the type off a field such as "dns; mx.example.com".
func typeless(value string) string {
	if _, name, ok := strings.Cut(value, ";"); ok {
		value = name
	}
	return clean(value)
}
