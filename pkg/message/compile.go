package message

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Template is a message that is ready for its rows. It is safe for concurrent
// use.
type Template struct {
	from        delivery.Mailbox
	campaign    string
	subject     *unit
	toName      *unit // nil when recipients are addressed without a name
	replyTo     *unit // nil for no Reply-To
	unsubscribe []*unit
	headers     []headerUnit // Feedback-ID and the author's own

	text *unit
	laid bool  // the text template prints layout codes
	html *unit // nil for a message of text alone

	sources []*unit // everything the author wrote, for checking rows without executing it
	exact   bool    // the parts cannot fail once their columns are there

	frame    *frame
	shown    map[string]string // the Content-IDs of the files that a row may show, by name
	options  Options
	scratch  sync.Pool // of *scratch
	rowFiles bool
}

type headerUnit struct {
	name string
	unit *unit
}

// Compile reads a message and makes a template of it. Markdown is turned into
// HTML, style sheets are inlined and attachments are encoded here, once; what is
// left for the rows is to fill in values.
//
// Mistakes of the author are a [*TemplateError], or another error that wraps one
// of this package's causes, with hints.
func Compile(source Source, options Options) (*Template, error) {
	c := newCompiler(source, options)
	if err := c.open(source); err != nil {
		return nil, err
	}
	t := &Template{campaign: options.Campaign, options: options, rowFiles: options.AttachColumn != "", exact: true, shown: map[string]string{}}
	steps := []func(*Template) error{c.addFrom, c.addSubject, c.addReplyTo, c.addToName, c.addUnsubscribe, c.addHeaders, c.addParts, c.addFrame, c.checkColumns}
	for _, step := range steps {
		if err := step(t); err != nil {
			return nil, err
		}
	}
	t.scratch.New = func() any { return new(scratch) }
	return t, nil
}

// From returns the mailbox that the front matter of the message names. The error wraps
// [ErrNoFrom] where it names none, and is a [*TemplateError] where it is wrong.
func (s Source) From() (delivery.Mailbox, error) {
	c := newCompiler(s, Options{})
	if err := c.open(s); err != nil {
		return delivery.Mailbox{}, err
	}
	return c.from()
}

// From returns the mailbox the message comes from.
func (t *Template) From() delivery.Mailbox { return t.from }

// A compiler holds what the steps of Compile share.
type compiler struct {
	name    string
	options Options
	format  Format
	matter  *frontMatter
	body    origin
	source  Source
	links   []origin // the templates of the unsubscribe addresses
	cids    []string // the files the HTML part mentions
	chosen  bool     // rows say which images the HTML part shows
}

func newCompiler(source Source, options Options) *compiler {
	return &compiler{name: cmp.Or(source.Name, "message"), options: options}
}

// open reads the file: its encoding, its format and its front matter.
func (c *compiler) open(source Source) error {
	if len(source.Body) > maxOutput {
		return fmt.Errorf("%s: %w: a message may have %d MiB", c.name, ErrTooLarge, maxOutput>>20)
	}
	c.source = source
	file := origin{name: c.name, text: string(source.Body), line: 1}
	if err := checkUTF8(file); err != nil {
		return err
	}
	matter, body, line, err := splitFrontMatter(c.name, newlines(file.text))
	if err != nil {
		return err
	}
	if c.matter, err = parseFrontMatter(c.name, matter); err != nil {
		return err
	}
	c.body = origin{name: c.name, text: body, line: line}
	if len(source.Body) > 0 {
		c.format, err = FormatOf(source.Name, []byte(body))
	}
	return err
}

// setting returns an option, or else what the front matter says.
func (c *compiler) setting(part, option string, matter setting) origin {
	if option != "" {
		return origin{name: c.name, part: part, text: strings.TrimSpace(newlines(option))}
	}
	return origin{name: c.name, part: part, text: matter.text, line: matter.line}
}

// from returns the mailbox that the front matter names.
func (c *compiler) from() (delivery.Mailbox, error) {
	if c.matter.from.text == "" {
		return delivery.Mailbox{}, delivery.Hint(ErrNoFrom, "use --from 'Acme <news@acme.example>', or from in the front matter")
	}
	from, err := delivery.ParseMailbox(c.matter.from.text)
	if err != nil {
		err = &TemplateError{Name: c.name, Line: c.matter.from.line, Part: "from", Err: err}
	}
	return from, err
}

