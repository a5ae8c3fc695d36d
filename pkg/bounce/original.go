package bounce

import (
	"strings"
)

// splitOriginal cuts text before the message that came back, and returns the
// header of that. It begins behind a line that says so, such as "--- Below this
// line is a copy of the message.", or where several lines in a row are a header.
func splitOriginal(text string, announcements []string) (human string, original header) {
	end := len(text)
	at := 0
	for line := range strings.Lines(text) {
		if announces(line, announcements) {
			if rest := text[at+len(line):]; original == nil {
				if h := headerNear(rest); h != nil {
					return text[:at], h
				}
			}
			if end == len(text) && isRule(line) {
				end = at
			}
		} else if h := headerBlock(text[at:], line); h != nil {
			return text[:min(at, end)], h
		}
		at += len(line)
	}
	return text[:end], nil
}

// announces reports whether a line says that the message follows.
func announces(line string, announcements []string) bool {
	const longest = 120
	line = strings.TrimSpace(line)
	if line == "" || len(line) > longest {
		return false
	}
	text := words(line)
	for _, a := range announcements {
		if i := strings.Index(text, a); i >= 0 && i < 30 {
			return true
		}
	}
	return false
}

// isRule reports whether a line is drawn to part what is above from what is below.
func isRule(line string) bool {
	line = strings.TrimSpace(line)
	return strings.HasPrefix(line, "--") || strings.HasPrefix(line, "==") || strings.HasPrefix(line, "__") || strings.HasPrefix(line, "**")
}

// headerNear reads a header that begins within a few lines of text.
func headerNear(text string) header {
	const near = 6
	at, n := 0, 0
	for line := range strings.Lines(text) {
		if n++; n > near {
			return nil
		}
		if h := headerBlock(text[at:], line); h != nil {
			return h
		}
		at += len(line)
	}
	return nil
}

// transport are the fields that tell a message's own header from lines a report
// quotes of it for people to read.
var transport = map[string]bool{
	"received": true, "return-path": true, "message-id": true, "mime-version": true, "x-mailer": true,
	"dkim-signature": true, "content-type": true, "x-received": true,
}

// common are the fields every message has.
var common = map[string]bool{"from": true, "to": true, "subject": true, "date": true}

// headerBlock reads the header that begins with a line of text; nil when none does.
// Report lines quoted with "> " are read too.
func headerBlock(text, line string) header {
	const enough, most = 3, 16 << 10
	quote := ""
	if q := strings.TrimLeft(line, "> |"); len(q) < len(line) {
		quote = line[:len(line)-len(q)]
	}
	name, _, ok := cutField([]byte(strings.TrimPrefix(strings.TrimRight(line, "\r\n"), quote)))
	name = strings.ToLower(name)
	if !ok || !transport[name] && !common[name] && !strings.HasPrefix(name, "x-") {
		return nil
	}
	text = text[:min(len(text), most)]
	if quote != "" {
		text = strings.ReplaceAll("\n"+text, "\n"+quote, "\n")[1:]
	}
	h, _ := parseHeader([]byte(text))
	seen, real := 0, false
	for _, f := range h {
		n := strings.ToLower(f.name)
		if transport[n] {
			real = true
		}
		if transport[n] || common[n] {
			seen++
		}
	}
	if !real || seen < enough {
		return nil
	}
	return h
}
