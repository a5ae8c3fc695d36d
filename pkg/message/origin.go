package message

import (
	"strings"
)

// An origin is a stretch of template source as the author wrote it, and where.
type origin struct {
	name string // of the file, or of the option
	part string // "subject", "header X-Campaign"; empty for the body
	text string
	line int // of its first line in the file; 0 when there is no file
}

// padded returns the source with so many empty lines before it that the template
// packages count its lines as the file does.
func (o origin) padded() string {
	return strings.Repeat("\n", max(o.line-1, 0)) + o.text
}

// lineAt returns the line in the file of an offset into the text.
func (o origin) lineAt(offset int) int {
	if o.line == 0 {
		return 0
	}
	return o.line + strings.Count(o.text[:min(offset, len(o.text))], "\n")
}

// segments cuts the source into text and actions, with their lines in the file.
func (o origin) segments() []segment {
	segments := cut(o.text)
	for _, s := range segments {
		if s.action != nil {
			s.action.line += max(o.line-1, 0)
		}
	}
	return segments
}

// fault returns an error at a line of the file.
func (o origin) fault(line int, err error) *TemplateError {
	if o.line == 0 {
		line = 0
	}
	return &TemplateError{Name: o.name, Part: o.part, Line: line, Err: err}
}
