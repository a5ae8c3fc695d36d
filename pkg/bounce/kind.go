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

// challenge reports whether the message holds another back until its author answers.
func (s signs) challenge() bool {
	return s.body[KindNone] && s.automatic && !s.named && !s.failed && s.code == 0
}

// isProtocol reports whether the message tells a postmaster of a session that went wrong,
// as Postfix does; whoever sent in it is told by the other side.
func (m *message) isProtocol() bool {
	return strings.Contains(m.subject, " SMTP server: errors from ") || strings.Contains(m.subject, " SMTP client: errors from ")
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
	case s.challenge() || m.isProtocol():
		return KindNone, NoteAutoReply
	case s.answer() && s.note != "":
		return KindNone, s.note
	case s.answer():
		return KindNone, NoteAutoReply
	case s.delay():
		return KindDelay, ""
	case s.delivered():
		return KindDelivered, ""
	case s.bounce() && (s.failed || m.fitsReport(s)) || m.looksReturned(s) || !m.refusingList().IsZero():
		return KindBounce, ""
	case s.automatic:
		return KindNone, NoteAutoReply
	}
	return KindNone, NoteMail
}

// fitsReport reports whether a message may be one of a program. One that could be
// answered, which no report can, needs more than the words: what came back, a reply, or
// recipients in lines of their own.
func (m *message) fitsReport(s signs) bool {
	return !m.answerable() || m.original != nil || s.anyReply || len(m.lineEntries()) > 0
}

// answerable reports whether a message says where its own bounces go (RFC 5321 §4.5.5),
// and neither that address nor its author's is of a program that reports.
func (m *message) answerable() bool {
	path := strings.Trim(m.header.get("Return-Path"), " <>")
	return path != "" && !slices.ContainsFunc(append(m.header.addresses("From"), path), func(address string) bool {
		local, _, _ := strings.Cut(strings.ToLower(address), "@")
		return slices.Contains(m.marks.senders, local) || local == "double-bounce"
	})
}

// looksReturned reports whether a message from somebody unknown speaks like a
// bounce and names whom it could not reach, or brings the message back.
func (m *message) looksReturned(s signs) bool {
	switch {
	case !s.body[KindBounce]:
		return s.subject[KindBounce] && m.tellsDead() && m.namesFailed(s)
	case !s.subject[KindBounce] && !s.null:
		return m.returnsOurs()
	}
	return s.automatic && !s.null || m.original != nil || m.namesFailed(s)
}

// namesFailed reports whether the text of a message from somebody unknown names whom it
// could not reach. What a list sends to all, or somebody asks, is about others, and so may
// be what a firm writes of a parcel.
func (m *message) namesFailed(s signs) bool {
	switch {
	case !s.anyReply && !s.null && m.marks.tellsOfParcel(words(m.subject+"\n"+m.human)):
		return false
	case !m.answerable():
		return len(m.entries()) > 0
	case m.fromList() || strings.HasSuffix(strings.TrimSpace(m.subject), "?"):
		return false
	}
	return slices.ContainsFunc(m.lineEntries(), func(e entry) bool {
		_, tells := m.marks.reason(words(e.text))
		return tells || !replyIn(e.text).IsZero()
	}) || m.saysWhom()
}

// saysWhom reports whether a paragraph says that something could not be delivered, and
// has an address that is not ours.
func (m *message) saysWhom() bool {
	authors := m.authors()
	for paragraph := range strings.SplitSeq(m.human, "\n\n") {
		if m.marks.says(words(paragraph), KindBounce) && slices.ContainsFunc(findAddresses(paragraph), func(s string) bool {
			return !isOther(s, authors) && !isOffice(parseLoose(s)) && !m.marks.isOfOther(paragraph, s)
		}) {
			return true
		}
	}
	return false
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
	return m.header.has("List-Id", "List-Post", "List-Unsubscribe") && !m.nullReturnPath() &&
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
			if name == "Return-Path" && strings.HasPrefix(sender, "bounce") {
				continue // that is where bounces of whatever mail go
			}
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
