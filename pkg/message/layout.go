package message

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Layout codes are control characters in the output of a text template that was
// made from HTML. They say where lines, paragraphs, items and cells begin, so
// that the text can be laid out after the row's values and sections are in it.
const (
	codeLine        = '\x01' // what follows begins a line
	codeParagraph   = '\x02' // what follows begins a paragraph
	codeSpace       = '\x03' // a space, unless there is one already
	codeQuote       = '\x04' // a quotation begins
	codeItem        = '\x05' // an item of the innermost list begins
	codeEnd         = '\x06' // the innermost quotation, item or list ends
	codeBullets     = '\x07' // a bulleted list begins
	codeNumbers     = '\x0b' // a numbered list begins; decimal digits and codeEnd give the first number
	codeTitle       = '\x0e' // underline the line just written with "="
	codeSubtitle    = '\x0f' // underline the line just written with "-"
	codeTable       = '\x10' // a table begins
	codeTableEnd    = '\x11' // it ends
	codeRow         = '\x12' // a row of the table begins
	codeCell        = '\x13' // a cell begins
	codeCellRight   = '\x14' // a cell begins whose content stands at the right
	codeHeadRowsEnd = '\x15' // the rows before are the table's head
)

// ruleWidth is how wide a thematic break is drawn, and the widest an underline
// gets.
const ruleWidth = 72

// lay writes text without its layout codes: paragraphs apart by one blank line,
// items under their bullets, quotations behind "> ", tables in columns. A code
// without its partner does no harm.
func lay(dst []byte, text string) []byte {
	l := layout{out: dst, start: len(dst)}
	for i := 0; i < len(text); {
		n := literalLength(text[i:])
		if n > 0 {
			l.write(text[i : i+n])
			i += n
			continue
		}
		i += l.code(text[i:])
	}
	l.endTable()
	return append(trimLineEnd(l.out, l.start), '\n')
}

// literalLength returns how many octets of text come before the next code,
// newline or carriage return.
func literalLength(text string) int {
	for i := range len(text) {
		if text[i] < ' ' && text[i] != '\t' {
			return i
		}
	}
	return len(text)
}

type layout struct {
	out    []byte
	start  int    // where our output begins in out
	nested []nest // open quotations, lists and items
	breaks int    // newlines wanted before the next text: 1 a line, 2 a paragraph
	begun  bool   // something stands on the current line
	fresh  bool   // an item has begun and nothing is in it yet
	table  *textTable
}

// code obeys the code at the start of text and returns how long it is.
func (l *layout) code(text string) int {
	if l.table != nil && l.table.code(text[0]) {
		if text[0] == codeTableEnd {
			l.endTable()
		}
		return 1
	}
	switch text[0] {
	case '\n':
		l.newline()
	case codeLine:
		l.breakLine(1)
	case codeParagraph:
		l.breakLine(2)
	case codeSpace:
		l.space()
	case codeTitle:
		l.underline('=')
	case codeSubtitle:
		l.underline('-')
	case codeQuote:
		l.breakLine(2)
		l.nested = append(l.nested, nest{kind: codeQuote, prefix: "> "})
	case codeBullets:
		l.nested = append(l.nested, nest{kind: codeBullets})
	case codeNumbers:
		first := decimal(text[1:])
		n, _ := strconv.Atoi(first) // empty and too large begin at 0
		if l.table == nil {
			l.nested = append(l.nested, nest{kind: codeNumbers, number: n})
		}
		return 1 + len(first) + 1
	case codeItem:
		l.item()
	case codeEnd:
		l.end()
	case codeTable:
		l.breakLine(2)
		l.table = &textTable{}
	}
	return 1
}

func decimal(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		return text
	}
	return text[:end]
}

// write adds literal text to the current line.
func (l *layout) write(text string) {
	if l.table != nil {
		l.table.write(text)
		return
	}
	if l.fresh || !l.begun {
		l.open()
	}
	l.out = append(l.out, text...)
}

// open begins a line: it writes the newlines that are due and the prefixes.
func (l *layout) open() {
	if len(l.out) > l.start {
		l.out = append(trimLineEnd(l.out, l.start), '\n')
		if l.breaks > 1 {
			l.prefix(false)
			l.out = append(trimLineEnd(l.out, l.start), '\n')
		}
	}
	l.prefix(true)
	l.breaks, l.begun, l.fresh = 0, true, false
}

// breakLine asks for n newlines before the next text. The beginning of an item
// needs none.
func (l *layout) breakLine(n int) {
	if l.fresh {
		return
	}
	l.breaks = max(l.breaks, n)
	l.begun = false
}

// newline is a line end that was written as such.
func (l *layout) newline() {
	if l.table != nil {
		l.table.write(" ")
		return
	}
	if l.breaks > 0 || (len(l.out) == l.start && !l.begun) {
		return
	}
	if !l.begun || l.fresh {
		l.open()
	}
	l.begun = false
}

func (l *layout) space() {
	if l.table != nil {
		l.table.space()
		return
	}
	if !l.begun || l.fresh {
		return
	}
	if last := l.out[len(l.out)-1]; last != ' ' && last != '\t' {
		l.out = append(l.out, ' ')
	}
}

// underline draws a line under the one just written.
func (l *layout) underline(with byte) {
	line := l.out[l.start:]
	line = line[bytes.LastIndexByte(line, '\n')+1:]
	width := min(textWidth(string(bytes.TrimRight(line, " "))), ruleWidth)
	for _, n := range l.nested {
		width -= len(n.prefix)
	}
	if !l.begun || l.table != nil || width <= 0 {
		return
	}
	l.breakLine(1)
	l.write(strings.Repeat(string(with), width))
}

// endTable writes the table that has been collected.
func (l *layout) endTable() {
	table := l.table
	l.table = nil
	if table == nil {
		return
	}
	for _, line := range table.lines() {
		l.breakLine(1)
		l.write(line)
	}
	l.breakLine(2)
}

// trimLineEnd removes the spaces at the end of out, but not beyond start.
func trimLineEnd(out []byte, start int) []byte {
	for len(out) > start && out[len(out)-1] == ' ' {
		out = out[:len(out)-1]
	}
	return out
}

// textWidth returns how many columns text takes in a fixed-width font.
func textWidth(text string) int {
	width := 0
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			width++
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		width += runeWidth(r)
		i += n
	}
	return width
}
