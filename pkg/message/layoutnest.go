package message

import (
	"strconv"
	"strings"
)

// A nest is an open quotation, list or item.
type nest struct {
	kind   byte   // codeQuote, codeItem, codeBullets or codeNumbers
	number int    // of the next item, in a numbered list
	prefix string // before each line inside
	first  string // before the first line of an item, instead of prefix
	opened bool   // a line inside has begun
}

// prefix writes what comes before the text of a line. With first the line has
// text, and items use up their bullets; without, it is the blank line between two
// paragraphs, and what begins only after it has no part in it.
func (l *layout) prefix(first bool) {
	for i := range l.nested {
		n := &l.nested[i]
		switch {
		case !first && !n.opened:
		case n.first != "" && !n.opened:
			l.out = append(l.out, n.first...)
		default:
			l.out = append(l.out, n.prefix...)
		}
		n.opened = n.opened || first
	}
}

// item begins an item of the innermost list.
func (l *layout) item() {
	bullet := "- "
	for i := len(l.nested) - 1; i >= 0; i-- {
		if n := &l.nested[i]; n.kind == codeNumbers {
			bullet = strconv.Itoa(n.number) + ". "
			n.number++
		} else if n.kind != codeBullets {
			continue
		}
		break
	}
	l.fresh = false
	l.breakLine(1)
	l.nested = append(l.nested, nest{kind: codeItem, first: bullet, prefix: strings.Repeat(" ", len(bullet))})
	l.fresh = true
}

// end closes the innermost quotation, list or item.
func (l *layout) end() {
	if len(l.nested) == 0 {
		return
	}
	last := l.nested[len(l.nested)-1]
	if last.kind == codeItem && l.fresh {
		l.open() // an item with nothing in it keeps its bullet
	}
	l.nested = l.nested[:len(l.nested)-1]
	switch last.kind {
	case codeQuote:
		l.breakLine(2)
	case codeItem:
		l.breakLine(1)
	}
}
