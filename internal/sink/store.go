package sink

import (
	"io"
	"time"
)

// A Store keeps accepted messages. Its methods are called from several
// goroutines.
type Store interface {
	// Begin makes room for one message. The caller ends the draft with Commit or
	// Discard.
	Begin() (Draft, error)
}

// A Draft is a message on its way into a [Store]: its bytes are written as they
// arrive.
type Draft interface {
	io.Writer
	// Commit keeps the message and returns the file it is in.
	Commit(Message) (file string, err error)
	// Discard forgets the message.
	Discard() error
}

// A Message is what is known of an accepted message beside its bytes.
type Message struct {
	Time      time.Time `json:"time"`                 // when it was accepted
	From      string    `json:"from"`                 // envelope sender; empty for the null sender
	To        []string  `json:"to"`                   // envelope recipients
	Size      int64     `json:"size"`                 // octets
	Subject   string    `json:"subject,omitempty"`    // decoded
	MessageID string    `json:"message_id,omitempty"` // with angle brackets
	Remote    string    `json:"remote"`               // the client's "ip:port"
	Helo      string    `json:"helo"`                 // the name the client gave
	TLS       string    `json:"tls,omitempty"`        // empty on a plain connection
	User      string    `json:"user,omitempty"`       // who logged in
	Flaws     []Flaw    `json:"flaws,omitempty"`      // what is wrong with the bytes
}
