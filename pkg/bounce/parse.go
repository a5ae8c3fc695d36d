package bounce

import (
	"bytes"
	"fmt"
	"io"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// MaxMessage is how much of a message [Parse] reads when Options does not say.
// What a bounce has to say comes first; the message that came back may be cut.
const MaxMessage = 4 << 20

// maxRecipients bounds the reports on one message.
const maxRecipients = 2000

// Options are what [Parse] cannot know.
type Options struct {
	// VERP is the pattern of our return-paths, such as
	// "bounce+{local}={domain}@acme.example". Empty takes any address of that
	// shape, whatever stands before the first "+" or "-", and of the shapes that
	// SendGrid, Mailgun, ezmlm and Mailman make.
	VERP string
	// MaxBytes bounds what is read of a message; 0 is [MaxMessage].
	MaxBytes int64
}

// Parse reads one message and says what it reports: one Report for each
// recipient it speaks of, at least one. A message that reports nothing is a
// Report of kind [KindNone]. Nothing inside is unpacked, and only what the
// message itself is counts: a report that hangs on an ordinary mail as an
// attachment is none. The error is that of r.
func Parse(r io.Reader, opt Options) ([]Report, error) {
	limit := opt.MaxBytes
	if limit <= 0 {
		limit = MaxMessage
	}
	raw, err := io.ReadAll(io.LimitReader(r, limit))
	if err != nil {
		return nil, fmt.Errorf("read message: %w", err)
	}
	m := newMessage(bytes.TrimPrefix(raw, byteOrderMark), opt)
	reports := m.reports()
	if len(reports) > maxRecipients {
		reports = reports[:maxRecipients]
	}
	return reports, nil
}

// reports decides what the message is.
func (m *message) reports() []Report {
	if report, ok := m.complaint(); ok {
		return report
	}
	status := m.deliveryStatus()
	if status != nil {
		if reports := m.statusReports(status); len(reports) > 0 {
			return reports
		}
	}
	if reports := m.notices(); len(reports) > 0 {
		return reports
	}
	if note, ok := m.receipt(); ok {
		return m.nothing(note)
	}
	kind, note := m.kind()
	if kind == KindNone && (status != nil || m.reportsDelivery()) { // it says that it reports, if not on whom
		kind = KindBounce
	}
	if kind == KindNone {
		return m.nothing(note)
	}
	return m.textReports(kind)
}

// nothing is the answer for a message that reports on nobody.
func (m *message) nothing(note Note) []Report {
	return []Report{{Kind: KindNone, Note: note, Verdict: delivery.Verdict{Bounce: delivery.BounceNone}, Diagnostic: m.subject}}
}
