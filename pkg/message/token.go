package message

import (
	"fmt"
	htmltemplate "html/template"
	"strconv"
	"strings"
)

// Tokens stand in for the actions of a template while Markdown and HTML are
// parsed. A token is lower-case letters and digits only, so that it survives
// as text, in attribute names and values, in URLs and in style sheets; its
// beginning occurs nowhere else in the source.
type tokens struct {
	prefix  string
	actions []*action
	raw     []htmltemplate.HTML // pieces of conditional comments, kept word for word
}

// tokenDigits is the fixed width of a token's number, so that a digit behind a
// token is not taken for a part of it.
const tokenDigits = 6

// newTokens returns tokens that cannot be confused with anything in source.
func newTokens(source string) *tokens {
	lower := strings.ToLower(source)
	prefix := "qzxj"
	for i := 0; strings.Contains(lower, prefix); i++ {
		prefix = "qzxj" + strconv.Itoa(i) + "x"
	}
	return &tokens{prefix: prefix}
}

// hide replaces every action of the segments by a token.
func (t *tokens) hide(segments []segment) string {
	var b strings.Builder
	for _, s := range segments {
		if s.action == nil {
			b.WriteString(s.text)
			continue
		}
		b.WriteString(t.add(s.action))
	}
	return b.String()
}

func (t *tokens) add(a *action) string {
	t.actions = append(t.actions, a)
	return fmt.Sprintf("%s%0*dz", t.prefix, tokenDigits, len(t.actions)-1)
}

// split cuts text that may hold tokens into literal text and actions.
func (t *tokens) split(text string) []segment {
	var segments []segment
	for {
		at, a := t.next(text)
		if a == nil {
			if text != "" {
				segments = append(segments, segment{text: text})
			}
			return segments
		}
		if at > 0 {
			segments = append(segments, segment{text: text[:at]})
		}
		segments = append(segments, segment{action: a})
		text = text[at+t.length():]
	}
}

// restore puts the actions back into text.
func (t *tokens) restore(text string) string {
	var b strings.Builder
	for _, s := range t.split(text) {
		if s.action != nil {
			b.WriteString(s.action.source)
		} else {
			b.WriteString(s.text)
		}
	}
	return b.String()
}

func (t *tokens) length() int { return len(t.prefix) + tokenDigits + 1 }

// next finds the first token in text.
func (t *tokens) next(text string) (int, *action) {
	for from := 0; ; {
		at := strings.Index(text[from:], t.prefix)
		if at < 0 {
			return 0, nil
		}
		at += from
		if a := t.parse(text[at:]); a != nil {
			return at, a
		}
		from = at + len(t.prefix)
	}
}

// parse returns the action of the token at the start of text.
func (t *tokens) parse(text string) *action {
	if len(text) < t.length() || text[t.length()-1] != 'z' {
		return nil
	}
	n, err := strconv.Atoi(text[len(t.prefix) : t.length()-1])
	if err != nil || n < 0 || n >= len(t.actions) {
		return nil
	}
	return t.actions[n]
}

// only returns the actions of text that holds nothing but tokens and white
// space, and nil for any other text.
func (t *tokens) only(text string) []*action {
	var actions []*action
	for _, s := range t.split(text) {
		switch {
		case s.action != nil:
			actions = append(actions, s.action)
		case strings.TrimSpace(s.text) != "":
			return nil
		}
	}
	return actions
}

// contains reports whether text holds a token.
func (t *tokens) contains(text string) bool {
	_, a := t.next(text)
	return a != nil
}

// structural reports whether text holds an action that prints nothing itself.
func (t *tokens) structural(text string) bool {
	for _, s := range t.split(text) {
		if s.action != nil && s.action.kind != actionOutput {
			return true
		}
	}
	return false
}
