package ui

import (
	"io"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// attemptLine is one attempt as JSON (schema mailctl.attempt/1).
type attemptLine struct {
	Schema      string  `json:"schema"`
	Time        string  `json:"time"`
	Campaign    string  `json:"campaign"`
	Row         int     `json:"row"`
	Email       string  `json:"email"`
	Destination string  `json:"destination"`
	Host        string  `json:"host"`
	IP          string  `json:"ip"`
	Code        int     `json:"code"`
	Enhanced    string  `json:"enhanced"`
	Text        string  `json:"text"`
	Stage       string  `json:"stage"`
	Outcome     string  `json:"outcome"`
	Reason      string  `json:"reason"`
	Attempt     int     `json:"attempt"`
	MessageID   string  `json:"message_id"`
	TLS         string  `json:"tls"`
	Seconds     float64 `json:"seconds"`
}

// WriteAttempt writes an attempt as one line of JSON. The text is what the
// server said, or why it said nothing.
func WriteAttempt(w io.Writer, campaign string, row int, destination string, a delivery.Attempt) error {
	text := a.Err
	if text == "" {
		text = a.Reply.Text()
	}
	return WriteJSON(w, attemptLine{
		Schema:      "mailctl.attempt/1",
		Time:        a.Time.UTC().Format(time.RFC3339Nano),
		Campaign:    campaign,
		Row:         row,
		Email:       a.Recipient.String(),
		Destination: destination,
		Host:        a.Host,
		IP:          a.IP,
		Code:        a.Reply.Code,
		Enhanced:    a.Reply.Enhanced.String(),
		Text:        text,
		Stage:       string(a.Stage),
		Outcome:     string(a.Outcome),
		Reason:      string(a.Verdict.Reason),
		Attempt:     a.Number,
		MessageID:   a.MessageID,
		TLS:         a.TLS,
		Seconds:     a.Duration.Seconds(),
	})
}
