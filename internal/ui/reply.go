package ui

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// An ExplainedReply is a reply and what it means.
type ExplainedReply struct {
	Reply   delivery.Reply
	Verdict delivery.Verdict
}

// A ReplyWriter writes replies and what they mean, one below the other.
type ReplyWriter struct {
	text  *checkText
	json  *json.Encoder // nil for text
	view  replyView     // of the reply that is being written
	wrote bool
}

// NewReplyWriter returns a writer of text, json or jsonl, which are both one line
// of JSON for each reply.
func NewReplyWriter(w io.Writer, style Style, format string) *ReplyWriter {
	if format == "text" {
		return &ReplyWriter{text: &checkText{w: w, style: style}}
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return &ReplyWriter{json: encoder}
}

// Write writes one reply.
func (w *ReplyWriter) Write(e ExplainedReply) error {
	if w.json != nil {
		w.view = viewReply(e)
		return w.json.Encode(&w.view)
	}
	if w.wrote {
		w.text.line("")
	}
	w.wrote = true
	w.text.reply(e)
	return w.text.err
}

// replyView is a reply as programs get it (schema mailctl.reply/1).
type replyView struct {
	Schema     string          `json:"schema"`
	Code       int             `json:"code"`
	Enhanced   string          `json:"enhanced"`
	Text       string          `json:"text"`
	Class      delivery.Class  `json:"class"`
	Reason     delivery.Reason `json:"reason"`
	Bounce     delivery.Bounce `json:"bounce"`
	Scope      delivery.Scope  `json:"scope"`
	Action     delivery.Action `json:"action"`
	Provider   string          `json:"provider"`
	Meaning    string          `json:"meaning"`
	Advice     string          `json:"advice"`
	Ref        string          `json:"ref"`
	Confidence float64         `json:"confidence"`
}

func viewReply(e ExplainedReply) replyView {
	v := e.Verdict
	return replyView{
		Schema: "mailctl.reply/1", Code: e.Reply.Code, Enhanced: e.Reply.Enhanced.String(), Text: e.Reply.Text(),
		Class: v.Class, Reason: v.Reason, Bounce: v.Bounce, Scope: v.Scope, Action: v.Action, Provider: v.Provider,
		Meaning: v.Meaning, Advice: v.Advice, Ref: v.Ref, Confidence: v.Confidence,
	}
}

// reply writes what was said, what it means, and what to do.
func (p *checkText) reply(e ExplainedReply) {
	v := e.Verdict
	codes := e.Reply
	codes.Lines = nil
	title := codes.String()
	if title == "" {
		title = "no code"
	}
	title = p.style.Bold(title) + "  " + p.reason(v)
	if v.Provider != "" {
		title += p.style.Faint("  " + v.Provider)
	}
	p.line(title)
	if text := e.Reply.Text(); text != "" {
		p.hanging("  "+p.style.Faint("said     "), 11, text)
	}
	p.hanging("  "+p.style.Faint("means    "), 11, v.Meaning)
	p.hanging("  "+p.style.Faint("to do    "), 11, v.Advice)
	p.hanging("  "+p.style.Faint("address  "), 11, addressText(v.Bounce))
	p.hanging("  "+p.style.Faint("verdict  "), 11, fmt.Sprintf("%s, about the %s; action: %s", v.Class, v.Scope, v.Action))
	p.hanging("  "+p.style.Faint("because  "), 11, fmt.Sprintf("%s (%.0f %% sure)", v.Ref, 100*v.Confidence))
}

// reason colours a reason by how bad it is.
func (p *checkText) reason(v delivery.Verdict) string {
	text := strings.ReplaceAll(string(v.Reason), "-", " ")
	switch {
	case v.Bounce == delivery.BounceNone:
		return p.style.Good(text)
	case v.Class == delivery.ClassTemporary:
		return p.style.Warn(text)
	}
	return p.style.Bad(text)
}

// addressText says what a reply means for the address.
func addressText(b delivery.Bounce) string {
	switch b {
	case delivery.BounceHard:
		return "dead (hard bounce): never write to it again"
	case delivery.BounceSoft:
		return "may be fine (soft bounce): keep it"
	case delivery.BounceNone:
	}
	return "fine"
}
