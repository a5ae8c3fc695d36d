package verify

import (
	"bytes"
	"fmt"
	"net/mail"
	"strings"
	"unicode/utf8"
)

// maxLine is how many octets a line may have without its end (RFC 5322 §2.1.1).
const maxLine = 998

// singletons are the fields that a message may have once (RFC 5322 §3.6, RFC 2045
// §3, RFC 2369 §2, RFC 8058 §3.1).
var singletons = [...]string{
	"Date", "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Message-ID", "In-Reply-To", "References", "Subject",
	"MIME-Version", "Content-Type", "Content-Transfer-Encoding", "List-Unsubscribe", "List-Unsubscribe-Post",
}

// formFindings judges the form of a message.
func formFindings(m *message) []Finding {
	found := fromFindings(m)
	found = append(found, presenceFindings(m)...)
	for _, name := range singletons {
		if n := len(m.all(name)); n > 1 && name != "From" {
			found = append(found, Finding{
				ID: "message-duplicate-field", Severity: SeverityError, Standard: StandardMessage, Subject: name,
				Message: fmt.Sprintf("the message has %d %s fields and may have one: readers show different ones, and receivers refuse it", n, name),
				Fix:     "leave one " + name + " field", Ref: "RFC 5322 §3.6",
			})
		}
	}
	found = append(found, headerFindings(m)...)
	return append(found, lineFindings(m)...)
}

// fromFindings judges From, which must be there once.
func fromFindings(m *message) []Finding {
	finding := Finding{Severity: SeverityError, Standard: StandardMessage, Subject: "From", Ref: "RFC 5322 §3.6.2"}
	from := m.all("From")
	if len(from) != 1 {
		finding.ID, finding.Message = "message-no-from", "the message has no From field: receivers refuse it"
		finding.Fix = "add From with the author's address"
		if len(from) > 1 {
			finding.ID, finding.Message = "message-several-from", fmt.Sprintf("the message has %d From fields: receivers refuse it, because readers show different ones", len(from))
			finding.Fix = "leave one From field"
		}
		return []Finding{finding}
	}
	finding.Record = "From: " + from[0].text()
	addresses, err := parseFrom(from[0].text())
	_, authorErr := m.author()
	switch {
	case err != nil:
		finding.ID, finding.Message = "message-bad-from", "From is not a list of addresses: receivers refuse the message"
		finding.Fix = `write From: "Name" <local@domain>`
	case len(addresses) > 1:
		finding.ID, finding.Severity = "message-several-authors", SeverityWarning
		finding.Message = fmt.Sprintf("From has %d addresses: many receivers refuse that, and DMARC has no answer when their domains differ", len(addresses))
		finding.Fix = "name one author in From"
		if authorErr != nil {
			finding.Severity = SeverityError
		}
	case authorErr != nil:
		finding.ID, finding.Message = "message-bad-from", "the domain in From is none that can have a DMARC record: receivers refuse the message"
		finding.Fix = "use an address at a domain in From"
	default:
		return nil
	}
	return []Finding{finding}
}

// presenceFindings judges the other fields that a message must or should have.
func presenceFindings(m *message) []Finding {
	var found []Finding
	add := func(id string, severity Severity, name, text, fix, ref string) {
		finding := Finding{ID: id, Severity: severity, Standard: StandardMessage, Subject: name, Message: text, Fix: fix, Ref: ref}
		if f := m.all(name); len(f) > 0 {
			finding.Record = name + ": " + f[0].text()
		}
		found = append(found, finding)
	}
	date := m.first("Date")
	if len(m.all("Date")) == 0 {
		add("message-no-date", SeverityError, "Date", "the message has no Date field: receivers refuse it or take it for spam", "add Date with the time of sending", "RFC 5322 §3.6.1")
	} else if _, err := mail.ParseDate(date); err != nil {
		add("message-bad-date", SeverityError, "Date", "Date is not a date of RFC 5322", "write it like Sun, 22 Nov 2026 12:00:00 +0000", "RFC 5322 §3.3")
	}
	id := m.first("Message-ID")
	if len(m.all("Message-ID")) == 0 {
		add("message-no-message-id", SeverityWarning, "Message-ID", "the message has no Message-ID field: Gmail and others refuse such mail", "add a Message-ID that is unique", "RFC 5322 §3.6.4")
	} else if !isMessageID(id) {
		add("message-bad-message-id", SeverityWarning, "Message-ID", "Message-ID is not one identifier in angle brackets", "write it like <unique@domain>", "RFC 5322 §3.6.4")
	}
	return found
}

