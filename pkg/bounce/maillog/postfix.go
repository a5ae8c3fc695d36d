package maillog

import (
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// postfixOutcomes are the values of status= that are understood.
var postfixOutcomes = map[string]Outcome{
	"sent":          OutcomeDelivered,
	"deferred":      OutcomeDeferred,
	"bounced":       OutcomeBounced,
	"expired":       OutcomeExpired,
	"force-expired": OutcomeExpired,
	"SOFTBOUNCE":    OutcomeDeferred, // soft_bounce = yes
	"deliverable":   OutcomeDeliverable,
	"undeliverable": OutcomeUndeliverable,
}

// readPostfix reads what follows "QUEUEID: " when it begins with "to=<":
//
//	to=<a@b>, [orig_to=<c>,] relay=host[ip]:25, delay=1, …, dsn=2.0.0, status=sent (…)
func readPostfix(e *Event, text string) bool {
	rest := text
	for {
		key, value, ok := strings.Cut(strings.TrimPrefix(rest, ", "), "=")
		if !ok {
			return false
		}
		if key == "status" {
			return postfixStatus(e, value)
		}
		rest = value
		if strings.HasPrefix(rest, "<") {
			if value, rest, ok = cutPath(rest); !ok {
				return false
			}
		} else if value, rest, ok = strings.Cut(rest, ", "); !ok {
			return false
		}
		switch key {
		case "to":
			e.Recipient = value
		case "orig_to":
			e.Original = value
		case "relay":
			if value != "none" {
				e.Host, e.IP = cutHost(value)
			}
		case "delay":
			e.Delay = spell(value)
		case "dsn":
			e.Status = value
		}
	}
}

// postfixStatus reads "sent (250 2.0.0 Ok)".
func postfixStatus(e *Event, text string) bool {
	word, why, _ := strings.Cut(text, " (")
	word = strings.TrimSuffix(word, ", returned to sender")
	outcome, ok := postfixOutcomes[word]
	if !ok {
		return false
	}
	e.Outcome = outcome
	e.Text = strings.TrimSuffix(why, ")")
	if isCode(e.Text) {
		e.Status = ""
		return true
	}
	for _, said := range [...]string{" said: ", " refused to talk to me: "} {
		_, reply, ok := strings.Cut(e.Text, said)
		if !ok {
			continue
		}
		if said != " said: " {
			e.Stage = delivery.StageGreeting
		}
		if i := strings.LastIndex(reply, " (in reply to "); i >= 0 {
			e.Stage = stageOf(reply[i+len(" (in reply to "):])
			reply = reply[:i]
		}
		e.Text = reply
		if isCode(reply) {
			e.Status = ""
		}
		return true
	}
	return true
}

// forwarded reports whether an alias made new messages of this one, each with a
// queue id of its own: what becomes of them is said there.
func forwarded(e *Event) bool {
	return e.Outcome == OutcomeDelivered && strings.HasPrefix(e.Text, "forwarded as ")
}

// stageOf reads the command that a reply answered, as Postfix and Exim write it.
func stageOf(command string) delivery.Stage {
	command = strings.TrimPrefix(command, "pipelined ")
	for _, c := range [...]struct {
		prefix string
		stage  delivery.Stage
	}{
		{"RCPT TO", delivery.StageRcpt},
		{"MAIL FROM", delivery.StageMail},
		{"end of ", delivery.StageMessage},
		{"DATA", delivery.StageData},
		{"BDAT", delivery.StageMessage},
		{"EHLO", delivery.StageHello},
		{"HELO", delivery.StageHello},
		{"LHLO", delivery.StageHello},
		{"STARTTLS", delivery.StageTLS},
		{"AUTH", delivery.StageAuth},
		{"initial connection", delivery.StageGreeting},
	} {
		if strings.HasPrefix(command, c.prefix) {
			return c.stage
		}
	}
	return ""
}

// readExpired reads what Postfix's queue manager says about a message that was
// too long in the queue: "from=<a@b>, status=expired, returned to sender".
func readExpired(e *Event, text string) bool {
	_, rest, ok := cutPath(strings.TrimPrefix(text, "from="))
	return ok && strings.HasPrefix(rest, ", status=") && postfixStatus(e, strings.TrimPrefix(rest, ", status=")) &&
		e.Outcome == OutcomeExpired
}
