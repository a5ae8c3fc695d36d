package message

import "github.com/mailctl/mailctl/pkg/delivery"

// Check reports whether [Template.Render] would succeed for a row, with the error
// it would return, without making the message. Where the templates do no more
// than name columns, it only looks whether those are there, so that a long list
// is checked quickly.
func (t *Template) Check(row Row) error {
	if row.Address.IsZero() {
		return delivery.ErrNoAddress
	}
	fields := row.fields()
	s, _ := t.scratch.Get().(*scratch)
	defer t.scratch.Put(s)
	if !t.exact || !t.satisfied(fields) {
		if err := t.renderParts(s, fields); err != nil {
			return err
		}
	}
	if err := t.checkHeaders(s, fields); err != nil {
		return err
	}
	if t.rowFiles {
		return t.checkRowFile(fields)
	}
	return nil
}

// satisfied reports whether every column that anything uses is there.
func (t *Template) satisfied(fields map[string]any) bool {
	for _, u := range t.sources {
		if !u.satisfied(fields) {
			return false
		}
	}
	return true
}

// checkHeaders checks what will stand in the header. Addresses are always made,
// because a value may make a wrong one; texts only when they might fail.
func (t *Template) checkHeaders(s *scratch, fields map[string]any) error {
	texts := []*unit{t.subject, t.toName}
	for _, h := range t.headers {
		texts = append(texts, h.unit)
	}
	for _, u := range texts {
		if u == nil || u.harmless(fields) {
			continue
		}
		if _, err := s.print(u, fields); err != nil {
			return err
		}
	}
	if t.replyTo != nil && t.replyTo.executor != nil {
		if _, err := t.appendReplyTo(nil, s, fields); err != nil {
			return err
		}
	}
	addresses, err := t.unsubscribeAddresses(s, fields)
	if err == nil {
		_, err = appendUnsubscribe(nil, addresses)
	}
	return err
}

// harmless reports whether a header template surely prints one line of fair
// length: its columns are there, and are texts of that kind.
func (u *unit) harmless(fields map[string]any) bool {
	if !u.exact {
		return false
	}
	size := len(u.origin.text)
	for _, s := range u.uses {
		value, ok := fields[s.column]
		if !ok {
			return false
		}
		plain := textOf(value)
		if breaksLine(plain) {
			return false
		}
		size += len(plain)
	}
	return size <= maxHeaderValue/4
}
