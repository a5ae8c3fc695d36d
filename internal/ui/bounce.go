package ui

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/mailctl/mailctl/pkg/bounce"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// A BounceLine is what a message says of one recipient, and what was done about it.
type BounceLine struct {
	bounce.Report
	File       string
	Recipient  delivery.Address // whom we wrote to, when the ledger knows; else the report's
	Final      delivery.Address // the report's, when it is somebody else
	Campaign   string           // "" for none
	Suppressed bool             // goes on the suppression list
}

// A BounceSummary counts what was read.
type BounceSummary struct {
	Messages   int
	Kinds      map[bounce.Kind]int
	Hard, Soft int                     // of the bounces
	Reasons    map[delivery.Reason]int // of bounces and delays
	Corrected  int                     // outcomes of campaigns
	Suppressed int                     // new on the suppression list
	Strangers  int                     // not suppressed, since nobody wrote to them
	Doubted    int                     // bounces that did not correct a delivered recipient
}

// Add counts a line.
func (s *BounceSummary) Add(l BounceLine) {
	if s.Kinds == nil {
		s.Kinds, s.Reasons = map[bounce.Kind]int{}, map[delivery.Reason]int{}
	}
	s.Kinds[l.Kind]++
	if l.Kind == bounce.KindBounce || l.Kind == bounce.KindDelay {
		s.Reasons[l.Verdict.Reason]++
	}
	if l.Kind != bounce.KindBounce {
		return
	}
	if l.Verdict.Bounce == delivery.BounceHard {
		s.Hard++
	} else {
		s.Soft++
	}
}

// A BounceWriter writes lines as they come, and a summary at the end.
type BounceWriter interface {
	Add(l BounceLine) error
	End(s BounceSummary) error
}

// NewBounceWriter returns what writes a format: text, json, jsonl or csv. The text
// leaves out what is no bounce, unless all is set.
func NewBounceWriter(w io.Writer, style Style, format string, all bool) BounceWriter {
	switch format {
	case "json":
		return &bouncesJSON{NewJSONList(w, bounceSchema, "reports")}
	case "jsonl":
		return bouncesJSONLines{w}
	case "csv":
		table := csv.NewWriter(w)
		return &bouncesCSV{table: table, err: table.Write(bounceColumns)}
	}
	return &bouncesText{w: w, style: style, all: all}
}

const bounceSchema = "mailctl.bounce/1"

// bounceView is a line as JSON (schema mailctl.bounce/1). A code of 0 is one that
// was not said.
type bounceView struct {
	Schema       string          `json:"schema,omitempty"`
	File         string          `json:"file"`
	Kind         bounce.Kind     `json:"kind"`
	Recipient    string          `json:"recipient"`
	Code         int             `json:"code"`
	Enhanced     string          `json:"enhanced"`
	Reason       delivery.Reason `json:"reason"`
	Bounce       delivery.Bounce `json:"bounce"`
	Provider     string          `json:"provider"`
	Diagnostic   string          `json:"diagnostic"`
	Campaign     string          `json:"campaign"`
	Action       delivery.Action `json:"action,omitempty"`
	Note         bounce.Note     `json:"note,omitempty"`
	Final        string          `json:"final_recipient,omitempty"`
	MessageID    string          `json:"message_id,omitempty"`
	ReportingMTA string          `json:"reporting_mta,omitempty"`
	RemoteMTA    string          `json:"remote_mta,omitempty"`
	Arrival      string          `json:"arrival,omitempty"`
	Suppressed   bool            `json:"suppressed,omitempty"`
}

func viewBounce(l BounceLine) bounceView {
	v := bounceView{
		File: l.File, Kind: l.Kind, Recipient: l.Recipient.String(), Code: l.Reply.Code, Enhanced: l.Reply.Enhanced.String(),
		Reason: l.Verdict.Reason, Bounce: l.Verdict.Bounce, Provider: l.Verdict.Provider, Diagnostic: l.Diagnostic,
		Campaign: l.Campaign, Action: l.Verdict.Action, Note: l.Note, Final: l.Final.String(), MessageID: l.MessageID,
		ReportingMTA: l.ReportingMTA, RemoteMTA: l.RemoteMTA, Suppressed: l.Suppressed,
	}
	if !l.Arrival.IsZero() {
		v.Arrival = l.Arrival.UTC().Format(time.RFC3339)
	}
	return v
}

type bouncesJSON struct{ list *JSONList }

func (b *bouncesJSON) Add(l BounceLine) error  { return b.list.Add(viewBounce(l)) }
func (b *bouncesJSON) End(BounceSummary) error { return b.list.End() }

type bouncesJSONLines struct{ w io.Writer }

func (b bouncesJSONLines) Add(l BounceLine) error {
	v := viewBounce(l)
	v.Schema = bounceSchema
	return WriteJSON(b.w, v)
}

func (b bouncesJSONLines) End(BounceSummary) error { return nil }

// bounceColumns are the columns of CSV.
var bounceColumns = []string{
	"file", "kind", "recipient", "code", "enhanced", "reason", "bounce", "provider", "diagnostic", "campaign",
	"action", "note", "final_recipient", "message_id", "reporting_mta", "remote_mta", "arrival", "suppressed",
}

type bouncesCSV struct {
	table *csv.Writer
	err   error
}

func (b *bouncesCSV) Add(l BounceLine) error {
	v := viewBounce(l)
	code := ""
	if v.Code != 0 {
		code = strconv.Itoa(v.Code)
	}
	return errors.Join(b.err, b.table.Write([]string{
		v.File, string(v.Kind), v.Recipient, code, v.Enhanced, string(v.Reason), string(v.Bounce), v.Provider, v.Diagnostic, v.Campaign,
		string(v.Action), string(v.Note), v.Final, v.MessageID, v.ReportingMTA, v.RemoteMTA, v.Arrival, strconv.FormatBool(v.Suppressed),
	}))
}

func (b *bouncesCSV) End(BounceSummary) error {
	b.table.Flush()
	return errors.Join(b.err, b.table.Error())
}

// BounceProgress says in one line how far the reading of a mailbox is.
func BounceProgress(messages, octets, bounces int64, elapsed time.Duration) string {
	return fmt.Sprintf("read %s messages, %s  %s bounced  %s", Count(int(messages)), Bytes(octets), Count(int(bounces)), Duration(elapsed))
}
