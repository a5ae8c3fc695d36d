package message

import (
	"bytes"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io"
	"maps"
	"slices"
	"strings"
	texttemplate "text/template"
	"text/template/parse"
)

// maxOutput bounds what one template may print, in octets.
const maxOutput = 10 << 20

// A unit is one compiled template of a message: a header value or a part.
type unit struct {
	origin   origin
	executor executor // nil when the template has no actions
	constant string   // what it prints then
	uses     []use    // of columns, in the origin
	exact    bool     // it cannot fail once its columns are there
	replaces bool     // html/template may print its marker for a value
}

// An executor is what text/template and html/template have in common.
type executor interface {
	Execute(w io.Writer, data any) error
}

// compileText compiles a text template. made is the source to execute when it
// differs from the origin, and nil when it does not.
func compileText(o origin, made *templateSource) (*unit, error) {
	u, err := inspect(o)
	if err != nil {
		return nil, err
	}
	source := o.text
	if made != nil {
		source = made.String()
	}
	if !strings.Contains(source, "{{") {
		u.constant = source
		return u, nil
	}
	parsed, err := parseTrees(o.name, source)
	if err != nil {
		return nil, u.madeFault(err)
	}
	t := texttemplate.New(o.name).Option("missingkey=error").Funcs(callable(nil))
	if err := addTrees(t, parsed.all); err != nil {
		return nil, u.madeFault(err)
	}
	u.executor = t
	return u, nil
}

// compileHTML compiles the HTML template that was made from the origin, with the
// functions it calls.
func compileHTML(o origin, made *templateSource, calls map[string]any) (*unit, error) {
	u, err := inspect(o)
	if err != nil {
		return nil, err
	}
	parsed, err := parseTrees(o.name, made.String())
	if err != nil {
		return nil, u.madeFault(err)
	}
	t := htmltemplate.New(o.name).Option("missingkey=error").Funcs(calls)
	for name, tree := range parsed.all {
		if _, err := t.AddParseTree(name, tree); err != nil {
			return nil, u.madeFault(err)
		}
	}
	t = t.Lookup(o.name)
	// Contexts are worked out at the first execution, before anything is printed.
	var bad *htmltemplate.Error
	if err := t.Execute(&bounded{b: &bytes.Buffer{}}, nil); errors.As(err, &bad) {
		return nil, o.fault(lineOfContext(bad, o, made), fmt.Errorf("%w: %s", ErrTemplate, contextProblem(bad)))
	}
	u.executor = t
	u.replaces = parsed.replaces()
	u.exact = u.exact && !u.replaces
	return u, nil
}

// lineOfContext returns the line of the origin where html/template found an
// action it cannot escape.
func lineOfContext(bad *htmltemplate.Error, o origin, made *templateSource) int {
	if bad.Node == nil || o.line == 0 {
		return 0
	}
	return made.line(int(bad.Node.Position()))
}

func contextProblem(bad *htmltemplate.Error) string {
	_, text := plainMessage(bad)
	return text
}

// inspect parses the source as the author wrote it, so that mistakes are found
// where they were made, and notes which columns it uses.
func inspect(o origin) (*unit, error) {
	parsed, err := parseTrees(o.name, o.padded())
	if err != nil {
		line, text := plainMessage(err)
		return nil, o.fault(line, hintSyntax(fmt.Errorf("%w: %s", ErrTemplate, text), o))
	}
	if err := parsed.unknownFunction(); err != nil {
		return nil, o.fault(lineOfFunction(o, parsed.calls[0]), err)
	}
	u := &unit{origin: o, exact: parsed.exact}
	padding := max(o.line-1, 0)
	for _, s := range parsed.uses {
		u.uses = append(u.uses, use{s.column, s.offset - padding})
	}
	slices.SortStableFunc(u.uses, func(a, b use) int { return a.offset - b.offset })
	return u, nil
}

// lineOfFunction finds the line where an unknown function is called.
func lineOfFunction(o origin, name string) int {
	for _, s := range cut(o.text) {
		if s.action != nil && slices.Contains(strings.FieldsFunc(actionInner(s.action.source), func(r rune) bool {
			return strings.ContainsRune(" \t\n()|", r)
		}), name) {
			return o.line + s.action.line - 1
		}
	}
	return o.line
}

// madeFault explains why a template made from the origin is invalid although the
// origin is not: its sections do not fit the elements they stand in.
func (u *unit) madeFault(err error) error {
	_, text := plainMessage(err)
	return u.origin.fault(u.origin.line, fmt.Errorf("%w: %s, once its sections stand in the HTML", ErrTemplate, text))
}

// execute prints the template for a row into b.
func (u *unit) execute(b *bytes.Buffer, row map[string]any) error {
	if u.executor == nil {
		b.WriteString(u.constant)
		return nil
	}
	begin := b.Len()
	if err := u.executor.Execute(&bounded{b: b, left: maxOutput}, row); err != nil {
		return u.explain(err, row)
	}
	if u.replaces && bytes.Contains(b.Bytes()[begin:], []byte(unsafeMarker)) {
		return u.unsafeValue(row)
	}
	return nil
}

// A bounded writer refuses what would pass its bound.
type bounded struct {
	b    *bytes.Buffer
	left int
}

func (w *bounded) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, fmt.Errorf("%w: a part may have %d MiB", ErrTooLarge, maxOutput>>20)
	}
	return w.b.Write(p)
}

// explain returns err with the place in the origin it comes from.
func (u *unit) explain(err error, row map[string]any) error {
	if errors.Is(err, ErrTooLarge) {
		return u.origin.fault(u.origin.line, ErrTooLarge)
	}
	for _, s := range u.uses {
		if _, ok := row[s.column]; !ok {
			return u.missing(s, slices.Sorted(maps.Keys(row)))
		}
	}
	return u.retrace(err, row)
}

// missing is the error for a column that is not there.
func (u *unit) missing(s use, columns []string) error {
	fault := u.origin.fault(u.origin.lineAt(s.offset), &missingField{name: s.column})
	fault.Field = s.column
	return hintColumn(fault, s.column, columns)
}

// retrace executes the origin as a text template, so that the error names the
// line the author knows.
func (u *unit) retrace(err error, row map[string]any) error {
	if parsed, broken := parseTrees(u.origin.name, u.origin.padded()); broken == nil {
		t := texttemplate.New(u.origin.name).Option("missingkey=error").Funcs(callable(nil))
		if addTrees(t, parsed.all) == nil {
			if again := t.Execute(&bounded{b: &bytes.Buffer{}, left: maxOutput}, row); again != nil {
				err = again
			}
		}
	}
	line, text := plainMessage(err)
	return u.origin.fault(line, fmt.Errorf("%w: %s", ErrTemplate, text))
}

func addTrees(t *texttemplate.Template, trees map[string]*parse.Tree) error {
	for name, tree := range trees {
		if _, err := t.AddParseTree(name, tree); err != nil {
			return err
		}
	}
	return nil
}

// checkColumns returns an error for the first use of a column that the list does
// not have.
func (u *unit) checkColumns(columns []string) error {
	for _, s := range u.uses {
		if !slices.Contains(columns, s.column) {
			return u.missing(s, columns)
		}
	}
	return nil
}

// satisfied reports whether every column the unit uses is there.
func (u *unit) satisfied(row map[string]any) bool {
	for _, s := range u.uses {
		if _, ok := row[s.column]; !ok {
			return false
		}
	}
	return true
}
