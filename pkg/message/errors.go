package message

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Causes of errors. Those that lie in the message or the options are found by
// [Compile], those that lie in a row by [Template.Check] and [Template.Render].
var (
	ErrFormat         = errors.New("unknown message format")
	ErrEncoding       = errors.New("not valid UTF-8")
	ErrFrontMatter    = errors.New("invalid front matter")
	ErrTemplate       = errors.New("invalid template")
	ErrMissingField   = errors.New("no such column")
	ErrNoFrom         = errors.New("no From address")
	ErrNoSubject      = errors.New("no subject")
	ErrNoBody         = errors.New("no message text")
	ErrHeaderName     = errors.New("invalid header name")
	ErrReservedHeader = errors.New("header is written by mailctl")
	// ErrHeaderInjection means that a header value would hold CR, LF or NUL.
	ErrHeaderInjection = errors.New("line break in a header value")
	// ErrHeaderTooLong means that a header line would pass the 998 octets of
	// RFC 5322 §2.1.1 and cannot be folded.
	ErrHeaderTooLong = errors.New("header line too long")
	// ErrUnsafe means that a row's value cannot stand where the HTML has it: at the
	// beginning of a URL, in a style or in the name of an attribute.
	ErrUnsafe      = errors.New("unsafe in a link or a style")
	ErrUnsubscribe = errors.New("invalid unsubscribe address")
	ErrAttachment  = errors.New("attachment cannot be used")
	// ErrTooLarge means that a part passed its bound.
	ErrTooLarge = errors.New("too large")
)

// A TemplateError is a fault in a template, or what a row lacks for it.
type TemplateError struct {
	Name  string // of the message, such as "welcome.md"
	Line  int    // in that file, from 1; 0 when the text came from an option
	Part  string // where else it is: "subject", "header X-Campaign"; empty in the body
	Field string // the column, when the error is about one
	Err   error
}

// Error returns the place and the cause: welcome.md:12: no such column "nme".
func (e *TemplateError) Error() string {
	var b strings.Builder
	b.WriteString(e.Name)
	if e.Line > 0 {
		b.WriteString(":" + strconv.Itoa(e.Line))
	}
	if e.Part != "" {
		b.WriteString(": " + e.Part)
	}
	return b.String() + ": " + e.Err.Error()
}

func (e *TemplateError) Unwrap() error { return e.Err }

// missingField is what {{field "name"}} fails with.
type missingField struct{ name string }

func (e *missingField) Error() string { return fmt.Sprintf("%s %q", ErrMissingField, e.name) }
func (e *missingField) Unwrap() error { return ErrMissingField }

// hintColumn says which column may have been meant.
func hintColumn(err error, name string, columns []string) error {
	if near := nearest(name, columns); near != "" {
		return delivery.Hint(err, "did you mean "+actionFor(near)+"?")
	}
	if len(columns) == 0 {
		return err
	}
	const most = 12
	list := strings.Join(columns[:min(len(columns), most)], ", ")
	if len(columns) > most {
		list += ", …"
	}
	return delivery.Hint(err, "the columns are: "+list)
}

// actionFor returns how a template names a column.
func actionFor(column string) string {
	if identifier.MatchString(column) {
		return "{{." + column + "}}"
	}
	return "{{field " + strconv.Quote(column) + "}}"
}

var identifier = regexp.MustCompile(`^[\pL_][\pL\p{Nd}_]*$`)

// templatePlace matches what the template packages put before their messages.
var templatePlace = regexp.MustCompile(`^(?:html/)?template: ?[^\n]*?:(\d+)(?::\d+)?: (?:executing "[^\n]*?" at <[^\n]*>: )?([^\n]*)`)

// plainMessage returns the line an error of the template packages names, and its
// text without the place, for people to read. Nothing is decided by it.
func plainMessage(err error) (line int, text string) {
	text = err.Error()
	m := templatePlace.FindStringSubmatch(text)
	if m == nil {
		return 0, strings.TrimPrefix(strings.TrimPrefix(text, "html/"), "template: ")
	}
	line, _ = strconv.Atoi(m[1]) // the pattern lets only digits through
	return line, m[2]
}
