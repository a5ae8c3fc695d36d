package bounce

import (
	"strings"
)

// splitOriginal cuts text before the message that came back, and returns the
// header of that. It begins behind a line that says so, such as "--- Below this
// line is a copy of the message.", or where several lines in a row are a header.
// below is what follows that header.
func splitOriginal(text string, announcements *phraseIndex) (human string, original header, below string) {
	human, original, below = cutOriginal(text, announcements)
	if original == nil || len(human) == len(text) || text[len(human)] != ' ' {
		return human, original, below
	}
	// Some fields of it, indented in the middle of what the report says.
	if after := passOver(text[len(human):]); after != "" {
		var more string
		more, _, below = cutOriginal(after, announcements)
		human += more
	}
	return human, original, below
}

// cutOriginal is [splitOriginal] for text whose report ends where the message begins.
func cutOriginal(text string, announcements *phraseIndex) (human string, original header, below string) {
	end := len(text)
	at, tries := 0, 0
	for line := range strings.Lines(text) {
		said := announces(line, announcements)
		if said {
			if h, rest := headerNear(text[at+len(line):]); h != nil {
				return text[:at], h, rest
			}
		}
		switch {
		case !said || end < len(text):
		case isRule(line):
			end = at
		case strings.HasSuffix(words(line), " follows "):
			end = at + len(line)
		}
		if !said && tries < mostHeaders && beginsHeader(line) {
			tries++
			if h, rest := headerBlock(text[at:], line); h != nil {
				return text[:min(at, end)], h, rest
			}
		}
		at += len(line)
	}
	return text[:end], nil, ""
}

// passOver returns what follows the lines of text that are indented or empty.
func passOver(text string) string {
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" && line[0] != ' ' && line[0] != '\t' {
			break
		}
		text = text[len(line):]
	}
	return text
}

// mostHeaders bounds how many lines are tried that may begin a header.
const mostHeaders = 100

// announces reports whether a line says that the message follows.
func announces(line string, announcements *phraseIndex) bool {
	const longest, near = 120, 30
	line = strings.TrimSpace(line)
	if line == "" || len(line) > longest || strings.HasPrefix(line, receivedLine) {
		return false
	}
	found := false
	announcements.match(words(line), func(_, at int) bool {
		found = at < near
		return !found
	})
	return found
}

// isRule reports whether a line is drawn to part what is above from what is below.
func isRule(line string) bool {
	line = strings.TrimLeft(line, " \t|")
	return strings.HasPrefix(line, "--") || strings.HasPrefix(line, "==") || strings.HasPrefix(line, "__") || strings.HasPrefix(line, "**")
}

// headerNear reads a header that begins within a few lines of text.
func headerNear(text string) (header, string) {
	const near = 6
	at, n := 0, 0
	for line := range strings.Lines(text) {
		if n++; n > near {
			break
		}
		if h, rest := headerBlock(text[at:], line); h != nil {
			return h, rest
		}
		at += len(line)
	}
	return nil, ""
}

// transport are the fields that tell a message's own header from lines a report
// quotes of it for people to read.
var transport = map[string]bool{
	"received": true, "return-path": true, "message-id": true, "mime-version": true, "x-mailer": true,
	"dkim-signature": true, "content-type": true, "x-received": true,
}

// common are the fields every message has.
var common = map[string]bool{"from": true, "to": true, "subject": true, "date": true}

// beginsHeader reports whether a line, quoted or not, may begin a message's header.
func beginsHeader(line string) bool {
	name, _, ok := cutField([]byte(strings.TrimRight(strings.TrimLeft(line, "> |"), "\r\n")))
	return ok && isUsual(name)
}

// isUsual reports whether a field is one by which a message's header is known.
func isUsual(name string) bool {
	name = strings.ToLower(name)
	return transport[name] || common[name] || strings.HasPrefix(name, "x-")
}

// maxHeaderBlock bounds the octets of a header in running text.
const maxHeaderBlock = 16 << 10

// headerBlock reads the header that begins with a line of text, and some of what
// follows it; nil when none does.
// Lines quoted with "> " are read too.
func headerBlock(text, line string) (h header, below string) {
	const enough = 3
	if !beginsHeader(line) {
		return nil, ""
	}
	quote := line[:len(line)-len(strings.TrimLeft(line, "> |"))]
	text = text[:min(len(text), maxHeaderBlock)]
	if quote != "" {
		text = strings.ReplaceAll("\n"+text, "\n"+quote, "\n")[1:]
	}
	h, rest := parseHeader([]byte(text))
	seen, carried := 0, false
	for _, f := range h {
		n := strings.ToLower(f.name)
		if transport[n] {
			carried = true
		}
		if transport[n] || common[n] {
			seen++
		}
	}
	if !carried || seen < enough {
		return nil, ""
	}
	return h, string(rest)
}

// cutUnannounced is [cutOriginal] for a message that came back with nothing above it but a
// refusal and an empty line, and with no fields that only a message in transport has.
func cutUnannounced(text string) (human string, original header, below string) {
	at, tries, parted := 0, 0, false
	for line := range strings.Lines(text) {
		if parted && tries < mostHeaders && common[fieldName(line)] {
			tries++
			h, rest := parseHeader([]byte(text[at:min(len(text), at+maxHeaderBlock)]))
			switch {
			case !isPlainHeader(h):
			case replyIn(text[:at]).IsZero():
				return text, nil, ""
			default:
				return text[:at], h, string(rest)
			}
		}
		parted = strings.TrimSpace(line) == ""
		at += len(line)
	}
	return text, nil, ""
}

// isPlainHeader reports whether fields are those with which every message begins.
func isPlainHeader(h header) bool { return h.has("From") && h.has("To") && h.has("Subject", "Date") }

// fieldName returns the name of the field that begins with a line, in lower case; empty
// when none does.
func fieldName(line string) string {
	name, _, _ := cutField([]byte(strings.TrimRight(line, "\r\n")))
	return strings.ToLower(name)
}
