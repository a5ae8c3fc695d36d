package bounce

import (
	"net/mail"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// complaint recognizes a feedback report (RFC 5965), and the complaints of
// providers that send the mail in question under a subject of their own.
func (m *message) complaint() ([]Report, bool) {
	if m.media == "multipart/report" || strings.HasPrefix(m.media, "multipart/") && m.from(m.marks.complainers) {
		for _, p := range m.children {
			if p.media == "message/feedback-report" {
				return m.feedback(p), true
			}
		}
	}
	return m.plainComplaint()
}

// feedback reads a feedback report. Which kinds are complaints is in RFC 5965
// §7.3; failed authentication (RFC 6591) and mail that is no spam are none.
func (m *message) feedback(p *part) []Report {
	fields, _ := parseHeader(p.content())
	switch strings.ToLower(fields.get("Feedback-Type")) {
	case "auth-failure", "dmarc":
		return m.nothing(NoteAuthReport)
	case "not-spam":
		return m.nothing(NoteNotSpam)
	}
	r := m.newComplaint()
	r.Structured = true
	r.ReportingMTA = typeless(fields.get("Reporting-MTA"))
	if r.ReportingMTA == "" {
		r.ReportingMTA = clean(fields.get("Source-IP"))
	}
	for _, name := range []string{"Arrival-Date", "Received-Date"} {
		if at, err := mail.ParseDate(fields.get(name)); err == nil && r.Arrival.IsZero() {
			r.Arrival = at
		}
	}
	r.Diagnostic = clean(strings.TrimSpace("feedback type " + fields.get("Feedback-Type")))
	var recipients []delivery.Address
	for _, name := range []string{"Original-Rcpt-To", "Removal-Recipient", "Redacted-Address"} {
		for _, value := range fields.all(name) {
			if a := parseTyped(value); !a.IsZero() && !strings.HasPrefix(strings.ToLower(a.Local), "redacted") {
				recipients = append(recipients, a)
			}
		}
		if len(recipients) > 0 {
			break
		}
	}
	return m.complaints(r, recipients)
}

// plainComplaint recognizes complaints without a feedback part: Microsoft's,
// which name the recipient in a header of the mail in question.
func (m *message) plainComplaint() ([]Report, bool) {
	subject := words(m.subject)
	recipient := m.header.get("X-HmXmrOriginalRecipient")
	if recipient == "" {
		recipient = m.original.get("X-HmXmrOriginalRecipient")
	}
	about := strings.Contains(subject, " complaint about message from ") || strings.HasPrefix(subject, " email feedback report for ip ") ||
		strings.HasPrefix(subject, " abuse report ") && m.fromProgram()
	if recipient == "" && !about {
		return nil, false
	}
	r := m.newComplaint()
	r.Diagnostic = m.subject
	var recipients []delivery.Address
	if a := parseMailbox(recipient); !a.IsZero() {
		recipients = append(recipients, a)
	}
	return m.complaints(r, recipients), true
}

// newComplaint returns what all complaints have in common.
func (m *message) newComplaint() Report {
	return Report{
		Kind:      KindComplaint,
		MessageID: m.messageID(),
		Verdict: delivery.Verdict{
			Class: delivery.ClassUnknown, Reason: delivery.ReasonSpam, Bounce: delivery.BounceNone, Scope: delivery.ScopeRecipient,
			Action: delivery.ActionSuppress, Ref: "RFC 5965 §7.3", Confidence: 0.95,
		},
	}
}

// complaints makes a report for each recipient; for whom the mail in question was
// addressed to when the complaint keeps the name to itself.
func (m *message) complaints(r Report, recipients []delivery.Address) []Report {
	if len(recipients) == 0 {
		if a := m.verpRecipient(); !a.IsZero() {
			recipients = append(recipients, a)
		} else if to := m.originalTo(); len(to) == 1 {
			recipients = to
		} else {
			recipients = append(recipients, delivery.Address{})
		}
	}
	reports := make([]Report, 0, len(recipients))
	for _, a := range recipients {
		r.Recipient = a
		r.Verdict.Provider = delivery.Provider(a.Domain)
		reports = append(reports, r)
	}
	return reports
}

// disposition returns the fields of a disposition notification (RFC 8098 §3.1).
func (m *message) disposition() (header, bool) {
	p := m.part.find("message/disposition-notification", "message/global-disposition-notification")
	if m.media != "multipart/report" || p == nil {
		return nil, false
	}
	fields, _ := parseHeader(p.content())
	return fields, true
}

// receipt recognizes a notification that a message was read or thrown away (RFC
// 8098). One that says it failed is a bounce all the same: some delivery agents
// refuse mail in this form.
func (m *message) receipt() (Note, bool) {
	fields, ok := m.disposition()
	if !ok {
		return "", false
	}
	disposition := strings.ToLower(fields.get("Disposition"))
	if strings.Contains(disposition, "automatic-action") && strings.Contains(disposition, "deleted") && m.marks.says(words(m.human), KindBounce) {
		return "", false
	}
	if strings.Contains(disposition, "failed") || strings.Contains(disposition, "denied") || strings.Contains(m.header.get("Auto-Submitted"), "(rejected") {
		return "", false
	}
	return NoteReceipt, true
}
