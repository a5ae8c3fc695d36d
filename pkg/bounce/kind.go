package bounce

import (
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// signs are what tells what a message without machine-readable parts is.
type signs struct {
	subject, body map[Kind]bool // what their phrases say
	note          Note
	named         bool // it is from a program that reports, by its name
	null          bool // it must not be answered
	automatic     bool // no person sent it
	failed        bool // a field names who it could not reach
	code          int  // of the reply in its text; 0 for none
	anyReply      bool // with or without a code of three digits
	away          bool // it answers for somebody
}

func (m *message) signs() signs {
	subject := words(m.subject)
	if isAnswer(m.subject) {
		subject = " "
	}
	reply := replyIn(m.human)
	s := signs{
		named: m.from(m.marks.senders) && !m.fromList() || m.reportsDelivery() || m.beginsTranscript(), null: m.nullReturnPath(), automatic: m.automatic(),
		failed: m.header.has("X-Failed-Recipients"), code: reply.Code, anyReply: !reply.IsZero(),
	}
	s.subject, s.body, s.note = m.marks.kinds(subject, words(m.human))
	s.away = s.subject[KindNone] || m.header.has("X-Autoreply", "X-Autorespond", "X-AutoReply-From", "X-Vacation", "X-Auto-Response")
	return s
}

// program reports whether a program that reports sent the message: by its name, or
// because it must not be answered and says something that reports say.
func (s signs) program() bool {
	return s.named || s.null && (s.anyReply || s.subject[KindBounce] || s.subject[KindDelay] || s.subject[KindDelivered])
}

// answer reports whether the message answers one, for a person or a machine.
func (s signs) answer() bool {
	return s.away && !s.failed && !(s.program() && (s.subject[KindBounce] || s.subject[KindDelay] || s.code >= 400))
}

func (s signs) delay() bool {
	switch {
	case !s.program() && !s.automatic:
		return false
	case s.subject[KindDelay]:
		return true
	}
	return s.body[KindDelay] && !s.subject[KindBounce] && s.code/100 != 5
}

func (s signs) delivered() bool {
	return s.program() && s.subject[KindDelivered] && s.body[KindDelivered] && s.code < 400
}

// bounce reports whether the message is a bounce by who it is from and what it says.
func (s signs) bounce() bool {
	return s.failed || s.program() && (s.subject[KindBounce] || s.anyReply || s.named && s.body[KindBounce])
}

// kind decides what a message without machine-readable parts is.
func (m *message) kind() (Kind, Note) {
	s := m.signs()
	switch {
	case s.answer() && s.note != "":
		return KindNone, s.note
	case s.answer():
		return KindNone, NoteAutoReply
	case s.delay():
		return KindDelay, ""
	case s.delivered():
		return KindDelivered, ""
	case s.bounce() || m.looksReturned(s):
		return KindBounce, ""
	case s.automatic:
		return KindNone, NoteAutoReply
	}
	return KindNone, NoteMail
}

// looksReturned reports whether a message from somebody unknown speaks like a
// bounce and names whom it could not reach, or brings the message back.
func (m *message) looksReturned(s signs) bool {
	switch {
	case !s.body[KindBounce]:
		return s.subject[KindBounce] && m.tellsDead() && len(m.entries()) > 0
	case !s.subject[KindBounce] && !s.null:
		return m.returnsOurs()
	}
	return s.automatic && !s.null || m.original != nil || len(m.entries()) > 0
}

// tellsDead reports whether the text has a phrase for an address that is dead.
func (m *message) tellsDead() bool {
	reason, ok := m.marks.reason(words(m.human))
	return ok && reason.Info().Bounce == delivery.BounceHard
}

// returnsOurs reports whether the message brings back one that its addressee had sent,
// and is no answer to it.
func (m *message) returnsOurs() bool {
	if isAnswer(m.subject) || m.header.has("In-Reply-To", "References") {
		return false
	}
	ours := m.addressees()
	return slices.ContainsFunc(m.original.addresses("From", "Sender", "Return-Path", "Errors-To"), func(author string) bool {
		return isOther(author, ours)
	})
}

// reportsDelivery reports whether the message calls itself a delivery status report
// (RFC 6522 §3).
func (m *message) reportsDelivery() bool {
	return m.media == "multipart/report" && strings.EqualFold(m.params["report-type"], "delivery-status")
}

// beginsTranscript reports whether a message begins with the heading of a transcript and
// brings a message back: whoever it is from, a program made it.
func (m *message) beginsTranscript() bool {
	first, _, _ := strings.Cut(strings.TrimSpace(m.human), "\n")
	return m.original != nil && isRule(first) && words(first) == " transcript of session follows " && !isAnswer(m.subject)
}

// fromProgram reports whether the message is from a program that reports.
func (m *message) fromProgram() bool { return m.from(m.marks.senders) || m.nullReturnPath() }

// fromList reports whether a mailing list passed the message on (RFC 2919, RFC
// 2369), for whose subscribers it may be about bounces. What went to the list's own
// return-path is for nobody else.
func (m *message) fromList() bool {
	return m.header.has("List-Id", "List-Post") && !m.nullReturnPath() &&
		!slices.ContainsFunc(m.addressees(), func(to string) bool { return listOf(to) != "" })
}

// nullReturnPath reports whether the message must not be answered, as a report
// must not (RFC 3464 §2), and is no answer itself.
func (m *message) nullReturnPath() bool {
	return strings.TrimSpace(m.header.get("Return-Path")) == "<>" && !m.header.has("In-Reply-To")
}

// from reports whether the message is from somebody of a list of local parts and
// display names.
func (m *message) from(senders []string) bool {
	for _, name := range []string{"From", "Sender", "Return-Path", "Reply-To"} {
		value := strings.ToLower(m.header.text(name))
		for _, sender := range senders {
			if strings.HasPrefix(value, sender) || strings.Contains(value, "<"+sender+"@") ||
				strings.Contains(value, "<"+sender+">") || strings.HasPrefix(value, `"`+sender) || strings.Contains(value, "("+sender) ||
				strings.HasPrefix(value, "<"+sender) {
				return true
			}
		}
	}
	return false
}

// automatic reports whether no person sent the message (RFC 3834 §5).
func (m *message) automatic() bool {
	submitted := strings.ToLower(m.header.get("Auto-Submitted"))
	precedence := strings.ToLower(m.header.get("Precedence"))
	return strings.HasPrefix(submitted, "auto-") || precedence == "auto_reply" || precedence == "junk" ||
		m.header.has("X-Autoreply", "X-Autorespond", "X-Autogenerated", "X-Auto-Response-Suppress", "X-Vacation") ||
		strings.TrimSpace(m.header.get("Return-Path")) == "<>"
}

// isAnswer reports whether a subject is that of an answer to a message, or of one
// that is passed on: its words are another message's.
func isAnswer(subject string) bool {
	lower := strings.ToLower(strings.TrimSpace(subject))
	for _, prefix := range []string{"re:", "aw:", "fw:", "fwd:", "wg:", "tr:", "rv:", "sv:", "vs:", "antw:", "回复:", "答复:", "转发:"} {
		if strings.HasPrefix(lower, prefix) {
			return true
		}
	}
	return false
}
