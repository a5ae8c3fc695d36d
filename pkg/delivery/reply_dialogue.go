package delivery

import "strings"

// Who speaks in a dialogue that a program printed: the marks before the server's lines
// and before the client's.
var (
	serverMarks = []string{"<<<", "<-", "S:", "SERVER -> CLIENT:", "SMTP -> FROM SERVER:", "<"}
	clientMarks = []string{">>>", "->", "C:", "CLIENT -> SERVER:", "SMTP -> get_lines():", ">"}
)

// apart are marks before which a dialogue on a single line is parted.
var apart = strings.NewReplacer(
	" SMTP -> ", "\nSMTP -> ", " SERVER -> CLIENT:", "\nSERVER -> CLIENT:", " CLIENT -> SERVER:", "\nCLIENT -> SERVER:",
)

// cutDialogue takes the refusal out of a dialogue in which other commands were accepted
// before, with the command it answers, as a transcript of Sendmail's has them. Of
// several refusals it is the first.
func cutDialogue(text string) (string, bool) {
	if !strings.Contains(text, "\n") && !strings.Contains(text, " -> ") {
		return cutRefusal(text)
	}
	accepted, command := false, ""
	var refusal replyLine
	var kept strings.Builder
	for line := range strings.Lines(apart.Replace(text)) {
		line = strings.TrimSpace(line)
		said := withoutMark(line, serverMarks)
		l, ok := parseReplyLine([]byte(said))
		switch {
		case ok && refusal.code == 0 && l.code/100 >= 4 && accepted:
			refusal = l
			kept.WriteString(transcript + said)
		case ok && l.code == refusal.code:
			kept.WriteString("\n" + transcript + said)
		case refusal.code != 0:
			return command + kept.String(), true
		case ok && l.code >= 400:
			return text, false
		case ok && l.code >= 200:
			accepted = true
		default:
			if sent := withoutMark(line, clientMarks); stageOf(lowerASCII(sent)) != "" {
				command = ">>> " + sent + "\n"
			}
		}
	}
	return command + kept.String(), refusal.code != 0
}

// cutRefusal takes a refusal with both codes from behind something that was accepted,
// on the same line.
func cutRefusal(text string) (string, bool) {
	if l, ok := parseReplyLine([]byte(text[:min(len(text), len("250 "))])); !ok || l.code < 200 || l.code >= 400 {
		return text, false
	}
	for i := 1; i < len(text); i++ {
		if text[i-1] == ' ' && (text[i] == '4' || text[i] == '5') && startsBoth(text[i:]) {
			return text[i:], true
		}
	}
	return text, false
}

// withoutMark takes the first of some marks off the beginning of a line.
func withoutMark(line string, marks []string) string {
	for _, mark := range marks {
		if rest, ok := strings.CutPrefix(line, mark); ok {
			return strings.TrimSpace(rest)
		}
	}
	return line
}
