package maillog

import (
	"net/netip"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// An MTA is a mail server whose log is understood.
type MTA string

// The mail servers.
const (
	Postfix   MTA = "postfix"
	Exim      MTA = "exim"
	Sendmail  MTA = "sendmail"
	OpenSMTPD MTA = "opensmtpd"
)

// An Outcome is what a line says became of a message to a recipient.
type Outcome string

// The outcomes.
const (
	OutcomeDelivered Outcome = "delivered" // the next server, or a mailbox, took it
	OutcomeDeferred  Outcome = "deferred"  // it stays in the queue and is tried again
	OutcomeBounced   Outcome = "bounced"   // it was given up
	// OutcomeExpired gives up every recipient of the queue id that is still
	// deferred. The event names no recipient: Postfix and Sendmail say it so.
	OutcomeExpired Outcome = "expired"
	// OutcomeDeliverable and OutcomeUndeliverable answer Postfix's own question
	// whether an address could be written to; there was no message.
	OutcomeDeliverable   Outcome = "deliverable"
	OutcomeUndeliverable Outcome = "undeliverable"
)

// An Event is what one line of a log says about one recipient. Texts are as the
// log has them: they may hold anything, control characters too.
type Event struct {
	Time    time.Time // zero when the line has none
	MTA     MTA
	QueueID string // OpenSMTPD: the envelope's, which is the recipient's own
	// Recipient is the address that was delivered to, without angle brackets;
	// a user's name, a file or a command when the delivery was local.
	Recipient string
	Original  string     // what it was before aliases, when the log says so
	Host      string     // the server that was spoken to; empty when there was none
	IP        netip.Addr // its address; invalid when the log does not say
	Outcome   Outcome
	Stage     delivery.Stage // where in the session the reply came; empty when the log does not say
	// Text is the server's reply with its codes, or the MTA's own words when
	// there was none.
	Text string
	// Status is the enhanced status code that the MTA gave its own words, or the
	// one that says as much; empty when Text is a server's.
	Status string
	Delay  time.Duration // since the message arrived, as far as the log says
	Line   int           // in the log, from 1
}

// statusExpired is for messages that were too long in the queue (RFC 3463 §3.5).
const statusExpired = "5.4.7"

// Reply returns what the server said. When it said nothing, the reply has no
// code, the enhanced code the MTA gave (if any) and the MTA's words.
func (e Event) Reply() delivery.Reply {
	text := e.Text
	if e.Status != "" {
		text = e.Status + " " + text
	}
	reply, _ := delivery.ParseReply(splitReply(text)) // a text without a code is one too
	return reply
}

// Address returns the recipient as an address: what was delivered to, or what it
// was before aliases when the delivery was local. It reports false when neither
// is one.
func (e Event) Address() (delivery.Address, bool) {
	for _, text := range []string{e.Recipient, e.Original} {
		if address, err := delivery.ParseAddress(text); err == nil {
			return address, true
		}
	}
	return delivery.Address{}, false
}

// splitReply puts each line of a reply back on a line of its own. Logs join them
// by a space, or write "\n" for the line end.
func splitReply(text string) string {
	if len(text) < len("550-x") || text[3] != '-' || !isCode(text) {
		return text
	}
	if strings.Contains(text, `\n`) {
		return strings.ReplaceAll(text, `\n`, "\n")
	}
	code := text[:3]
	text = strings.ReplaceAll(text, " "+code+"-", "\n"+code+"-")
	return strings.ReplaceAll(text, " "+code+" ", "\n"+code+" ")
}

// isCode reports whether a reply code of RFC 5321 §4.2 begins the text.
func isCode(text string) bool {
	return len(text) >= 3 && '2' <= text[0] && text[0] <= '5' && isDigit(text[1]) && isDigit(text[2]) &&
		(len(text) == 3 || text[3] == ' ' || text[3] == '-')
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