// isMessageID reports whether a text is <left@right> without white space.
func isMessageID(text string) bool {
	inner, open := strings.CutPrefix(text, "<")
	inner, closed := strings.CutSuffix(inner, ">")
	left, right, at := strings.Cut(inner, "@")
	return open && closed && at && left != "" && right != "" && !strings.ContainsAny(inner, " \t<>")
}

// headerFindings judges the header as a whole.
func headerFindings(m *message) []Finding {
	var found []Finding
	add := func(id string, severity Severity, subject, text, fix, ref string) {
		found = append(found, Finding{ID: id, Severity: severity, Standard: StandardMessage, Subject: subject, Message: text, Fix: fix, Ref: ref})
	}
	for _, f := range m.fields {
		if !f.colon || !isFieldName(f.name) {
			add("message-bad-field", SeverityError, "header", fmt.Sprintf("line %d of the header is no field: %q", f.line, shorten(f.name)),
				"a field is a name, a colon and a value; lines that go on begin with a space", "RFC 5322 §2.2")
			break
		}
	}
	if m.open {
		add("message-no-empty-line", SeverityWarning, "header", "no empty line ends the header", "put an empty line behind the header", "RFC 5322 §2.1")
	}
	for _, f := range m.fields {
		if i := strings.IndexFunc(f.value, func(r rune) bool { return r >= utf8.RuneSelf }); i >= 0 {
			add("message-8bit-header", SeverityWarning, f.name, fmt.Sprintf("%s has octets outside of ASCII: only receivers with SMTPUTF8 take them", shorten(f.name)),
				"encode the text as RFC 2047 has it", "RFC 5322 §2.2, RFC 6532")
			break
		}
	}
	return found
}

// isFieldName reports whether a name is made of visible ASCII (RFC 5322 §3.6.8).
func isFieldName(name string) bool {
	return name != "" && strings.IndexFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f }) < 0
}

// lineFindings judges line ends, long lines and octets that no mail has.
func lineFindings(m *message) []Finding {
	var found []Finding
	add := func(id, text, fix, ref string) {
		found = append(found, Finding{ID: id, Severity: SeverityError, Standard: StandardMessage, Subject: "lines", Message: text, Fix: fix, Ref: ref})
	}
	bare, long, number := 0, 0, 0
	for line := range bytes.Lines(m.data) {
		number++
		content, ended := bytes.CutSuffix(line, []byte("\n"))
		body, cr := bytes.CutSuffix(content, []byte("\r"))
		if bare == 0 && (ended != cr || bytes.IndexByte(body, '\r') >= 0) {
			bare = number
		}
		if long == 0 && len(body) > maxLine {
			long = number
		}
	}
	if bare > 0 {
		add("message-bare-line-end", fmt.Sprintf("line %d has a CR or LF without the other: receivers refuse it, because it can hide a second message", bare),
			"end every line with CR LF, and use neither elsewhere", "RFC 5322 §2.3")
	}
	if long > 0 {
		add("message-long-line", fmt.Sprintf("line %d has more than %d octets: servers refuse or break it, and a broken line breaks signatures", long, maxLine),
			"fold header fields, and encode the body as quoted-printable or base64", "RFC 5322 §2.1.1")
	}
	if bytes.IndexByte(m.data, 0) >= 0 {
		add("message-nul", "the message has NUL octets, which no mail may have", "encode the part as base64", "RFC 5322 §2.2")
	}
	return found
}
