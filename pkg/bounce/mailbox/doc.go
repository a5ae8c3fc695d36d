// Package mailbox reads the messages of a mailbox one after the other, whatever
// it is: a file with one message, an mbox, a Maildir, a folder of files, or a
// mailbox on an IMAP or POP3 server. No more than one message is held in memory,
// and of that one no more than a bound. Nothing is unpacked.
package mailbox

import (
	"bytes"
	"errors"
	"io"
)

// DefaultBound is how much of a message is kept when nobody says.
const DefaultBound = 4 << 20

// ErrMalformed means that a server broke its protocol.
var ErrMalformed = errors.New("malformed answer")

// A Message is one message of a mailbox.
type Message struct {
	Name string // where it is: "inbox.mbox#17", "cur/1.host:2,S", "INBOX;UID=5"
	Data []byte // valid until the visit is over
	// Skipped is how many octets at the end were left out, because the message
	// passes the bound.
	Skipped int64
	// Alone means that it is all of a file, which may then be no message at all.
	Alone bool
}

// A Visit is called for each message in turn. An error ends the reading and is
// returned as it is.
type Visit func(Message) error

// bounded collects a message up to a bound and counts the rest.
type bounded struct {
	buffer  bytes.Buffer
	bound   int
	skipped int64
}

func newBounded(bound int) *bounded {
	if bound <= 0 {
		bound = DefaultBound
	}
	return &bounded{bound: bound}
}

// Write is part of [io.Writer]; it never fails.
func (b *bounded) Write(p []byte) (int, error) {
	keep := min(len(p), b.bound-b.buffer.Len())
	b.buffer.Write(p[:keep])
	b.skipped += int64(len(p) - keep)
	return len(p), nil
}

func (b *bounded) reset() {
	b.buffer.Reset()
	b.skipped = 0
}

// visit hands the message out and begins the next.
func (b *bounded) visit(name string, visit Visit) error {
	err := visit(Message{Name: name, Data: b.buffer.Bytes(), Skipped: b.skipped})
	b.reset()
	return err
}

// readMessage reads one message that fills a reader.
func readMessage(r io.Reader, name string, bound int, visit Visit) error {
	b := newBounded(bound)
	if _, err := io.Copy(b, r); err != nil {
		return err
	}
	return b.visit(name, func(m Message) error {
		m.Alone = true
		return visit(m)
	})
}
