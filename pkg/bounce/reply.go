package bounce

import (
	"regexp"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// replyPattern finds an SMTP reply in running text: a code of three digits and
// behind it an enhanced code, words or the IP address that is refused, at a place where
// a number of another kind does not stand. The first group of an IPv6 address in use has
// four digits (RFC 4291 §2.4, 2000::/3), which a time of day has not.
var replyPattern = regexp.MustCompile(`(?:^|[^0-9A-Za-z.@/_:+=-]|[^0-9]:)([245][0-9]{2})(?:[ \t:-]+|$)(#?[245]\.[0-9]{1,3}\.[0-9]{1,3}\b|[0-9]{1,3}(?:\.[0-9]{1,3}){3} |[23][0-9a-f]{3}:[0-9a-f]{0,4}:[0-9a-f:]* |[\pL<("'*\[#/“-]|$)`)

// enhancedPattern finds the enhanced code of a failure that stands alone (RFC 3463 §2).
// A number such as 2.3.0 in running text is a version of something.
var enhancedPattern = regexp.MustCompile(`(?:^|[^0-9A-Za-z.])#?([45]\.[0-7]\.[0-9]{1,3})(?:[^0-9.]|\.?$|\.[^0-9])`)

// Bounds of a reply in running text.
const (
	maxReplyLines = 15   // it goes on for
	maxReplyLine  = 4000 // octets of a line that are looked at
)

// replyIn returns the reply that a text quotes: the first refusal with a code,
// else the first with an enhanced code; zero when there is none.
func replyIn(text string) delivery.Reply { return quoteIn(text).Reply }

// quoteIn is [replyIn] with what the words around the reply say of where it came
// from.
func quoteIn(text string) delivery.Quote {
	lines := strings.Split(text, "\n")
	for _, find := range []func(lines []string, i int) delivery.Quote{codedQuote, enhancedQuote} {
		for i, line := range lines {
			if !hasCode(line) || isCommand(line) {
				continue
			}
			if quote := find(lines, i); !quote.Reply.IsZero() {
				return quote
			}
		}
	}
	return delivery.Quote{}
}

// codedQuote returns the first refusal with a code that begins in a line.
func codedQuote(lines []string, i int) delivery.Quote {
	line := lines[i][:min(len(lines[i]), maxReplyLine)]
	for _, at := range replyPattern.FindAllStringSubmatchIndex(line, 8) {
		if line[at[2]] == '2' || countsSomething(line[at[3]:]) {
			continue
		}
		if quote := parseReply(line[at[2]:], lines[i+1:]); quote.Reply.Code != 0 {
			if quote.Stage == "" {
				quote.Stage = stageBefore(lines[:i], line[:at[2]])
			}
			return quote
		}
	}
	return delivery.Quote{}
}

// stageBefore returns the part of the session that the words before a reply name,
// as in "after MAIL FROM:<…>:" or a transcript's ">>> RCPT TO:<…>"; empty when they
// name none.
func stageBefore(above []string, line string) delivery.Stage {
	const most = 3 // lines above
	before := line
	for i := len(above) - 1; i >= 0 && i >= len(above)-most; i-- {
		said := strings.TrimSpace(above[i])
		if said == "" || strings.HasPrefix(said, "<<<") || len(said) > maxReplyLine {
			break
		}
		if isPlainCommand(said) {
			said = ">>> " + said
		}
		before = said + "\n" + before
		if isCommand(said) {
			break
		}
	}
	if !strings.Contains(before, "fter ") && !strings.Contains(before, ">>>") {
		return ""
	}
	quote, _ := delivery.ParseQuote(before + "500 x")
	return quote.Stage
}

// hasCode reports whether a line may hold a code of one of the patterns: a digit
// that begins one, with two more or a dot and one more behind it.
func hasCode(line string) bool {
	for i := 0; i+2 < len(line); i++ {
		c, next, third := line[i], line[i+1], line[i+2]
		if (c == '2' || c == '4' || c == '5') && isDigit(third) && (isDigit(next) || next == '.') {
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// countsSomething reports whether a number is one of something, by what follows it.
func countsSomething(rest string) bool {
	unit, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	switch strings.ToLower(strings.Trim(unit, ".,;:()")) {
	case "b", "kb", "mb", "gb", "kib", "mib", "byte", "bytes", "octets", "kbytes", "characters", "lines", "messages", "recipients",
		"ms", "seconds", "secs", "minutes", "mins", "hours", "days", "times", "attempts":
		return true
	}
	return false
}

// isCommand reports whether a line of a transcript is the client's.
func isCommand(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), ">>>") }

// isPlainCommand reports whether a line of a transcript is the client's, without a sign
// before it.
func isPlainCommand(line string) bool {
	verb, rest, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " ")
	switch verb {
	case "QUIT", "RSET", "DATA":
		return rest == ""
	case "MAIL":
		return strings.HasPrefix(rest, "FROM:<")
	case "RCPT":
		return strings.HasPrefix(rest, "TO:<")
	}
	return false
}

// parseReply reads a reply that begins in the middle of a line and goes on below
// until its paragraph ends.
func parseReply(first string, below []string) delivery.Quote {
	code := first[:3]
	// "550: text" is as good as "550 text".
	if len(first) > 3 && first[3] == ':' {
		first = code + " " + strings.TrimSpace(first[4:])
	}
	// 550-'5.1.1 text' is a reply that a gateway quotes.
	if len(first) > 5 && (first[4] == '\'' || first[4] == '"') && enhancedPattern.MatchString(first[5:]) {
		first = code + " " + first[5:]
	}
	text := []string{first}
	for _, line := range below[:min(len(below), maxReplyLines)] {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "<<<"); ok {
			line = strings.TrimSpace(rest)
			if !strings.HasPrefix(line, code) {
				break
			}
		}
		if line == "" || strings.HasPrefix(line, ">>>") || startsEntry(line) || isRule(line) || isPlainCommand(line) {
			break
		}
		text = append(text, line)
	}
	said, stage := cutCommand(strings.Join(text, "\n"))
	quote, err := delivery.ParseQuote(said)
	if err != nil {
		return delivery.Quote{}
	}
	if stage != "" {
		quote.Stage = stage
	}
	return quote
}

