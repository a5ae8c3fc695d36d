package message

import (
	"strings"
)

// A templateSource is the source of a template that is made from another one. It
// remembers which line of the original each action came from.
type templateSource struct {
	b     strings.Builder
	marks []mark
}

// A mark says that the action at offset came from line of the original.
type mark struct{ offset, line int }

// static adds literal text. Braces that a template would take for the beginning
// of an action are written so that they print themselves.
func (s *templateSource) static(text string) {
	for {
		at := strings.IndexByte(text, '{')
		if at < 0 {
			s.b.WriteString(text)
			return
		}
		s.b.WriteString(text[:at])
		if at+1 == len(text) || text[at+1] == '{' {
			s.b.WriteString("{{`{`}}")
		} else {
			s.b.WriteByte('{')
		}
		text = text[at+1:]
	}
}

// action adds an action.
func (s *templateSource) action(a *action) {
	s.actionAs(a, a.source)
}

// actionAs adds an action in another wording.
func (s *templateSource) actionAs(a *action, source string) {
	s.marks = append(s.marks, mark{s.b.Len(), a.line})
	s.b.WriteString(source)
}

// line returns the line of the original that an offset in this source belongs
// to, or 0 when there is no action before it.
func (s *templateSource) line(offset int) int {
	line := 0
	for _, m := range s.marks {
		if m.offset > offset {
			break
		}
		line = m.line
	}
	return line
}

func (s *templateSource) String() string { return s.b.String() }
