package maillog

import (
	"bytes"
	"net/netip"
	"strings"
)

// eximText drops the "[pid] " that may follow the time in Exim's own log, and
// reports whether the rest is a line about a message.
func eximText(rest []byte) ([]byte, bool) {
	if len(rest) > 0 && rest[0] == '[' {
		if end := bytes.Index(rest, []byte("] ")); end >= 0 {
			rest = rest[end+len("] "):]
		}
	}
	return rest, eximID(rest) > 0
}

// eximID returns the length of the message id that a text begins with, and 0
// when there is none: 6-6-2 letters and digits, or 6-11-4 since Exim 4.97.
func eximID(text []byte) int {
	for _, n := range [...]int{len("1xV2bU-00000F-18"), len("1xV2bU-00000000001-18ab")} {
		last := 3
		if n > 16 {
			last = 5
		}
		if len(text) > n && text[n] == ' ' && text[6] == '-' && text[n-last] == '-' && !bytes.ContainsAny(text[:n], " :=<") {
			return n
		}
	}
	return 0
}

// eximOutcomes are the marks that stand behind the message id.
func eximOutcome(mark string) Outcome {
	switch mark {
	case "=>", "->", ">>":
		return OutcomeDelivered
	case "==":
		return OutcomeDeferred
	case "**":
		return OutcomeBounced
	}
	return ""
}

// notTried begins what Exim says when it looked at a message and left it alone.
const notTried = "retry time not reached"

// readExim reads what follows the message id:
//
//	=> a@b <c@d> F=<s@t> R=router T=transport H=host [ip]:25 C="250 Ok"
//	== a@b R=router T=transport defer (-44) H=host [ip]: SMTP error from …: 451 …
//	** a@b R=router T=transport H=host [ip]: SMTP error from …: 550 …
//
// Spaces part the fields, and a colon the error.
func readExim(e *Event, text string) bool {
	e.Outcome = eximOutcome(text[:2])
	rest := text[len("=> "):]
	end := len(rest)
	for _, next := range [...]string{" F=<", " P=<", " R=", ": "} {
		if i := strings.Index(rest, next); i >= 0 {
			end = min(end, i)
		}
	}
	eximRecipient(e, rest[:end])
	rest = rest[end:]
	if e.Outcome == OutcomeDelivered {
		eximFields(e, rest)
		if _, quoted, ok := strings.Cut(rest, ` C="`); ok {
			if i := strings.LastIndexByte(quoted, '"'); i >= 0 {
				e.Text = quoted[:i]
			}
		}
		return e.Recipient != ""
	}
	fields, problem, ok := strings.Cut(rest, ": ")
	eximFields(e, fields)
	e.Text = fields
	if ok {
		eximProblem(e, problem)
	}
	return e.Recipient != ""
}

// eximRecipient reads "a@b", "a@b <original@c>" or "user <a@b>". Addresses that
// need quotes have them in the brackets only.
func eximRecipient(e *Event, text string) {
	i := strings.Index(text, " <")
	if i < 0 {
		e.Recipient = strings.TrimSpace(text)
		return
	}
	e.Recipient = text[:i]
	if original, _, ok := cutPath(text[i+1:]); ok {
		e.Original = original
	}
	if strings.ContainsAny(e.Recipient, " <>") && strings.HasPrefix(e.Original, `"`) {
		e.Recipient = e.Original
	}
}

// eximFields reads H=, and QT=, how long the message was in the queue.
func eximFields(e *Event, text string) {
	if _, host, ok := strings.Cut(text, " H="); ok {
		name, rest, _ := strings.Cut(host, " [")
		inside, _, bracket := strings.Cut(rest, "]")
		if addr, err := netip.ParseAddr(inside); bracket && err == nil {
			e.Host, e.IP = name, addr.Unmap().WithZone("")
		}
	}
	if _, queued, ok := strings.Cut(text, " QT="); ok {
		queued, _, _ = strings.Cut(queued, " ")
		e.Delay = spell(queued)
	}
}

// eximProblem reads "SMTP error from remote mail server after RCPT TO:<a@b>: 550
// No", or Exim's own words.
func eximProblem(e *Event, text string) {
	e.Text = text
	if _, after, ok := strings.Cut(text, " error "); ok {
		if i := replyIn(after); i >= 0 {
			e.Text = after[i:]
			if _, command, ok := strings.Cut(after[:i], "after "); ok {
				e.Stage = stageOf(command)
			}
			return
		}
	}
	switch {
	case e.Outcome == OutcomeDeferred:
		e.Status = "4.0.0"
	case strings.HasSuffix(text, "retry timeout exceeded"):
		e.Status = statusExpired
	default:
		e.Status = "5.0.0"
	}
	if e.Stage == "" && isCode(text) {
		e.Status = ""
	}
}

// replyIn returns where the first reply code behind ": " stands, or -1.
func replyIn(text string) int {
	for i := 0; ; {
		n := strings.Index(text[i:], ": ")
		if n < 0 {
			return -1
		}
		i += n + len(": ")
		if isCode(text[i:]) && text[i] != '3' {
			return i
		}
	}
}
