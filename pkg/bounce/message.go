package bounce

import (
	"bytes"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A message is a message on its way to being understood.
type message struct {
	*part
	opt       Options
	marks     *marks
	subject   string             // decoded
	whole     string             // all text of the message
	human     string             // what the message says to people, up to the message that came back
	below     string             // some of what follows the header of the message that came back
	original  header             // of the message that came back; nil when it is not there
	empty     map[string]bool    // of the lines looked at, those that every report has
	generated map[generated]bool // what the text says of aliases and forwardings
	notSent   []string           // see authors; nil until asked
	sentTo    []delivery.Address // whom the message that came back was addressed to; nil until asked
}

func newMessage(raw []byte, opt Options) *message {
	m := &message{part: parsePart(raw).unwrapped(), opt: opt, marks: readMarks(), empty: map[string]bool{}}
	m.subject = m.header.text("Subject")
	text, found := m.readable()
	text = text[:min(len(text), maxHuman)]
	m.whole = text
	m.human, m.original, m.below = splitOriginal(text, &m.marks.originals)
	m.human, m.generated = withGenerated(withoutX400(m.marks.withoutRemarks(m.human)))
	if found != nil {
		m.original = found
	}
	if m.original == nil && m.fromProgram() {
		m.human, m.original, m.below = cutUnannounced(m.human)
	}
	m.human = m.withSendmail(m.human)
	return m
}

// readable returns the text of the parts that are for people, and the header of
// the message that came back when that is a part of its own (RFC 3462 §2).
func (m *message) readable() (string, header) {
	var b strings.Builder
	var original header
	var walk func(p *part)
	walk = func(p *part) {
		switch {
		case p.media == "multipart/alternative":
			if text := alternative(p); text != nil {
				walk(text)
			}
		case len(p.children) > 0:
			for _, child := range p.children {
				walk(child)
			}
		case isReturned(p):
			if original == nil {
				original = returnedHeader(p)
			}
		case strings.HasPrefix(p.media, "multipart/"):
			b.WriteString(strings.ReplaceAll(string(guessCharset(p.body)), "\r\n", "\n"))
		case p.media == "text/plain" || p.media == "text/html" || p.media == "text":
			if original == nil && b.Len() < maxHuman {
				b.WriteString(p.text() + "\n")
			}
		}
	}
	walk(m.part)
	return b.String(), original
}

// returnedHeader returns the header of the message that came back; when the empty line
// before it is lost, it has become the part's own.
func returnedHeader(p *part) header {
	h, _ := parseHeader(p.content())
	if h == nil && p.header.has("From") {
		return p.header
	}
	return h
}

// maxHuman bounds the text that is looked at.
const maxHuman = 256 << 10

// alternative returns the plain one of several forms of a text, else the first.
func alternative(p *part) *part {
	for _, child := range p.children {
		if child.media == "text/plain" && strings.TrimSpace(string(child.body)) != "" {
			return child
		}
	}
	if len(p.children) > 0 {
		return p.children[0]
	}
	return nil
}

// isReturned reports whether a part is the message that came back, or its header.
func isReturned(p *part) bool {
	switch p.media {
	case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "text/rfc822", "message/rfc822-headers", "message/partial":
		return true
	}
	return false
}

// isStatus reports whether a part is a delivery status, by its type or, where a gateway
// left it none, its first field.
func isStatus(p *part) bool {
	const longest = 64 << 10 // without a type
	switch p.media {
	case "application/octet-stream":
		return len(p.body) < longest && bytes.HasPrefix(p.content(), []byte("Reporting-MTA:"))
	case "message/delivery-status", "message/global-delivery-status", "message/delivery-report", "text/delivery-status":
		return true
	}
	return false
}

// messageID returns the Message-ID of the message that came back.
func (m *message) messageID() string {
	for _, value := range []string{
		m.original.get("Message-ID"), m.header.get("X-Original-Message-ID"), m.header.get("In-Reply-To"),
		m.header.get("References"), messageIDInText(m.human),
	} {
		if id := cutMessageID(value); id != "" {
			return id
		}
	}
	return ""
}

// cutMessageID returns the last Message-ID of a field (RFC 5322 §3.6.4).
func cutMessageID(value string) string {
	open := strings.LastIndexByte(value, '<')
	if open < 0 {
		return ""
	}
	end := strings.IndexByte(value[open:], '>')
	if end < 0 || !strings.Contains(value[open:open+end], "@") {
		return ""
	}
	return clean(value[open : open+end+1])
}

// messageIDInText finds a line such as "Message-ID: <…>".
func messageIDInText(text string) string {
	lower := strings.ToLower(text)
	for _, label := range []string{"message-id:", "message id:", "messageid:"} {
		if i := strings.Index(lower, label); i >= 0 && len(lower) == len(text) {
			line, _, _ := strings.Cut(text[i:], "\n")
			return line
		}
	}
	return ""
}
