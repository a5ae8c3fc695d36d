package ui

import (
	"fmt"
	"io"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// reasonView is a reason as programs get it.
type reasonView struct {
	Reason  delivery.Reason `json:"reason"`
	Bounce  delivery.Bounce `json:"bounce"`
	Scope   delivery.Scope  `json:"scope"`
	Action  delivery.Action `json:"action"`
	Meaning string          `json:"meaning"`
	Advice  string          `json:"advice"`
}

// WriteReasonsJSON writes the list of reasons (schema mailctl.reasons/1).
func WriteReasonsJSON(w io.Writer, reasons []delivery.ReasonInfo) error {
	view := struct {
		Schema  string       `json:"schema"`
		Reasons []reasonView `json:"reasons"`
	}{Schema: "mailctl.reasons/1"}
	for _, r := range reasons {
		view.Reasons = append(view.Reasons, reasonView{r.Reason, r.Bounce, r.Scope, r.Action, r.Meaning, r.Advice})
	}
	return WriteJSON(w, view)
}

// WriteReasons writes the list of reasons for people.
func WriteReasons(w io.Writer, style Style, reasons []delivery.ReasonInfo) error {
	p := &checkText{w: w, style: style}
	for i, r := range reasons {
		if i > 0 {
			p.line("")
		}
		p.line(style.Bold(string(r.Reason)) + "  " + style.Faint(fmt.Sprintf("%s, about the %s, action: %s", r.Bounce, r.Scope, r.Action)))
		p.wrapped("  ", r.Meaning)
		p.wrapped("  ", r.Advice)
	}
	return p.err
}

// WriteReasonsPage writes a page that explains every reason.
func WriteReasonsPage(w io.Writer, reasons []delivery.ReasonInfo) error {
	var b strings.Builder
	b.WriteString(`# Why a message was not taken

Whatever a server answers is put down to one of these reasons. The list is closed:
names change only with a major version. The bounce, scope and action of a reason
are those of a lasting refusal (5yz); a temporary one (4yz) is always soft.

- **hard**: the address is permanently undeliverable; never write to it again
- **soft**: this message failed; the address may be fine

This page is made from the program: ` + "`mailctl reply --reasons --format markdown`" + `.

| reason | bounce | scope | action |
| --- | --- | --- | --- |
`)
	for _, r := range reasons {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s |\n", r.Reason, r.Reason, r.Bounce, r.Scope, r.Action)
	}
	for _, r := range reasons {
		fmt.Fprintf(&b, "\n## %s\n\n%s %s\n", r.Reason, markdownText(r.Meaning), markdownText(r.Advice))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// codeView is a code as programs get it.
type codeView struct {
	Code    string          `json:"code"`
	Reason  delivery.Reason `json:"reason"`
	Meaning string          `json:"meaning"`
	Ref     string          `json:"ref"`
}

// WriteCodesJSON writes the list of codes (schema mailctl.codes/1).
func WriteCodesJSON(w io.Writer, codes []delivery.CodeInfo) error {
	view := struct {
		Schema string     `json:"schema"`
		Codes  []codeView `json:"codes"`
	}{Schema: "mailctl.codes/1"}
	for _, c := range codes {
		view.Codes = append(view.Codes, codeView(c))
	}
	return WriteJSON(w, view)
}

// WriteCodes writes the list of codes for people.
func WriteCodes(w io.Writer, style Style, codes []delivery.CodeInfo) error {
	p := &checkText{w: w, style: style}
	for _, c := range codes {
		label := fmt.Sprintf("%-8s%-24s", c.Code, c.Reason)
		p.hanging(label, len(label), fmt.Sprintf("%s (%s)", c.Meaning, c.Ref))
	}
	return p.err
}

// WriteCodesPage writes a page with every code.
func WriteCodesPage(w io.Writer, codes []delivery.CodeInfo) error {
	var b strings.Builder
	b.WriteString("| code | reason | meaning | source |\n| --- | --- | --- | --- |\n")
	for _, c := range codes {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", c.Code, c.Reason, markdownText(c.Meaning), markdownText(c.Ref))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
