package bounce

import (
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// withoutPhrases leaves out the lines that every report has, such as "The following
// message was undeliverable": they say that something is wrong, and not what.
func (m *message) withoutPhrases(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		empty, known := m.empty[line]
		if !known {
			empty = m.saysNothing(line)
			m.empty[line] = empty
		}
		if !empty {
			b.WriteString(line)
		}
	}
	return b.String()
}

// saysNothing reports whether a line is one that every report has, a field of the
// message that came back or of a delivery status, or drawn, or names a place.
func (m *message) saysNothing(line string) bool {
	bare := strings.TrimSpace(line)
	if quotesField(bare) || isStatusField(bare) || strings.HasPrefix(bare, "__") || strings.HasSuffix(bare, "... Deferred") || namesPlace(bare) {
		return true
	}
	said := words(line)
	if _, always := m.marks.body.first(said); !always || m.tellsWhy(said) {
		return false
	}
	return !hasCode(line) || !replyPattern.MatchString(line) && !enhancedPattern.MatchString(line)
}

// isStatusField reports whether a line is a field of a delivery status (RFC 3464 §2)
// whose value names somebody, a server or a time, and does not say what is wrong.
func isStatusField(line string) bool {
	name, _, ok := strings.Cut(line, ":")
	if !ok {
		return false
	}
	switch strings.ToLower(name) {
	case "reporting-mta", "dsn-gateway", "received-from-mta", "arrival-date", "original-envelope-id", "original-recipient", "final-recipient",
		"x-actual-recipient", "action", "remote-mta", "last-attempt-date", "will-retry-until", "final-log-id":
		return true
	}
	return false
}

// tellsWhy reports whether a line of those that every report has goes on to say why.
func (m *message) tellsWhy(said string) bool {
	const mostEmpty = 4 // words behind "because"
	if _, cause, ok := strings.Cut(said, " because "); ok && strings.Count(cause, " ") > mostEmpty {
		return true
	}
	reason, tells := m.marks.reason(said)
	if reason == delivery.ReasonExpired && strings.Contains(said, " will ") && m.marks.says(said, KindDelay) {
		return false // "We will go on trying for 5 days" is no end yet
	}
	return tells
}

// quotesField reports whether a line tells the subject, the sender or the date of
// the message that came back, whose words are its author's.
func quotesField(line string) bool {
	name, _, ok := strings.Cut(strings.TrimSpace(line), ":")
	if !ok || len(name) > 40 {
		return false
	}
	name = strings.ToLower(name)
	switch name {
	case "subject", "betreff", "objet", "asunto", "oggetto", "assunto", "onderwerp", "тема", "主题", "件名", "from", "date", "sent", "message-id",
		"message token",
		"the message identifier is", "the subject of the message is", "the date of the message is":
		return true
	case "mail from":
		return !hasCode(line) && !isPlainCommand(line)
	}
	return strings.HasSuffix(name, "message id")
}
