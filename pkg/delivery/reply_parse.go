package delivery

import (
	"fmt"
	"slices"
	"strings"
)

// ParseReply reads one reply from text as logs and delivery reports quote it:
// one line or several, with the code on each line or only on the first, also when
// the lines were joined; behind the "smtp;" of a Diagnostic-Code field (RFC 3464
// §2.3.6) or the words with which mail servers and mail programs introduce a reply;
// and also when only the enhanced code is there, which may stand at the end, as in
// "(#5.1.1)". Text with neither code wraps [ErrMalformedReply]; the Reply then holds
// the text.
func ParseReply(text string) (Reply, error) {
	quote, err := ParseQuote(text)
	return quote.Reply, err
}

// A Quote is a reply as logs, bounces and people quote it, with what the words
// around it say of where it came from.
type Quote struct {
	Reply Reply
	Stage Stage  // the command it answers; empty when that is not said
	Host  string // the server that gave it; empty when that is not said
}

const (
	// maxQuote bounds the octets of a quoted reply.
	maxQuote = 64 << 10
	// maxQuoteLines bounds its lines.
	maxQuoteLines = 128
)

// ParseQuote reads one reply as [ParseReply] does, and the words around it.
func ParseQuote(text string) (Quote, error) {
	text = strings.TrimSpace(unescapeQuote(text[:min(len(text), maxQuote)]))
	var q Quote
	before, said := cutIntroduction(unwrap(text))
	if before == "" {
		said = q.cutCommand(said)
		q.Reply.setQuoted(said)
	} else {
		q.readIntroduction(before)
		said = q.cutCommand(cutTail(before, said))
		q.Reply.setQuoted(said)
		q.readAround(before, said)
	}
	if q.Reply.Enhanced.IsZero() {
		q.Reply.Enhanced = q.Reply.findEnhanced(said, before)
	}
	if q.Reply.Code == 0 && q.Reply.Enhanced.IsZero() {
		return q, fmt.Errorf("%w: %q has no reply code", ErrMalformedReply, shorten(q.Reply.Text()))
	}
	return q, nil
}

// readAround makes words that stand before a reply part of it where they belong there.
func (q *Quote) readAround(before, said string) {
	if words := inBrackets(before, said); words != "" {
		q.Reply.setLines([][]byte{[]byte(words)})
	}
	if strings.Contains(lowerASCII(before), "callout") {
		// The reply is what the server was told when it asked for somebody.
		q.Reply.Lines = slices.Insert(q.Reply.Lines, 0, harmless([]byte(before)))
	}
}

// setQuoted makes r of the lines of a quoted reply.
func (r *Reply) setQuoted(said string) {
	var first [4][]byte // most replies are shorter than this
	texts := first[:0]
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		l, ok := parseReplyLine([]byte(line))
		switch {
		case ok && len(texts) == 0:
			r.Code = l.code
			texts = r.appendJoined(texts, l)
		case ok && l.code == r.Code:
			texts = r.appendJoined(texts, l)
		default:
			texts = append(texts, []byte(line))
		}
		if len(texts) >= maxQuoteLines {
			texts = texts[:maxQuoteLines]
			break
		}
	}
	r.setLines(texts)
}

// appendJoined appends the text of a line and, when the line says that others
// follow, those that were joined with it. A code that is said twice is one.
func (r *Reply) appendJoined(texts [][]byte, l replyLine) [][]byte {
	for {
		again, ok := parseReplyLine(trimLeft(l.text))
		if !ok || again.code != l.code || len(again.text) == 0 {
			break
		}
		l.text, l.last = again.text, l.last && again.last
	}
	if l.last {
		return append(texts, l.text)
	}
	rest := l.text
	for i := 0; i+5 <= len(rest) && len(texts) < maxQuoteLines; i++ {
		if rest[i] != ' ' {
			continue
		}
		if next, ok := parseReplyLine(rest[i+1:]); ok && next.code == r.Code && len(next.text) > 0 {
			texts = append(texts, rest[:i])
			rest, i = next.text, -1
			if next.last {
				break
			}
		}
	}
	return append(texts, rest)
}

func trimLeft(text []byte) []byte {
	for len(text) > 0 && (text[0] == ' ' || text[0] == '\t') {
		text = text[1:]
	}
	return text
}

// findEnhanced finds an enhanced code that does not stand where RFC 2034 §4 puts
// it: in brackets behind a number sign, as qmail and its heirs write it, or between
// words; else in the words around the reply. Its class is that of the basic code.
func (r *Reply) findEnhanced(said, before string) EnhancedCode {
	for _, text := range []string{said, before} {
		for i := 0; i+len("5.0.0") <= len(text); i++ {
			if text[i] != '5' && text[i] != '4' && text[i] != '2' || text[i+1] != '.' {
				continue
			}
			if c, ok := enhancedAt(text, i); ok && r.plausible(c, text, i) {
				return c
			}
		}
	}
	return EnhancedCode{}
}

// plausible reports whether digits between other words are an enhanced code.
func (r *Reply) plausible(c EnhancedCode, text string, i int) bool {
	const lastSubject = 7 // RFC 3463 §3.1
	if c.Subject > lastSubject {
		return false
	}
	if r.Code != 0 {
		return c.Class == r.Code/100
	}
	const status = "status: "
	return i == 0 || strings.IndexByte("#([<,=", text[i-1]) >= 0 || strings.EqualFold(text[max(i-len(status), 0):i], status)
}

// enhancedAt reads an enhanced code in the middle of text, with nothing around it
// that makes it part of a longer number or word.
func enhancedAt(text string, i int) (EnhancedCode, bool) {
	if i > 0 && strings.IndexByte(" \t\n#([<,=:;-", text[i-1]) < 0 {
		return EnhancedCode{}, false
	}
	subject, rest, ok := cutNumber(text[i+2:])
	if !ok || rest == "" || rest[0] != '.' {
		return EnhancedCode{}, false
	}
	detail, rest, ok := cutNumber(rest[1:])
	if !ok || rest != "" && strings.IndexByte(" \t\r\n)]>,;:'\"", rest[0]) < 0 && !strings.HasPrefix(rest, ". ") && rest != "." {
		return EnhancedCode{}, false
	}
	return EnhancedCode{Class: int(text[i] - '0'), Subject: subject, Detail: detail}, true
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
