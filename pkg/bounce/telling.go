package bounce

import (
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// wording returns the words that a verdict on a candidate is taken from. Where the
// server gave nothing but codes, those of another candidate say what they mean.
func (m *message) wording(c candidate, all []candidate, reason delivery.Reason) string {
	if c.reply.Code == 0 {
		return m.telling(c, reason)
	}
	said := clean(c.reply.String())
	if strings.TrimSpace(c.reply.Text()) != "" {
		return said
	}
	for _, other := range all {
		if text := firstWords(other.text); text != "" && other.reply.Code == 0 {
			return clean(said + " " + m.telling(other, reason))
		}
	}
	return said
}

// telling returns what a text says of the reason: the sentence that tells it, else
// the first line that says anything.
func (m *message) telling(c candidate, reason delivery.Reason) string {
	if text := m.tellingSentence(c.text, reason); text != "" {
		return text
	}
	if text := firstWords(c.text); text != "" {
		return text
	}
	if text := firstWords(c.whole); text != "" && isVague(c.reply.Enhanced) {
		return text
	}
	return clean(c.reply.Enhanced.String())
}

// tellingSentence returns the first sentence from which a reason is known; empty when
// none tells it.
func (m *message) tellingSentence(text string, reason delivery.Reason) string {
	const most = 100 // lines
	if reason == delivery.ReasonUnknown {
		return ""
	}
	lines := strings.SplitN(text, "\n", most+1)
	for i, line := range lines[:min(len(lines), most)] {
		said, ok := m.marks.reason(words(line))
		if !ok || said != reason {
			said = delivery.Classify(delivery.Reply{Enhanced: delivery.EnhancedCode{Class: 5}, Lines: []string{clean(line)}}, "").Reason
		}
		if said == reason {
			return clean(sentence(lines, i))
		}
	}
	return ""
}

// firstWords returns the first line of a text that is neither addresses nor drawn.
func firstWords(text string) string {
	for line := range strings.Lines(text) {
		line = clean(line)
		if line != "" && !isRule(line) && !onlyAddresses(line) && !quotesField(line) {
			return line
		}
	}
	return ""
}

// onlyAddresses reports whether a line has addresses and nothing else to say, such as
// "To: <anna@one.example>".
func onlyAddresses(line string) bool {
	const label = len(" to ")
	found := findAddresses(line)
	for _, a := range found {
		line = strings.Replace(line, a, "", 1)
	}
	return len(found) > 0 && len(words(line)) <= label
}

// sentence returns a line with those around it that were one before the text was
// broken to fit a screen.
func sentence(lines []string, i int) string {
	const most = 5 // lines on either side
	first, last := i, i
	for first > 0 && i-first < most && runsOn(lines[first-1], lines[first]) {
		first--
	}
	for last+1 < len(lines) && last-i < most && runsOn(lines[last], lines[last+1]) {
		last++
	}
	return strings.Join(lines[first:last+1], " ")
}

// runsOn reports whether a line is so long that its last sentence may go on below,
// and does not end there. What is said of an address is indented.
func runsOn(line, below string) bool {
	const wide = 45
	text, next := strings.TrimSpace(line), strings.TrimSpace(below)
	if len(text) < wide || next == "" || isRule(text) || strings.ContainsAny(text[len(text)-1:], ".:;!?>") {
		return false
	}
	_, _, labelled := cutField([]byte(next))
	return !labelled && (text[0] == '<' || indentOf(line) == indentOf(below))
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }
