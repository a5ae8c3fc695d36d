package cli

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/internal/ui"
)

// recipientLine is a recipient and what became of them, as JSON and CSV. A line of
// its own has the schema mailctl.recipient/1.
type recipientLine struct {
	Schema      string `json:"schema,omitempty"`
	Row         int    `json:"row"`
	Line        int    `json:"line"`
	Email       string `json:"email"`
	Destination string `json:"destination"`
	Outcome     string `json:"outcome"`
	Attempts    int    `json:"attempts"`
	Code        int    `json:"code,omitempty"`
	Enhanced    string `json:"enhanced,omitempty"`
	Text        string `json:"text,omitempty"`
	Reason      string `json:"reason,omitempty"`
	Bounce      string `json:"bounce,omitempty"`
	Host        string `json:"host,omitempty"`
	MessageID   string `json:"message_id,omitempty"`
	Time        string `json:"time,omitempty"`
	NextTry     string `json:"next_try,omitempty"`
}

func newRecipientLine(r ledger.Recipient) recipientLine {
	line := recipientLine{
		Row: r.Row, Line: r.Line, Email: r.Address.String(), Outcome: string(r.Outcome),
		Attempts: r.Attempts, NextTry: timestamp(r.NextTry),
	}
	if !r.Address.IsZero() {
		line.Destination = label(r.Address.Domain)
	}
	if r.Outcome == "" {
		line.Outcome = "pending"
	}
	if p := r.Problem; p != nil {
		line.Reason, line.Text = p.Reason, p.Text
	}
	if a := r.Last; a != nil {
		line.Code, line.Enhanced, line.Text = a.Reply.Code, a.Reply.Enhanced.String(), a.Reply.Text()
		if a.Err != "" {
			line.Text = a.Err
		}
		line.Reason, line.Bounce = string(a.Verdict.Reason), string(a.Verdict.Bounce)
		line.Host, line.MessageID, line.Time = a.Host, a.MessageID, timestamp(a.Time)
	}
	return line
}

// recipientHeader and record are the columns of CSV.
var recipientHeader = []string{
	"row", "line", "email", "destination", "outcome", "attempts", "code", "enhanced",
	"text", "reason", "bounce", "host", "message_id", "time", "next_try",
}

func (l recipientLine) record() []string {
	code := ""
	if l.Code != 0 {
		code = strconv.Itoa(l.Code)
	}
	return []string{
		strconv.Itoa(l.Row), strconv.Itoa(l.Line), l.Email, l.Destination, l.Outcome, strconv.Itoa(l.Attempts),
		code, l.Enhanced, l.Text, l.Reason, l.Bounce, l.Host, l.MessageID, l.Time, l.NextTry,
	}
}

// exportedOutcomes are what can have become of a recipient.
var exportedOutcomes = []string{"delivered", "deferred", "bounced", "suppressed", "skipped", "unknown", "pending"}

// exportCampaign writes recipients as they are read, so that memory does not
// grow with the list.
func exportCampaign(ctx context.Context, r ledgerRun) error {
	wanted := r.s.Campaign.Outcome
	for _, o := range wanted {
		if err := oneOf("outcome", o, exportedOutcomes...); err != nil {
			return err
		}
	}
	if _, _, err := r.ledger.Show(ctx, r.args[0]); err != nil {
		return err
	}
	return writeResult(r.env, r.s, func(out *output) error {
		write, end := recipientWriter(out, r.s.Format, r.args[0])
		err := r.ledger.Export(ctx, r.args[0], func(recipient ledger.Recipient) error {
			line := newRecipientLine(recipient)
			if len(wanted) > 0 && !slices.Contains(wanted, line.Outcome) {
				return nil
			}
			return write(line)
		})
		return errors.Join(err, end())
	})
}

// recipientWriter returns what writes one recipient, and what ends the output.
func recipientWriter(w io.Writer, format, campaign string) (write func(recipientLine) error, end func() error) {
	switch format {
	case "jsonl":
		return func(l recipientLine) error {
			l.Schema = "mailctl.recipient/1"
			return ui.WriteJSON(w, l)
		}, func() error { return nil }
	case "json":
		list := ui.NewJSONList(w, "mailctl.recipients/1", "recipients", [2]string{"campaign", campaign})
		return func(l recipientLine) error { return list.Add(l) }, list.End
	}
	table := csv.NewWriter(w)
	if format == "text" {
		table.Comma = '\t'
	}
	began := table.Write(recipientHeader)
	return func(l recipientLine) error { return table.Write(l.record()) }, func() error {
		table.Flush()
		return errors.Join(began, table.Error())
	}
}
