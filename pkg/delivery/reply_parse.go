package delivery

import (
	"bytes"
	"fmt"
	"strings"
)

// A Quote is a reply as logs, bounces and people quote it, with what the words
// around it say of where it came from.
type Quote struct {
	Reply Reply
	Stage Stage  // the command it answers; empty when that is not said
	Host  string // the server that gave it; empty when that is not said
}

// ParseQuote reads one reply as [ParseReply] does, and the words around it.
func ParseQuote(text string) (Quote, error) {
	reply, err := ParseReply(text)
	return Quote{Reply: reply}, err
}

// ParseReply reads one reply from text as logs and delivery reports quote it:
// one line or several, with the code on each line or only on the first, with or
// without the "smtp;" of a Diagnostic-Code field (RFC 3464 §2.3.6), and also when
// only the enhanced code is there. Text with neither code wraps
// [ErrMalformedReply]; the Reply then holds the text.
func ParseReply(text string) (Reply, error) {
	var reply Reply
	var texts [][]byte
	for line := range bytes.Lines([]byte(cutDiagnosticType(text))) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		l, ok := parseReplyLine(line)
		switch {
		case ok && len(texts) == 0:
			reply.Code, line = l.code, l.text
		case ok && l.code == reply.Code:
			line = l.text
		}
		texts = append(texts, line)
	}
	reply.setLines(texts)
	if reply.Code == 0 && reply.Enhanced.IsZero() {
		return reply, fmt.Errorf("%w: %q has no reply code", ErrMalformedReply, shorten(reply.Text()))
	}
	return reply, nil
}

// cutDiagnosticType removes the "smtp;" of a Diagnostic-Code field.
func cutDiagnosticType(text string) string {
	text = strings.TrimSpace(text)
	const prefix = "smtp;"
	if len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix) {
		return strings.TrimSpace(text[len(prefix):])
	}
	return text
}

// shorten cuts text that is only quoted in an error.
func shorten(text string) string {
	const enough = 80
	n := 0
	for i := range text {
		if n == enough {
			return text[:i] + "…"
		}
		n++
	}
	return text
}
