package message

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// maxTableWidth is how wide a table may get before its columns are given up.
const maxTableWidth = 78

// A textTable collects the cells of a table while its text is laid out.
type textTable struct {
	rows [][]textCell
	head int // rows that form the head
}

type textCell struct {
	text  []byte
	right bool
}

// code obeys a code inside a table. Codes it has no use for are spaces, so that
// what they keep apart does not run together; false leaves the code to others.
func (t *textTable) code(c byte) bool {
	switch c {
	case codeRow:
		t.rows = append(t.rows, nil)
	case codeCell, codeCellRight:
		if len(t.rows) == 0 {
			t.rows = append(t.rows, nil)
		}
		last := len(t.rows) - 1
		t.rows[last] = append(t.rows[last], textCell{right: c == codeCellRight})
	case codeHeadRowsEnd:
		t.head = len(t.rows)
	case codeNumbers:
		return false // has digits behind it
	default:
		t.space()
	}
	return true
}

func (t *textTable) write(text string) {
	if c := t.cell(); c != nil {
		c.text = append(c.text, text...)
	}
}

func (t *textTable) space() {
	if c := t.cell(); c != nil && len(c.text) > 0 && c.text[len(c.text)-1] != ' ' {
		c.text = append(c.text, ' ')
	}
}

// cell returns the open cell, or nil between rows.
func (t *textTable) cell() *textCell {
	if len(t.rows) == 0 || len(t.rows[len(t.rows)-1]) == 0 {
		return nil
	}
	row := t.rows[len(t.rows)-1]
	return &row[len(row)-1]
}

// lines returns the table as lines of text: in columns where they fit, else with
// bars between the cells.
func (t *textTable) lines() []string {
	widths := t.widths()
	total := 0
	for _, w := range widths {
		total += w + 2
	}
	var lines []string
	for i, row := range t.rows {
		if i == t.head && i > 0 && total <= maxTableWidth {
			lines = append(lines, rules(widths))
		}
		if line := strings.TrimRight(formatRow(row, widths, total <= maxTableWidth), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func (t *textTable) widths() []int {
	var widths []int
	for _, row := range t.rows {
		for i := range row {
			row[i].text = []byte(strings.TrimSpace(string(row[i].text)))
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], textWidth(string(row[i].text)))
		}
	}
	return widths
}

func formatRow(row []textCell, widths []int, aligned bool) string {
	var b strings.Builder
	for i, c := range row {
		switch {
		case i == 0:
		case aligned:
			b.WriteString("  ")
		default:
			b.WriteString(" | ")
		}
		fill := ""
		if aligned {
			fill = strings.Repeat(" ", widths[i]-textWidth(string(c.text)))
		}
		if c.right {
			b.WriteString(fill)
		}
		b.Write(c.text)
		if !c.right {
			b.WriteString(fill)
		}
	}
	return b.String()
}

func rules(widths []int) string {
	columns := make([]string, len(widths))
	for i, w := range widths {
		columns[i] = strings.Repeat("-", w)
	}
	return strings.Join(columns, "  ")
}

// runeWidth returns how many columns a rune takes (Unicode Annex 11).
func runeWidth(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
