package bounce

import (
	"encoding/json"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A notice is what Amazon SES tells of a message, as its documentation lists the
// fields, mailed by its notification service.
type notice struct {
	Type    string `json:"notificationType"`
	Event   string `json:"eventType"`
	Message string `json:"Message"` // the notice itself, inside that of the notification service
	Bounce  struct {
		Type         string            `json:"bounceType"`
		Recipients   []noticeRecipient `json:"bouncedRecipients"`
		ReportingMTA string            `json:"reportingMTA"`
	} `json:"bounce"`
	Complaint struct {
		Recipients []noticeRecipient `json:"complainedRecipients"`
		Feedback   string            `json:"complaintFeedbackType"`
	} `json:"complaint"`
	Delivery struct {
		Recipients []string `json:"recipients"`
		Response   string   `json:"smtpResponse"`
	} `json:"delivery"`
	Mail struct {
		Headers struct {
			MessageID string `json:"messageId"`
		} `json:"commonHeaders"`
	} `json:"mail"`
}

type noticeRecipient struct {
	Address    string `json:"emailAddress"`
	Status     string `json:"status"`
	Diagnostic string `json:"diagnosticCode"`
}

// notices recognizes a message whose text is such a notice and nothing else.
func (m *message) notices() []Report {
	text := strings.TrimSpace(m.whole)
	if !strings.HasPrefix(text, "{") || !strings.Contains(text, "ecipients") {
		return nil
	}
	var n notice
	if json.NewDecoder(strings.NewReader(text)).Decode(&n) != nil {
		return nil
	}
	if n.Message != "" && json.NewDecoder(strings.NewReader(n.Message)).Decode(&n) != nil {
		return nil
	}
	switch n.Type + n.Event {
	case "Bounce":
		return m.noticeBounces(n)
	case "Complaint":
		var to []delivery.Address
		for _, r := range n.Complaint.Recipients {
			to = append(to, parseMailbox(r.Address))
		}
		r := m.newComplaint()
		r.MessageID = cutMessageID(n.Mail.Headers.MessageID)
		r.Diagnostic = clean(strings.TrimSpace("feedback type " + n.Complaint.Feedback))
		return m.complaints(r, to)
	case "Delivery":
		var reports []Report
		for _, to := range n.Delivery.Recipients {
			r := Report{Kind: KindDelivered, Recipient: parseMailbox(to), MessageID: cutMessageID(n.Mail.Headers.MessageID)}
			m.judge(&r, []candidate{{reply: replyIn(n.Delivery.Response), text: n.Delivery.Response}})
			reports = append(reports, r)
		}
		return reports
	}
	return nil
}

func (m *message) noticeBounces(n notice) []Report {
	var reports []Report
	for _, to := range n.Bounce.Recipients {
		r := Report{
			Kind: KindBounce, Recipient: parseMailbox(to.Address), MessageID: cutMessageID(n.Mail.Headers.MessageID),
			ReportingMTA: typeless(n.Bounce.ReportingMTA), Structured: true,
		}
		fields := header{{"Status", []byte(to.Status)}}
		if to.Diagnostic != "" {
			fields = append(fields, field{"Diagnostic-Code", []byte(to.Diagnostic)})
		}
		if to.Status == "" && to.Diagnostic == "" {
			status := map[bool]string{true: "4.0.0", false: "5.0.0"}[n.Bounce.Type == "Transient"]
			fields = header{{"Status", []byte(status)}}
		}
		m.judgeStatus(&r, statusGroup{fields}, nil, len(n.Bounce.Recipients)+1)
		reports = append(reports, r)
	}
	return reports
}
