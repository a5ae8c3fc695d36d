package message

import (
	"fmt"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// dateLayout is the date-time of RFC 5322 §3.3.
const dateLayout = "Mon, 02 Jan 2006 15:04:05 -0700"

// appendHeader adds the header of a row's message, but for the fields about its
// content.
func (t *Template) appendHeader(dst []byte, r *Rendered, s *scratch, row Row, fields map[string]any, at time.Time) ([]byte, error) {
	dst, err := appendMailbox(dst, "From", t.from)
	if err != nil {
		return dst, err
	}
	if dst, err = t.appendTo(dst, s, row.Address, fields); err != nil {
		return dst, err
	}
	if dst, err = t.appendReplyTo(dst, s, fields); err != nil {
		return dst, err
	}
	if r.Subject, err = s.print(t.subject, fields); err != nil {
		return dst, err
	}
	if dst, err = appendText(dst, "Subject", r.Subject); err != nil {
		return dst, err
	}
	dst = append(at.AppendFormat(append(dst, "Date: "...), dateLayout), "\r\n"...)
	dst = append(append(append(dst, "Message-ID: "...), r.MessageID...), "\r\n"...)
	addresses, err := t.unsubscribeAddresses(s, fields)
	if err != nil {
		return dst, err
	}
	if dst, err = appendUnsubscribe(dst, addresses); err != nil {
		return dst, err
	}
	for _, h := range t.headers {
		value, err := s.print(h.unit, fields)
		if err != nil {
			return dst, err
		}
		if dst, err = appendText(dst, h.name, value); err != nil {
			return dst, err
		}
	}
	return append(dst, "MIME-Version: 1.0\r\n"...), nil
}

func (t *Template) appendTo(dst []byte, s *scratch, address delivery.Address, fields map[string]any) (_ []byte, err error) {
	to := delivery.Mailbox{Address: address}
	if t.toName != nil {
		if to.Name, err = s.print(t.toName, fields); err != nil {
			return dst, err
		}
	}
	return appendMailbox(dst, "To", to)
}

// print returns what the template of a header value prints for a row.
func (s *scratch) print(u *unit, fields map[string]any) (string, error) {
	if u.executor == nil {
		return u.constant, nil
	}
	s.value.Reset()
	if err := u.execute(&s.value, fields); err != nil {
		return "", err
	}
	value := strings.TrimRight(s.value.String(), " \t")
	if err := checkValue(u.origin.part, value); err != nil {
		return "", u.injection(err, fields)
	}
	if len(value) > maxHeaderValue {
		err := fmt.Errorf("%w: it has %d octets, at most %d are allowed", ErrHeaderTooLong, len(value), maxHeaderValue)
		return "", u.origin.fault(u.origin.line, err)
	}
	return value, nil
}

// injection names the column that brought a line break into a header value.
func (u *unit) injection(err error, fields map[string]any) error {
	fault := u.origin.fault(u.origin.line, err)
	for _, s := range u.uses {
		value := textOf(fields[s.column])
		if breaksLine(value) {
			fault.Field = s.column
			fault.Err = fmt.Errorf("%w: column %q is %q", ErrHeaderInjection, s.column, shorten(value))
			return delivery.Hint(fault, "correct the row, or remove line breaks in the template: {{replace \"\\n\" \" \" ."+s.column+"}}")
		}
	}
	return fault
}

func breaksLine(value string) bool { return strings.ContainsAny(value, "\r\n\x00") }

func (t *Template) appendReplyTo(dst []byte, s *scratch, fields map[string]any) ([]byte, error) {
	if t.replyTo == nil {
		return dst, nil
	}
	value, err := s.print(t.replyTo, fields)
	if err != nil {
		return dst, err
	}
	m, err := delivery.ParseMailbox(value)
	if err != nil {
		return dst, t.replyTo.origin.fault(t.replyTo.origin.line, err)
	}
	return appendMailbox(dst, "Reply-To", m)
}

func (t *Template) unsubscribeAddresses(s *scratch, fields map[string]any) ([]string, error) {
	var addresses []string
	for _, u := range t.unsubscribe {
		address, err := s.print(u, fields)
		if err != nil {
			return nil, err
		}
		if u.executor != nil {
			if err := checkUnsubscribe(address); err != nil {
				return nil, u.origin.fault(u.origin.line, err)
			}
		}
		addresses = append(addresses, address)
	}
	return addresses, nil
}
