package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Fold breaks the lines of a text that are wider than a terminal at their spaces,
// and indents what goes on below. Elsewhere lines stay whole, for programs.
func (s Style) Fold(text string) string {
	if !s.Terminal {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if ansi.StringWidth(line) > s.Width {
			lines[i] = foldLine(line, s.Width)
		}
	}
	return strings.Join(lines, "\n")
}

// foldLine breaks one line.
func foldLine(line string, width int) string {
	lead := line[:len(line)-len(strings.TrimLeft(line, " "))]
	indent := lead + "  "
	words := wrapWords(line, max(width-len(indent), minColumn))
	return lead + strings.Join(words, "\n"+indent)
}
