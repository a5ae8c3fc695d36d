package sink

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	smtp "github.com/emersion/go-smtp"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// The bounds of a reply that a rule may give. A line of RFC 5321 §4.5.3.1.5 has
// 512 octets; placeholders grow, so that there is room left for them.
const (
	maxReplyLines = 10
	maxReplyLine  = 300
)

// Causes of a bad reply.
var (
	errReplyCode     = errors.New(`begins without a code such as 550`)
	errReplyEnhanced = errors.New("has codes of different classes")
	errReplyLength   = fmt.Errorf("has more than %d lines or a line of more than %d octets", maxReplyLines, maxReplyLine)
)

// placeholder is a word in double braces.
var placeholder = regexp.MustCompile(`\{\{ *([^{} ]*) *\}\}`)

// facts fill the placeholders of a reply.
type facts struct {
	rcpt, from, ip, helo, host, id string
}

// placeholders are the words that facts.value knows.
func placeholders() []string { return []string{"rcpt", "from", "ip", "helo", "host", "id"} }

// value returns what stands for a placeholder.
func (f facts) value(word string) string {
	switch word {
	case "rcpt":
		return f.rcpt
	case "from":
		return f.from
	case "ip":
		return f.ip
	case "helo":
		return f.helo
	case "host":
		return f.host
	default:
		return f.id
	}
}

// parseReply reads a reply as it looks on the wire; its text may hold
// placeholders. In a reply of several lines the codes need not be repeated.
func parseReply(text string) (*delivery.Reply, error) {
	r, err := delivery.ParseReply(text)
	switch {
	case err != nil || r.Code == 0:
		return nil, fmt.Errorf("reply %q %w", text, errReplyCode)
	case !r.Enhanced.IsZero() && r.Enhanced.Class != r.Code/100: // RFC 2034 §4
		return nil, fmt.Errorf("reply %q %w", text, errReplyEnhanced)
	case len(r.Lines) > maxReplyLines:
		return nil, fmt.Errorf("reply %q %w", text, errReplyLength)
	}
	for _, line := range r.Lines {
		if len(line) > maxReplyLine {
			return nil, fmt.Errorf("reply %q %w", text, errReplyLength)
		}
		for _, m := range placeholder.FindAllStringSubmatch(line, -1) {
			if !slices.Contains(placeholders(), m[1]) {
				return nil, unknownWord("placeholder", m[1], placeholders())
			}
		}
	}
	return &r, nil
}

// fill puts facts in the place of the placeholders.
func fill(r *delivery.Reply, f facts) delivery.Reply {
	filled := *r
	filled.Lines = make([]string, len(r.Lines))
	for i, line := range r.Lines {
		filled.Lines[i] = placeholder.ReplaceAllStringFunc(line, func(m string) string {
			return printable(f.value(strings.Trim(m, "{ }")))
		})
	}
	return filled
}

// printable replaces control characters, so that nothing a client says can end a
// reply line or command a terminal.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\t':
			return ' '
		case unicode.IsControl(c):
			return '?'
		}
		return c
	}, s)
}

// wire turns a reply into what makes go-smtp write it. Since go-smtp puts the
// enhanced code on the last line only, the other lines bring their own.
func wire(r delivery.Reply) *smtp.SMTPError {
	e := &smtp.SMTPError{Code: r.Code, EnhancedCode: smtp.NoEnhancedCode}
	lines := slices.Clone(r.Lines)
	if !r.Enhanced.IsZero() {
		e.EnhancedCode = smtp.EnhancedCode{r.Enhanced.Class, r.Enhanced.Subject, r.Enhanced.Detail}
		for i := range lines[:len(lines)-1] {
			lines[i] = r.Enhanced.String() + " " + lines[i]
		}
	}
	e.Message = strings.Join(lines, "\n")
	return e
}

// answer makes a reply of one line.
func answer(code int, enhanced delivery.EnhancedCode, text string) delivery.Reply {
	return delivery.Reply{Code: code, Enhanced: enhanced, Lines: []string{text}}
}
