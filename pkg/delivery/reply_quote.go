package delivery

import (
	"strings"
)

// introductions are the words behind which mail servers quote a reply. What stands
// before them says where it came from. The longest comes first where one contains
// the other.
var introductions = []string{
	" said: ", // Postfix; qmail's "Remote host said:"
	"the error that the other server returned was:", // Gmail
	"the response from the remote server was:",      // Gmail
	"the response was:",
	"remote server returned '", // Exchange
	"remote server returned:",
	"remote server responded:",
	"remote server replied:",
	"remote mta replied:",
	"smtp error message:",
	"diagnostic-code:",
	"responded with ",
	transcript,
}

// transcript begins what the server said in a transcript of Sendmail's.
const transcript = "<<< "

// cutIntroduction splits a quote into what stands before the reply and the reply.
// Where no code follows, all of it is the reply.
func cutIntroduction(text string) (before, said string) {
	if startsReply(text) {
		return "", text
	}
	if rest, ok := cutType(text); ok {
		return "", rest
	}
	folded := lowerASCII(text)
	for _, introduction := range introductions {
		i := strings.Index(folded, introduction)
		if i < 0 {
			continue
		}
		rest := strings.TrimLeft(text[i+len(introduction):], " \t\r\n'\"")
		if untyped, ok := cutType(rest); ok {
			rest = untyped
		}
		if startsReply(rest) {
			if introduction == transcript {
				rest = cutTranscript(rest)
			}
			return text[:i], rest
		}
	}
	for i := 1; i < len(text); i++ {
		if isIntroduced(text, i) && startsReply(text[i:]) {
			return text[:i], text[i:]
		}
	}
	for i := 1; i < len(text); i++ {
		if text[i-1] == ' ' && startsBoth(text[i:]) {
			return text[:i], text[i:]
		}
	}
	return "", text
}

// cutTranscript returns the lines that the server said. What follows them without the
// mark are Sendmail's own words for the code, whatever the server meant by it.
func cutTranscript(said string) string {
	var kept strings.Builder
	for line := range strings.Lines(said) {
		if kept.Len() > 0 {
			marked, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), transcript)
			if !ok {
				break
			}
			line = marked
		}
		kept.WriteString(line)
	}
	return kept.String()
}

// isIntroduced reports whether a reply may begin at i: at the beginning of a line,
// or behind punctuation that introduces speech.
func isIntroduced(text string, i int) bool {
	if text[i] < '2' || text[i] > '5' {
		return false
	}
	switch text[i-1] {
	case '\n', ';', '\'', '"', '#', '(', '>':
		return true
	case ' ':
		before := strings.TrimRight(text[:i], " ")
		if before == "" {
			return true
		}
		switch before[len(before)-1] {
		case ':', ';', '\n', '>', '-':
			return true
		}
	case ':':
		return i+3 < len(text) && text[i+3] != ':' && (i < 2 || !isDigit(text[i-2]))
	}
	return false
}

// startsReply reports whether text begins with a reply code and something behind
// it, or an enhanced code.
func startsReply(text string) bool {
	if len(text) >= 3 {
		line, _, _ := strings.Cut(text[:min(len(text), 5)], "\n")
		if l, ok := parseReplyLine([]byte(strings.TrimSuffix(line, "\r"))); ok && l.code >= 200 {
			return true
		}
	}
	_, _, ok := cutEnhanced(text[:min(len(text), len("#5.999.999 "))])
	return ok
}

// startsBoth reports whether text begins with a reply code and an enhanced code that
// agree, which nothing else does.
func startsBoth(text string) bool {
	const longest = len("550 5.999.999 ")
	l, ok := parseReplyLine([]byte(text[:min(len(text), longest)]))
	if !ok {
		return false
	}
	enhanced, _, ok := cutEnhanced(string(l.text))
	return ok && enhanced.Class == l.code/100
}

// cutType removes the "smtp;" or "x-unix;" of a Diagnostic-Code field.
func cutType(text string) (string, bool) {
	const longest = 16
	end := strings.IndexByte(text[:min(len(text), longest+1)], ';')
	if end < 0 {
		return text, false
	}
	name := lowerASCII(text[:end])
	if name != "smtp" && name != "dns" && name != "unix" && !strings.HasPrefix(name, "x-") || strings.Contains(name, " ") {
		return text, false
	}
	return strings.TrimSpace(text[end+1:]), true
}

