package message

import (
	"fmt"
	"net/textproto"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// maxHeaderName bounds the name of a header field of the author's own.
const maxHeaderName = 64

// reservedHint says what to use instead of a field that mailctl writes itself;
// empty for a field that is the author's. name is in canonical form.
func reservedHint(name string) string {
	switch name {
	case "From":
		return "use --from"
	case "To":
		return "every message goes to one recipient of the list; to_name in the front matter sets the name"
	case "Cc", "Bcc":
		return "every message goes to one recipient: put the others on the list"
	case "Subject":
		return "use subject in the front matter, or --subject"
	case "Reply-To":
		return "use reply_to in the front matter, or --reply-to"
	case "List-Unsubscribe":
		return "use unsubscribe in the front matter, or --unsubscribe"
	case "List-Unsubscribe-Post":
		return "it is added when there is an https address to unsubscribe at"
	case "Feedback-Id":
		return "use feedback_id in the front matter"
	case "Date":
		return "it is the time of sending"
	case "Message-Id":
		return "it is made from mailing and recipient, so that a repeat can be recognised"
	case "Dkim-Signature":
		return "use --dkim-key"
	case "Return-Path", "Received":
		return "servers write it"
	}
	if name == "Mime-Version" || strings.HasPrefix(name, "Content-") {
		return "it follows from the message"
	}
	return ""
}

// checkHeaderName refuses names that are not ones (RFC 5322 §3.6.8), and those
// of fields that mailctl writes itself.
func checkHeaderName(name string) error {
	if name == "" || len(name) > maxHeaderName {
		return fmt.Errorf("%w %q: want 1 to %d characters", ErrHeaderName, shorten(name), maxHeaderName)
	}
	for _, c := range name {
		if c <= ' ' || c >= 0x7f || c == ':' {
			err := fmt.Errorf("%w %q: it has the character %q", ErrHeaderName, name, c)
			return delivery.Hint(err, "a header is written Name: value")
		}
	}
	if hint := reservedHint(textproto.CanonicalMIMEHeaderKey(name)); hint != "" {
		return delivery.Hint(fmt.Errorf("%w: %q", ErrReservedHeader, name), hint)
	}
	return nil
}
