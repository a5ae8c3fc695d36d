package delivery

import (
	"regexp"
	"strings"
)

// unwrap takes a reply out of what programs print around it: a line of a mail log, an
// exception, a list of fields. What it returns begins with the reply, or with words
// that [cutIntroduction] knows. Text that is nothing of the kind stays as it is.
func unwrap(text string) string {
	if rest, ok := cutAttempts(text); ok {
		return rest
	}
	starts := startsReply(text)
	if starts && text[0] >= '4' {
		return text
	}
	if rest, ok := cutDialogue(text); ok {
		return rest
	}
	if starts {
		return text
	}
	if rest, ok := cutType(text); ok && startsReply(rest) {
		return text // of a Diagnostic-Code field
	}
	for _, cut := range []func(string) (string, bool){cutUnderscores, cutException, cutMailer, cutStatus, cutRejection, cutPair, cutNumbered} {
		if rest, ok := cut(text); ok {
			return rest
		}
	}
	return text
}

// cutAttempts takes the reply out of what Cisco's gateways write of it, in which it
// stands in quotes behind its basic code, and behind an enhanced code that says less
// than its own: "5.1.0 - words 550-'5.4.1 no' (delivery attempts: 0)".
func cutAttempts(text string) (string, bool) {
	if !strings.HasSuffix(text, ")") {
		return text, false
	}
	said := text[:strings.LastIndexByte(text, '(')+1]
	if !strings.HasSuffix(said, "' (") || !strings.HasPrefix(text[len(said):], "delivery attempts: ") {
		return text, false
	}
	said = strings.TrimSuffix(said, "' (")
	i := strings.Index(said, "-'")
	if i < 3 {
		return text, false
	}
	_, coded := parseReplyLine([]byte(said[i-3 : i]))
	if _, _, ok := cutEnhanced(said[i+2:]); !ok || !coded {
		return text, false
	}
	return said[i-3:i] + " " + said[i+2:], true
}

// cutUnderscores undoes how qmail logs a reply: underscores for spaces, and slashes at
// the ends of lines.
func cutUnderscores(text string) (string, bool) {
	const several = 3
	before, said := "", text
	if i := strings.LastIndexByte(text, ' '); i >= 0 {
		before, said = text[:i], text[i+1:]
	}
	if before != "" && !strings.HasSuffix(before, "failure:") && !strings.HasSuffix(before, "deferral:") || strings.Count(said, "_") < several {
		return text, false
	}
	said = strings.NewReplacer("_", " ", "./", ".\n", "/Giving", "\nGiving").Replace(strings.TrimSuffix(said, "/"))
	return strings.TrimSpace(said), true
}

// cutException takes the reply from an exception of .NET, which begins with words of
// its own for the code.
func cutException(text string) (string, bool) {
	_, said, ok := strings.Cut(text, "The server response was: ")
	return said, ok && said != ""
}

// mailerError is how PHPMailer reports a refusal: the text before the code.
var mailerError = regexp.MustCompile(`(?s)(?:([A-Z]+(?: [A-Z]+)?) command failed.*?)?Detail: (.*?)\s*SMTP code: (\d{3})(?:\s+Additional SMTP info: (\S+))?`)

func cutMailer(text string) (string, bool) {
	if !strings.Contains(text, "SMTP code: ") {
		return text, false
	}
	m := mailerError.FindStringSubmatch(text)
	if m == nil {
		return text, false
	}
	command := strings.Replace(m[1], "DATA END", "END OF DATA", 1)
	return "after " + command + ": " + strings.Join([]string{m[3], m[4], m[2]}, " "), true
}

// cutStatus takes the reply from a line of a log of Postfix or Sendmail: what stands
// behind "dsn=5.1.1, stat=" to the end, or in brackets behind "dsn=5.1.1, status=bounced".
// Where no reply is quoted, it is the code and the words behind it.
func cutStatus(text string) (string, bool) {
	_, rest, ok := strings.Cut(text, "dsn=")
	if !ok {
		return text, false
	}
	code, status, ok := strings.Cut(rest, ", ")
	if _, more, enhanced := cutEnhanced(code); !ok || !enhanced || more != "" {
		return text, false
	}
	said, ok := strings.CutPrefix(status, "stat=")
	if !ok && strings.HasPrefix(status, "status=") {
		_, said, ok = strings.Cut(status, " (")
		said = strings.TrimSuffix(strings.TrimSpace(said), ")")
	}
	if !ok {
		return text, false
	}
	if strings.Contains(said, " said: ") || startsReply(said) {
		return said, true
	}
	return code + " " + said, true
}

