package sink

import (
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// An EventKind says what happened.
type EventKind string

// The kinds of events.
const (
	EventConnect EventKind = "connect" // a client connected
	EventRefuse  EventKind = "refuse"  // a command or message was answered with 4yz or 5yz; not told of bad syntax, SIZE and too many recipients
	EventAccept  EventKind = "accept"  // a message was accepted, and kept when there is a store
	EventDrop    EventKind = "drop"    // a rule ended the connection without an answer
	EventAbort   EventKind = "abort"   // the client went away, or broke the protocol, within a message or a TLS handshake
	EventClose   EventKind = "close"   // the connection ended
	EventError   EventKind = "error"   // something is wrong with the sink itself, such as a full disk
)

// An Event is one thing that happened. Fields that do not apply are zero.
type Event struct {
	Time       time.Time      `json:"time"`
	Kind       EventKind      `json:"event"`
	Connection uint64         `json:"connection,omitempty"` // number of the connection, from 1
	Remote     string         `json:"remote,omitempty"`     // the client's "ip:port"
	Helo       string         `json:"helo,omitempty"`       // the name the client gave
	TLS        string         `json:"tls,omitempty"`        // "TLS 1.3 TLS_AES_128_GCM_SHA256"; empty on a plain connection
	User       string         `json:"user,omitempty"`       // who logged in
	Stage      delivery.Stage `json:"stage,omitempty"`      // where the decision fell
	Rule       string         `json:"rule,omitempty"`       // the rule that decided; empty when none did
	From       string         `json:"from,omitempty"`       // envelope sender; empty for the null sender
	To         []string       `json:"to,omitempty"`         // envelope recipients; at rcpt, the one in question
	Reply      string         `json:"reply,omitempty"`      // "550 5.1.1 <a@example.org>: user unknown"
	Size       int64          `json:"size,omitempty"`       // octets of the message
	Subject    string         `json:"subject,omitempty"`    // decoded
	MessageID  string         `json:"message_id,omitempty"` // with angle brackets
	File       string         `json:"file,omitempty"`       // where the store keeps the message
	Duplicate  bool           `json:"duplicate,omitempty"`  // this Message-ID was accepted before for one of these recipients
	Flaws      []Flaw         `json:"flaws,omitempty"`      // what is wrong with the message's bytes
	Messages   int64          `json:"messages,omitempty"`   // with close: messages accepted on the connection
	Err        string         `json:"error,omitempty"`      // with abort and error: why
}

// A Flaw is something about a message's bytes that receivers refuse, mend or
// misread.
type Flaw string

// The flaws.
const (
	FlawBareCR   Flaw = "bare-cr"   // a CR that is not followed by LF (RFC 5321 §2.3.8)
	FlawBareLF   Flaw = "bare-lf"   // an LF that does not follow CR (RFC 5321 §2.3.8)
	FlawLongLine Flaw = "long-line" // a line of more than 998 octets (RFC 5322 §2.1.1)
	FlawEightBit Flaw = "8bit"      // octets above 127 without BODY=8BITMIME or SMTPUTF8 (RFC 6152 §3)
)
