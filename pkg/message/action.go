package message

import (
	"strings"
)

// An actionKind says what an action of a template does to the text around it.
type actionKind int

const (
	actionOutput  actionKind = iota // prints a value
	actionControl                   // if, else, end, range, with, block, define, break, continue
	actionQuiet                     // a comment or an assignment: prints nothing
	actionInclude                   // {{template "name"}}: prints whatever that template holds
	actionMarkup                    // a conditional comment, which only the HTML part has
)

// An action is one {{…}} of a template with the place it was written.
type action struct {
	source string     // with its braces and trim markers
	word   string     // first word: "if", "end", ".name", …
	kind   actionKind // what it does
	plain  string     // what stands for it in the text part, when it is markup
	line   int        // line of its first brace, counted from 1 within the text it was cut from
}

// A segment is a stretch of template source: literal text, or an action when
// action is not nil.
type segment struct {
	text   string
	action *action
}

// cut splits template source into literal text and actions. Joined again, the
// segments are the source. Braces inside quoted strings do not end an action,
// and an action that is never closed is literal text: the template parser
// complains about it with the right words.
func cut(source string) []segment {
	var segments []segment
	line := 1
	for source != "" {
		start := strings.Index(source, "{{")
		length := 0
		if start >= 0 {
			length = actionLength(source[start:])
		}
		if start < 0 || length == 0 {
			return append(segments, segment{text: source})
		}
		if start > 0 {
			segments = append(segments, segment{text: source[:start]})
			line += strings.Count(source[:start], "\n")
		}
		text := source[start : start+length]
		segments = append(segments, segment{action: newAction(text, line)})
		line += strings.Count(text, "\n")
		source = source[start+length:]
	}
	return segments
}

// actionLength returns how many octets the action at the start of s takes,
// braces included, or 0 when it is not closed.
func actionLength(s string) int {
	i := len("{{")
	if rest := strings.TrimLeft(strings.TrimPrefix(s[i:], "-"), " \t\n"); strings.HasPrefix(rest, "/*") {
		end := strings.Index(s, "*/")
		if end < 0 {
			return 0
		}
		i = end + len("*/")
	}
	for i < len(s) {
		switch s[i] {
		case '"', '\'', '`':
			n := quotedLength(s[i:])
			if n == 0 {
				return 0
			}
			i += n
		case '}':
			if strings.HasPrefix(s[i:], "}}") {
				return i + len("}}")
			}
			i++
		default:
			i++
		}
	}
	return 0
}

// quotedLength returns the length of the quoted constant at the start of s,
// quotes included, or 0 when it is not closed.
func quotedLength(s string) int {
	quote := s[0]
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == quote:
			return i + 1
		case s[i] == '\\' && quote != '`':
			i++
		case s[i] == '\n' && quote != '`':
			return 0
		}
	}
	return 0
}

func newAction(source string, line int) *action {
	inner := actionInner(source)
	a := &action{source: source, line: line}
	if i := strings.IndexAny(inner, " \t\n("); i >= 0 {
		a.word = inner[:i]
	} else {
		a.word = inner
	}
	switch {
	case strings.HasPrefix(inner, "/*"), isAssignment(inner):
		a.kind = actionQuiet
	case a.word == "template":
		a.kind = actionInclude
	default:
		a.kind = kindOfWord(a.word)
	}
	return a
}

func kindOfWord(word string) actionKind {
	switch word {
	case "if", "else", "end", "range", "with", "block", "define", "break", "continue":
		return actionControl
	}
	return actionOutput
}

// actionInner returns what stands between the braces and trim markers.
func actionInner(source string) string {
	inner := strings.TrimSuffix(strings.TrimPrefix(source, "{{"), "}}")
	if strings.HasPrefix(inner, "- ") || strings.HasPrefix(inner, "-\n") || strings.HasPrefix(inner, "-\t") {
		inner = inner[1:]
	}
	if strings.HasSuffix(inner, " -") || strings.HasSuffix(inner, "\n-") || strings.HasSuffix(inner, "\t-") {
		inner = inner[:len(inner)-1]
	}
	return strings.TrimSpace(inner)
}

// isAssignment reports whether an action is {{$x := …}} or {{$x = …}}.
func isAssignment(inner string) bool {
	if !strings.HasPrefix(inner, "$") {
		return false
	}
	name := strings.TrimLeft(inner[1:], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")
	name = strings.TrimSpace(name)
	return strings.HasPrefix(name, ":=") || (strings.HasPrefix(name, "=") && !strings.HasPrefix(name, "=="))
}

// opens reports whether an action starts a section that {{end}} closes.
func (a *action) opens() bool {
	switch a.word {
	case "if", "range", "with", "block", "define":
		return a.kind == actionControl
	}
	return false
}

// piped returns the action's source with one more function at the end of its
// pipeline. Only an action that prints a value can be piped.
func (a *action) piped(function string) string {
	end := len(a.source) - len("}}")
	if trimmed := a.source[:end]; strings.HasSuffix(trimmed, " -") || strings.HasSuffix(trimmed, "\n-") || strings.HasSuffix(trimmed, "\t-") {
		end--
		return strings.TrimRight(a.source[:end], " \t\n") + " | " + function + " -}}"
	}
	return strings.TrimRight(a.source[:end], " \t\n") + " | " + function + "}}"
}

// escapesURL reports whether the value is escaped for a URL already, because its
// pipeline ends, or begins, with a function that does so.
func (a *action) escapesURL() bool {
	inner := actionInner(a.source)
	for _, function := range []string{"urlquery", urlPartFunction, urlWholeFunction} {
		if strings.HasSuffix(inner, function) || strings.HasPrefix(inner, function+" ") {
			return true
		}
	}
	return false
}

// escapesHTML reports whether the pipeline ends with the function html, behind which
// html/template lets nothing stand.
func (a *action) escapesHTML() bool {
	inner := actionInner(a.source)
	return strings.HasSuffix(inner, "html") || strings.HasPrefix(inner, "html ")
}

// source returns a segment as it was written.
func (s segment) source() string {
	if s.action != nil {
		return s.action.source
	}
	return s.text
}