// commands are the ways in which a command is named, with its stage.
var commands = []struct {
	name  string
	stage Stage
}{
	{"initial connection", StageGreeting},
	{"greeting", StageGreeting},
	{"ehlo", StageHello},
	{"helo", StageHello},
	{"starttls", StageTLS},
	{"auth", StageAuth},
	{"pipelined mail from", StageMail},
	{"mail from", StageMail},
	{"pipelined rcpt to", StageRcpt},
	{"rcpt to", StageRcpt},
	{"end of data", StageMessage},
	{"end of message", StageMessage},
	{"sending message body", StageMessage},
	{"sending data block", StageMessage},
	{"pipelined sending data block", StageMessage},
	{"pipelined data", StageData},
	{"data", StageData},
	{"bdat", StageMessage},
}

// refusals are words before a reply, in lower case, that tell what it answers: those
// of Postfix, of qmail, of Python's smtplib, of Java's mail API, and of others.
var refusals = []struct {
	words string
	stage Stage
}{
	{"refused to talk to me", StageGreeting},
	{"but greeting failed", StageGreeting},
	{"smtpconnecterror", StageGreeting},
	{"but my name was rejected", StageHello},
	{"smtpheloerror", StageHello},
	{"smtpauthenticationerror", StageAuth},
	{"smtpsenderrefused", StageMail},
	{"but sender was rejected", StageMail},
	{"mail command failed", StageMail},
	{"mail from command failed", StageMail},
	{"sent: mail from", StageMail},
	{"smtprecipientsrefused", StageRcpt},
	{"smtpaddressfailedexception", StageRcpt},
	{"does not like recipient", StageRcpt},
	{"rcpt command failed", StageRcpt},
	{"rcpt to command failed", StageRcpt},
	{"sent: rcpt to", StageRcpt},
	{"data command failed", StageData},
	{"failed on data command", StageData},
	{"failed after i sent the message", StageMessage},
	{"message failed", StageMessage},
	{"sent: .", StageMessage},
	{"smtpdataerror", StageMessage},
}

// stageOf returns the stage of the command that text begins with.
func stageOf(text string) Stage {
	for _, command := range commands {
		if strings.HasPrefix(text, command.name) {
			return command.stage
		}
	}
	return ""
}

// readIntroduction reads the words before a reply: the server ("host NAME[IP] said",
// "while talking to NAME") and the command ("after RCPT TO:<…>", ">>> DATA").
func (q *Quote) readIntroduction(before string) {
	folded := lowerASCII(before)
	for _, word := range []string{" after ", ">>> "} {
		if i := strings.LastIndex(folded, word); i >= 0 && q.Stage == "" {
			q.Stage = stageOf(folded[i+len(word):])
		}
	}
	if strings.HasPrefix(folded, "after ") {
		q.Stage = stageOf(folded[len("after "):])
	}
	for _, refusal := range refusals {
		if q.Stage == "" && strings.Contains(folded, refusal.words) {
			q.Stage = refusal.stage
		}
	}
	for _, word := range []string{"while talking to ", "host ", "server "} {
		i := strings.Index(folded, word)
		if i < 0 || i > 0 && folded[i-1] != ' ' && folded[i-1] != '\n' && folded[i-1] != ':' && folded[i-1] != '(' {
			continue
		}
		if name := hostName(before[i+len(word):]); name != "" {
			q.Host = name
			return
		}
	}
}

// hostName returns the domain name that text begins with, "" when there is none.
func hostName(text string) string {
	end := 0
	for end < len(text) && (isDigit(text[end]) || 'a' <= text[end]|0x20 && text[end]|0x20 <= 'z' || text[end] == '-' || text[end] == '.' || text[end] == '_') {
		end++
	}
	name := strings.Trim(text[:end], ".")
	if !strings.Contains(name, ".") || len(name) > 253 {
		return ""
	}
	return name
}

// cutCommand takes Postfix's "(in reply to RCPT TO command)" from the end of a
// reply.
func (q *Quote) cutCommand(said string) string {
	i := strings.LastIndexByte(said, '(')
	rest, ok := strings.CutPrefix(said[max(i, 0):], "(in reply to ")
	if !ok {
		return said
	}
	end := strings.IndexByte(rest, ')')
	if end < 0 || strings.Trim(rest[end:], ") ,;'\"\r\n") != "" {
		return said
	}
	if stage := stageOf(lowerASCII(rest)); stage != "" && q.Stage == "" {
		q.Stage = stage
	}
	return strings.TrimSpace(said[:i])
}
