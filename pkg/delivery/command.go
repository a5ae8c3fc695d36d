package delivery

import (
	"fmt"
	"strconv"
	"strings"
)

// isSafeArgument reports whether text may stand in a command: printable ASCII
// without space, and not empty.
func isSafeArgument(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	return text != ""
}

// checkPath refuses an address with which a command could be ended, or given
// parameters, too early. [ParseAddress] returns none such, but an Address may be
// made by hand.
func checkPath(a Address) error {
	if a.IsZero() {
		return nil
	}
	for i := range len(a.Local) {
		if c := a.Local[i]; c < ' ' || c == 0x7f {
			return fmt.Errorf("%w: local part %q", ErrUnsafeArgument, a.Local)
		}
	}
	for i := range len(a.Domain) {
		if c := a.Domain[i]; !isLetterDigit(c) && strings.IndexByte("-._[]:", c) < 0 {
			return fmt.Errorf("%w: domain %q", ErrUnsafeArgument, a.Domain)
		}
	}
	if a.Local == "" || a.Domain == "" {
		return fmt.Errorf("%w %q: it has only one part", ErrAddressSyntax, a.String())
	}
	return nil
}

// appendPath appends "<user@example.com>", and "<>" for the zero Address.
func appendPath(b []byte, a Address) []byte {
	b = append(b, '<')
	if !a.IsZero() {
		b = append(b, quoteLocal(a.Local)...)
		b = append(b, '@')
		b = append(b, a.Domain...)
	}
	return append(b, '>')
}

// appendMail appends the MAIL command with the parameters that the server offers
// and the message needs.
func appendMail(b []byte, m *Mail, c *Capabilities) []byte {
	b = append(b, "MAIL FROM:"...)
	b = appendPath(b, m.Envelope.From)
	if _, ok := c.Keywords["SIZE"]; ok {
		b = append(b, " SIZE="...)
		b = strconv.AppendInt(b, sizeOf(m.Data), 10)
	}
	if m.EightBit {
		b = append(b, " BODY=8BITMIME"...)
	}
	if needsSMTPUTF8(&m.Envelope) {
		b = append(b, " SMTPUTF8"...)
	}
	if !c.DSN {
		return b
	}
	if m.Envelope.DSN.Return != "" {
		b = append(append(b, " RET="...), m.Envelope.DSN.Return...)
	}
	if m.Envelope.DSN.EnvelopeID != "" {
		b = appendXtext(append(b, " ENVID="...), m.Envelope.DSN.EnvelopeID)
	}
	return b
}

// appendRcpt appends the RCPT command for one recipient.
func appendRcpt(b []byte, to Address, dsn *DSN, c *Capabilities) []byte {
	b = append(b, "RCPT TO:"...)
	b = appendPath(b, to)
	if !c.DSN || !dsn.asked() {
		return b
	}
	for i, condition := range dsn.Notify {
		separator := ","
		if i == 0 {
			separator = " NOTIFY="
		}
		b = append(append(b, separator...), condition...)
	}
	if !to.NeedsSMTPUTF8() { // RFC 6533 §3 has another form for these; ORCPT may be left out
		b = appendXtext(append(b, " ORCPT=rfc822;"...), to.String())
	}
	return b
}

// asked reports whether any notification is asked for.
func (d *DSN) asked() bool {
	return len(d.Notify) > 0 || d.Return != "" || d.EnvelopeID != ""
}

// check refuses values that RFC 3461 §4 does not know.
func (d *DSN) check() error {
	for _, condition := range d.Notify {
		switch condition {
		case "SUCCESS", "FAILURE", "DELAY":
		case "NEVER":
			if len(d.Notify) > 1 {
				return fmt.Errorf("%w: NOTIFY=NEVER stands alone (RFC 3461 §4.1)", ErrUnsafeArgument)
			}
		default:
			return fmt.Errorf("%w: NOTIFY %q", ErrUnsafeArgument, condition)
		}
	}
	if d.Return != "" && d.Return != "FULL" && d.Return != "HDRS" {
		return fmt.Errorf("%w: RET %q", ErrUnsafeArgument, d.Return)
	}
	const longest = 100 // RFC 3461 §4.4
	if !isPlain([]byte(d.EnvelopeID)) || len(d.EnvelopeID) > longest {
		return fmt.Errorf("%w: ENVID %q", ErrUnsafeArgument, d.EnvelopeID)
	}
	return nil
}

// appendXtext appends text in the encoding of RFC 3461 §4.
func appendXtext(b []byte, text string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(text) {
		c := text[i]
		if c > ' ' && c < 0x7f && c != '+' && c != '=' {
			b = append(b, c)
			continue
		}
		b = append(b, '+', hex[c>>4], hex[c&15])
	}
	return b
}

// needsSMTPUTF8 reports whether an address of the envelope does.
func needsSMTPUTF8(e *Envelope) bool {
	if e.From.NeedsSMTPUTF8() {
		return true
	}
	for _, to := range e.To {
		if to.NeedsSMTPUTF8() {
			return true
		}
	}
	return false
}
