package maillog

import "strings"

// givenUp is part of what Sendmail says about a message that was too long in the
// queue, to which all its deferred recipients are lost:
//
//	QUEUEID: NEWID: sender notify: Cannot send message for 5 days
const givenUp = " notify: Cannot send message for "

// readSendmail reads what follows "QUEUEID: " when it begins with "to=" and has a
// stat=, once for each recipient:
//
//	to=<a@b>,<c@d>, ctladdr=<e> (1/1), delay=00:00:01, …, relay=host. [ip], dsn=5.1.1, stat=User unknown
//
// reply= is there since Sendmail 8.16 and holds what the server said.
func readSendmail(e Event, text string, events []Event) []Event {
	recipients, rest, ok := strings.Cut(text[len("to="):], ", ")
	if !ok {
		return events
	}
	reply := ""
	for rest != "" {
		key, value, _ := strings.Cut(rest, "=")
		if key == "stat" {
			rest = ""
		} else if i := fieldEnd(value); i >= 0 {
			value, rest = value[:i], value[i+len(", "):]
		} else {
			rest = ""
		}
		switch key {
		case "delay":
			e.Delay = spell(value)
		case "relay":
			e.Host, e.IP = cutHost(strings.TrimSuffix(value, "."))
			e.Host = strings.TrimSuffix(e.Host, ".")
		case "dsn":
			e.Status = value
		case "reply":
			reply = value
		case "stat":
			sendmailStat(&e, value)
		}
	}
	if e.Outcome == "" {
		return events
	}
	if isCode(reply) && e.Outcome != OutcomeDelivered {
		e.Text = reply
	}
	if isCode(e.Text) {
		e.Status = ""
	}
	for to := range sendmailRecipients(recipients) {
		e.Recipient = to
		events = append(events, e)
	}
	return events
}

// fieldEnd returns where the next field begins: behind a comma and a space there
// is a word of small letters and an equals sign. A reply may hold other commas.
func fieldEnd(text string) int {
	for i := 0; ; {
		n := strings.Index(text[i:], ", ")
		if n < 0 {
			return -1
		}
		i += n
		word := strings.TrimLeft(text[i+len(", "):], "abcdefghijklmnopqrstuvwxyz_")
		if strings.HasPrefix(word, "=") {
			return i
		}
		i += len(", ")
	}
}

// sendmailStat reads "Sent (ok)", "Deferred: Connection refused", "queued" or why
// the message was given up.
func sendmailStat(e *Event, text string) {
	if why, ok := strings.CutPrefix(text, "Sent"); ok {
		e.Outcome = OutcomeDelivered
		e.Text = strings.TrimSuffix(strings.TrimPrefix(why, " ("), ")")
		return
	}
	if why, ok := strings.CutPrefix(text, "Deferred"); ok {
		e.Outcome, e.Text = OutcomeDeferred, strings.TrimPrefix(why, ": ")
		if e.Status == "" {
			e.Status = "4.0.0"
		}
		return
	}
	e.Text = text
	switch {
	case strings.HasPrefix(text, "queued"):
	case strings.HasPrefix(e.Status, "4.") && !strings.HasPrefix(text, "Cannot send message for "):
		e.Outcome = OutcomeDeferred
	default:
		e.Outcome = OutcomeBounced
		if strings.HasPrefix(text, "Cannot send message for ") {
			e.Status = statusExpired
		}
		if e.Status == "" {
			e.Status = "5.0.0"
		}
	}
}

// sendmailRecipients returns the parts of "<a@b>,<c@d>,user".
func sendmailRecipients(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for text != "" {
			to, rest, ok := cutPath(text)
			if !ok {
				to, rest, _ = strings.Cut(text, ",")
			}
			if to != "" && !yield(to) {
				return
			}
			text = strings.TrimPrefix(rest, ",")
			if len(text) == len(rest) && ok && rest != "" {
				return // something follows a bracket that should not
			}
		}
	}
}