// commandPattern finds the command that Postfix names behind a reply, wherever the
// line was broken.
var commandPattern = regexp.MustCompile(`\s*\(in\s+reply\s+to\s+([^)]{1,80})\)`)

// cutCommand takes "(in reply to MAIL FROM command)" off a reply, whatever follows,
// and returns the part of the session it names.
func cutCommand(text string) (string, delivery.Stage) {
	at := commandPattern.FindStringSubmatchIndex(text)
	if at == nil {
		return text, ""
	}
	command := strings.Join(strings.Fields(text[at[2]:at[3]]), " ")
	quote, _ := delivery.ParseQuote("500 x (in reply to " + command + ")")
	return text[:at[0]] + text[at[1]:], quote.Stage
}

// startsEntry reports whether a line begins with an address that something is
// going to be said about.
func startsEntry(line string) bool {
	return strings.HasPrefix(line, "<") && strings.Contains(line, "@") && strings.HasSuffix(line, ":")
}

// enhancedQuote makes a reply of a paragraph that has an enhanced code in a line.
func enhancedQuote(lines []string, i int) delivery.Quote {
	line := lines[i][:min(len(lines[i]), maxReplyLine)]
	at := enhancedPattern.FindStringSubmatchIndex(line)
	if at == nil {
		return delivery.Quote{}
	}
	code := line[at[2]:at[3]]
	reply, err := delivery.ParseReply(code + " " + strings.TrimSpace(line[at[3]:]))
	if err != nil {
		reply, err = delivery.ParseReply(code)
	}
	if err != nil || reply.Enhanced.IsZero() {
		return delivery.Quote{}
	}
	around := lines[max(0, i-3):min(len(lines), i+4)]
	whole, _ := delivery.ParseReply("500 " + clean(strings.Join(around, " ")))
	reply.Lines = whole.Lines
	return delivery.Quote{Reply: reply}
}
