package bounce

import (
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Kind says what a message reports about a recipient.
type Kind string

// The kinds.
const (
	KindBounce    Kind = "bounce"       // the message was not delivered and will not be
	KindDelay     Kind = "delay"        // not delivered yet; the server goes on trying
	KindComplaint Kind = "complaint"    // the recipient called the message spam
	KindDelivered Kind = "delivered"    // it arrived, or was passed on
	KindNone      Kind = "not-a-bounce" // something else; see Report.Note
)

// A Note says what a message is that is not a bounce.
type Note string

// The notes.
const (
	NoteOutOfOffice Note = "out-of-office" // a person is away
	NoteAutoReply   Note = "auto-reply"    // a machine answers (RFC 3834)
	NoteReceipt     Note = "receipt"       // a message was displayed or deleted (RFC 8098)
	NoteAuthReport  Note = "auth-failure"  // a report on failed authentication (RFC 6591)
	NoteNotSpam     Note = "not-spam"      // a complaint taken back (RFC 6430)
	NoteMail        Note = "ordinary-mail" // from a person, or for one
)

// A Report is what a message says about one recipient. Texts come from the
// message and are safe to show: valid UTF-8 on one line without control characters.
type Report struct {
	Kind Kind
	Note Note // only for KindNone
	// Recipient is whom the message could not reach; zero when it does not say.
	Recipient delivery.Address
	// Original is the address as the sender wrote it, when the message tells it
	// from Recipient (RFC 3464 §2.3.1); else zero.
	Original delivery.Address
	// Reply is what a server said. It may be without codes, and zero.
	Reply        delivery.Reply
	Verdict      delivery.Verdict
	Diagnostic   string    // the words the verdict is taken from
	MessageID    string    // of the message that came back, with angle brackets; "" when unknown
	ReportingMTA string    // who reports; "" when unknown
	RemoteMTA    string    // who refused; "" when unknown
	Arrival      time.Time // when the reporting server got the message; zero when unknown
	Structured   bool      // read from a part made for programs (RFC 3464, RFC 5965), not from text for people
}