// rejections are the ends of what Exim logs before its own reply: what it refused, to
// which an address may belong.
var rejections = []string{"RCPT", "MAIL", "EHLO or HELO", "after DATA", "by non-SMTP ACL"}

// cutRejection takes the reply from a line of Exim's log.
func cutRejection(text string) (string, bool) {
	for rest := text; ; {
		_, after, ok := strings.Cut(rest, "rejected ")
		if !ok {
			return text, false
		}
		for _, what := range rejections {
			if said, ok := strings.CutPrefix(after, what); ok {
				if _, behind, ok := strings.Cut(said, ">"); ok && strings.HasPrefix(said, " <") {
					said = behind
				}
				if said, ok = strings.CutPrefix(said, ": "); ok {
					return said, true
				}
			}
		}
		rest = after
	}
}

// cutPair takes the reply from a pair as Python and others print it: (550, b'no').
func cutPair(text string) (string, bool) {
	for from := 0; ; {
		i := strings.Index(text[from:], ", ")
		if i < 0 {
			return text, false
		}
		i += from
		from = i + 1
		if i < 3 || i > 3 && text[i-4] != '(' {
			continue
		}
		if _, ok := parseReplyLine([]byte(text[i-3 : i])); ok {
			return text[:i-3] + ": " + text[i-3:i] + " " + cutStrings(text[i+2:]), true
		}
	}
}

// cutNumbered takes the reply from "Error 421: busy", with the word for an error in any
// language, or none.
func cutNumbered(text string) (string, bool) {
	const longest = 16
	said := text
	if word, rest, ok := strings.Cut(text, " "); ok && len(word) <= longest && !strings.ContainsAny(word, "0123456789:,") {
		said = rest
	}
	if len(said) < len("421: ") || said[0] != '4' && said[0] != '5' || !isDigit(said[1]) || !isDigit(said[2]) {
		return text, false
	}
	if said[3] != ':' && said[3] != ',' || said[4] != ' ' {
		return text, false
	}
	return said[:3] + said[4:], true
}

// cutStrings returns the words of a string of a program, or of two of which the first
// is an enhanced code.
func cutStrings(text string) string {
	first, rest := cutQuotes(text)
	if _, more, ok := cutEnhanced(first); ok && more == "" && strings.HasPrefix(rest, ", ") {
		second, _ := cutQuotes(rest[2:])
		return first + " " + second
	}
	return first
}

// cutQuotes takes a string of a program, with the letter before it, from the front of
// text. Text that begins with none is taken whole.
func cutQuotes(text string) (inside, rest string) {
	quoted := strings.TrimLeft(text, "bu")
	if quoted == "" || quoted[0] != '\'' && quoted[0] != '"' {
		return text, ""
	}
	if end := endOfString(quoted[1:], quoted[0]); end >= 0 {
		return quoted[1 : 1+end], quoted[end+2:]
	}
	return quoted[1:], ""
}

// endOfString returns where a string of a program ends: at the first quote with no
// word behind it, -1 when there is none.
func endOfString(text string, quote byte) int {
	for i := range len(text) {
		if text[i] == quote && (i+1 == len(text) || strings.IndexByte(",;.)]}", text[i+1]) >= 0) {
			return i
		}
	}
	return -1
}

// cutTail removes what stands behind a reply: that is in quotes, in a log of Postfix,
// or in a bounce of qmail.
func cutTail(before, said string) string {
	if quote := before[len(before)-1]; quote == '\'' || quote == '"' {
		if end := endOfString(said, quote); end > 0 {
			said = said[:end]
		}
	}
	for _, tail := range []string{"; from=<", "Giving up on "} {
		if i := strings.Index(said, tail); i > 0 {
			said = strings.TrimSpace(said[:i])
		}
	}
	return said
}

// inBrackets returns the words before a reply that is nothing but codes in brackets,
// as in "user unknown (550 5.1.1)", "" where it is something else.
func inBrackets(before, said string) string {
	if strings.Trim(said, "0123456789.# )") != "" {
		return ""
	}
	i := strings.LastIndexByte(before, '(')
	return strings.TrimSpace(before[:max(i, 0)])
}
