package message

import (
	"io/fs"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Signer signs whole messages. It is safe for concurrent use.
type Signer interface {
	// Sign returns the header field to put before message, with its CRLF. It
	// does not change message, and is not given the fields of other signers.
	Sign(message []byte) ([]byte, error)
}

// Options say about a message what its source does not, or say it better: they
// win over the front matter. Texts are templates over the row, unless noted.
type Options struct {
	From        delivery.Mailbox // required here or in the front matter
	ReplyTo     string           // a mailbox
	Subject     string           // required here or in the front matter
	Text        string           // the text part, instead of the source's
	HTML        string           // the HTML part, instead of the source's
	Headers     []Header         // in addition to the front matter's
	Unsubscribe []string         // https and mailto URLs, for List-Unsubscribe
	FeedbackID  string           // empty for no Feedback-ID

	Attachments   []File // the same for everyone
	AttachColumn  string // the column that names each row's file; empty for none
	AttachRoot    fs.FS  // the folder of those files, such as [os.Root.FS]
	MaxAttachment int64  // octets of the largest file; 0 is [DefaultMaxAttachment]

	// Campaign makes the Message-IDs this mailing's own; without it, every mailing
	// to the same recipient has the same one. Not a template.
	Campaign string
	// Columns are those the list has. With them, a column that a template names
	// and the list lacks is an error at once. Nil when they are not known.
	Columns []string
	// Signers sign every message; their fields stand in this order.
	Signers []Signer
	// EightBit lets text travel as 8-bit octets where that is shorter than
	// encoding them. The server must then offer 8BITMIME (RFC 6152).
	EightBit bool
}

func (o *Options) maxAttachment() int64 {
	if o.MaxAttachment > 0 {
		return o.MaxAttachment
	}
	return DefaultMaxAttachment
}
