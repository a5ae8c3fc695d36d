package delivery

import (
	"regexp"
	"strings"
)

// unwrap takes a reply out of what programs print around it: a line of a mail log, an
// exception, a list of fields. What it returns begins with the reply, or with words
// that [cutIntroduction] knows. Text that is nothing of the kind stays as it is.
func unwrap(text string) string {
	if startsReply(text) {
		return text
	}
	for _, cut := range []func(string) (string, bool){cutUnderscores, cutMailer, cutStatus, cutRejection, cutPair} {
		if rest, ok := cut(text); ok {
			return rest
		}
	}
	return text
}

// cutUnderscores undoes how qmail logs a reply: underscores for spaces, and slashes at
// the ends of lines.
func cutUnderscores(text string) (string, bool) {
	const several = 3
	before, said := "", text
	if i := strings.LastIndexByte(text, ' '); i >= 0 {
		before, said = text[:i], text[i+1:]
	}
	if before != "" && !strings.Contains(before, "delivery ") || strings.Count(said, "_") < several {
		return text, false
	}
	said = strings.NewReplacer("_", " ", "./", ".\n", "/Giving", "\nGiving").Replace(strings.TrimSuffix(said, "/"))
	return strings.TrimSpace(said), true
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

// logStatus begins what the logs of Postfix and Sendmail say of a delivery, with its
// enhanced code.
var logStatus = regexp.MustCompile(`\bdsn=([245]\.\d{1,3}\.\d{1,3}), (?:status=[a-z]+ \(|stat=)`)

// cutStatus takes the reply from a line of a log of Postfix or Sendmail.
func cutStatus(text string) (string, bool) {
	if !strings.Contains(text, "dsn=") {
		return text, false
	}
	m := logStatus.FindStringSubmatchIndex(text)
	if m == nil {
		return text, false
	}
	said := strings.TrimSpace(text[m[1]:])
	if text[m[1]-1] == '(' {
		said = strings.TrimSuffix(said, ")")
	}
	if _, quoted := cutIntroduction(said); quoted != said || startsReply(said) {
		return said, true
	}
	return text[m[2]:m[3]] + " " + said, true
}

// rejection is how Exim logs that it refused something itself.
var rejection = regexp.MustCompile(`\brejected (RCPT|MAIL|EHLO or HELO|after DATA|by non-SMTP ACL)(?: <[^>]*>)?: `)

// cutRejection takes the reply from a line of Exim's log.
func cutRejection(text string) (string, bool) {
	if !strings.Contains(text, "rejected ") {
		return text, false
	}
	m := rejection.FindStringIndex(text)
	if m == nil {
		return text, false
	}
	return text[m[1]:], true
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
			return text[:i-3] + ": " + text[i-3:i] + " " + cutQuotes(text[i+2:]), true
		}
	}
}

// cutQuotes removes the quotes around a string of a program, with the letter before
// and the brackets behind.
func cutQuotes(text string) string {
	rest := strings.TrimLeft(text, "bu")
	if rest == "" || rest[0] != '\'' && rest[0] != '"' {
		return text
	}
	for end := 1; end < len(rest); end++ {
		if rest[end] == rest[0] && (end+1 == len(rest) || strings.IndexByte(",)]}", rest[end+1]) >= 0) {
			return rest[1:end]
		}
	}
	return rest[1:]
}

// cutTail removes what stands behind a reply in a log of Postfix, and in a bounce of
// qmail.
func cutTail(said string) string {
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