func (c *compiler) addFrom(t *Template) (err error) {
	t.from = c.options.From
	if t.from.Address.IsZero() {
		t.from, err = c.from()
	}
	return err
}

// header compiles the template of a header value, which has to be one line.
func (c *compiler) header(t *Template, o origin) (*unit, error) {
	escapes := false
	for _, s := range cut(o.text) {
		if s.action != nil {
			escapes = escapes || strings.Contains(s.action.source, `\`)
		} else if err := checkValue(o.part, s.text); err != nil {
			return nil, o.fault(o.line, err)
		}
	}
	u, err := compileText(o, nil)
	if err != nil {
		return nil, err
	}
	u.exact = u.exact && !escapes // an action that brings a line break of its own has to be executed
	t.sources = append(t.sources, u)
	return u, nil
}

func (c *compiler) addSubject(t *Template) (err error) {
	o := c.setting("subject", c.options.Subject, c.matter.subject)
	if o.text == "" {
		return delivery.Hint(ErrNoSubject, "put it into the front matter, subject: Hello {{.name}}, or use --subject")
	}
	t.subject, err = c.header(t, o)
	return err
}

func (c *compiler) addReplyTo(t *Template) (err error) {
	o := c.setting("reply_to", c.options.ReplyTo, c.matter.replyTo)
	if o.text == "" {
		return nil
	}
	if t.replyTo, err = c.header(t, o); err != nil || t.replyTo.executor != nil {
		return err
	}
	if _, err := delivery.ParseMailbox(t.replyTo.constant); err != nil {
		return o.fault(o.line, delivery.Hint(err, "write an address such as support@acme.example"))
	}
	return nil
}

func (c *compiler) addToName(t *Template) (err error) {
	if o := c.setting("to_name", "", c.matter.toName); o.text != "" {
		t.toName, err = c.header(t, o)
	}
	return err
}

func (c *compiler) addUnsubscribe(t *Template) error {
	for _, text := range c.options.Unsubscribe {
		c.links = append(c.links, c.setting("unsubscribe", text, setting{}))
	}
	if len(c.options.Unsubscribe) == 0 {
		for _, s := range c.matter.unsubscribe {
			c.links = append(c.links, c.setting("unsubscribe", "", s))
		}
	}
	for _, o := range c.links {
		u, err := urlUnit(o)
		if err != nil {
			return err
		}
		if u.executor == nil {
			if err := checkUnsubscribe(u.constant); err != nil {
				return o.fault(o.line, err)
			}
		}
		t.sources = append(t.sources, u)
		t.unsubscribe = append(t.unsubscribe, u)
	}
	return nil
}

func (c *compiler) addHeaders(t *Template) error {
	if o := c.setting("feedback_id", c.options.FeedbackID, c.matter.feedbackID); o.text != "" {
		u, err := c.header(t, o)
		if err != nil {
			return err
		}
		t.headers = append(t.headers, headerUnit{"Feedback-ID", u})
	}
	all := slices.Clone(c.matter.headers)
	for _, h := range c.options.Headers {
		all = append(all, namedSetting{strings.TrimSpace(h.Name), setting{text: h.Value}})
	}
	for _, h := range all {
		o := origin{name: c.name, part: "header " + h.name, text: strings.TrimSpace(h.text), line: h.line}
		if err := checkHeaderName(h.name); err != nil {
			return o.fault(o.line, err)
		}
		u, err := c.header(t, o)
		if err != nil {
			return err
		}
		t.headers = append(t.headers, headerUnit{h.name, u})
	}
	return nil
}

// checkColumns holds every column that is named against those the list has.
func (c *compiler) checkColumns(t *Template) error {
	if c.options.Columns == nil {
		return nil
	}
	for _, u := range t.sources {
		if err := u.checkColumns(c.options.Columns); err != nil {
			return err
		}
	}
	if column := c.options.AttachColumn; column != "" && !slices.Contains(c.options.Columns, column) {
		return hintColumn(fmt.Errorf("attachments: %w", &missingField{name: column}), column, c.options.Columns)
	}
	return nil
}
