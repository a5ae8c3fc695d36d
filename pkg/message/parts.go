package message

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// addParts compiles the text and the HTML part. The options win over the source;
// a text part that nobody wrote is derived from the HTML.
func (c *compiler) addParts(t *Template) error {
	var htmlSource, textSource origin
	if c.format == FormatText {
		textSource = c.body
	} else {
		htmlSource = c.body
	}
	if c.options.HTML != "" {
		htmlSource = origin{name: c.name, part: "html", text: newlines(c.options.HTML)}
		c.format = FormatHTML
	}
	if c.options.Text != "" {
		textSource = origin{name: c.name, part: "text", text: newlines(c.options.Text)}
	}
	if strings.TrimSpace(htmlSource.text) != "" {
		return c.addBoth(t, htmlSource, textSource)
	}
	if strings.TrimSpace(textSource.text) == "" {
		return delivery.Hint(ErrNoBody, "give a message file with --message, or the message itself with --text or --html")
	}
	return c.addText(t, textSource)
}

// addText compiles a text part the author wrote.
func (c *compiler) addText(t *Template, o origin) error {
	linked, err := linkUnsubscribe(o, c.links)
	if err != nil {
		return err
	}
	o.text = linked
	if t.text, err = compileText(o, nil); err != nil {
		return err
	}
	t.addSource(t.text)
	return nil
}

// addSource notes a unit whose faults are faults of the parts.
func (t *Template) addSource(u *unit) {
	t.sources = append(t.sources, u)
	t.exact = t.exact && u.exact
}

// addBoth compiles the HTML part, and the text part from it unless the author
// wrote one.
func (c *compiler) addBoth(t *Template, o, text origin) error {
	linked, err := linkUnsubscribe(o, c.links)
	if err != nil {
		return err
	}
	o.text = linked
	preheader, err := inspect(origin{name: c.name, part: "preheader", text: c.matter.preheader.text, line: c.matter.preheader.line})
	if err != nil {
		return err
	}
	t.addSource(preheader)
	tokens := newTokens(o.text + preheader.origin.text + t.subject.origin.text)
	doc, err := c.document(o, tokens, t.subject.origin)
	if err != nil {
		return err
	}
	inlineCSS(doc, tokens)
	plain := plainText(doc, tokens)
	c.embed(doc, t, tokens)
	addPreheader(doc, preheader.origin.segments(), tokens)
	calls := callable(tokens.raw)
	calls[linkFunction] = t.safeLink
	if t.html, err = compileHTML(o, writeHTML(doc, tokens), calls); err != nil {
		return err
	}
	t.addSource(t.html)
	t.exact = t.exact && t.subject.exact // the title
	if text.text != "" {
		return c.addText(t, text)
	}
	return t.addPlain(o, plain)
}

// document parses the HTML part, made from Markdown if need be.
func (c *compiler) document(o origin, t *tokens, subject origin) (*html.Node, error) {
	if _, err := inspect(o); err != nil {
		return nil, err
	}
	source := t.hide(o.segments())
	if c.format == FormatMarkdown {
		content, err := markdown(source, t)
		if err != nil {
			return nil, err
		}
		if source, err = wrap(content, c.matter.lang.text, t.hide(subject.segments())); err != nil {
			return nil, &TemplateError{Name: c.name, Line: c.matter.lang.line, Part: "front matter", Err: err}
		}
	}
	return parseHTML(whole(source), t)
}

// addPlain compiles the text part that was derived from the HTML.
func (t *Template) addPlain(o origin, plain *templateSource) (err error) {
	if t.text, err = compileText(o, plain); err != nil {
		return delivery.Hint(err, "close every section inside the element it was opened in, or give the text part yourself")
	}
	if t.text.executor == nil {
		t.text.constant = string(lay(nil, t.text.constant))
		return nil
	}
	t.laid = true
	return nil
}

// embed points the images of the document that mention an attachment by name at
// the Content-ID it will have, and notes whether rows may do so.
func (c *compiler) embed(doc *html.Node, t *Template, in *tokens) {
	for n := range doc.Descendants() {
		c.chosen = c.chosen || choosesImage(n, in)
		for i, a := range n.Attr {
			name, ok := strings.CutPrefix(a.Val, "cid:")
			if !ok || (a.Key != "src" && a.Key != "background" && a.Key != "href") {
				continue
			}
			if plain, err := url.PathUnescape(name); err == nil {
				name = plain
			}
			n.Attr[i].Val = "cid:" + contentID(t.campaign, name, t.from.Address.Domain)
			if !slices.Contains(c.cids, name) {
				c.cids = append(c.cids, name)
			}
		}
	}
}

// addFrame reads the attachments and composes what all messages share.
func (c *compiler) addFrame(t *Template) error {
	files := slices.Clone(c.options.Attachments)
	for _, s := range c.matter.attachments {
		data, err := readFile(c.source.Files, s.text, c.options.maxAttachment())
		if err != nil {
			return &TemplateError{Name: c.name, Line: s.line, Part: "attachments", Err: err}
		}
		files = append(files, File{Name: s.text, Data: data})
	}
	var names []string
	for i, f := range files {
		f, err := f.complete()
		if err != nil {
			return err
		}
		if int64(len(f.Data)) > c.options.maxAttachment() {
			return tooLarge(f.Name, int64(len(f.Data)), c.options.maxAttachment())
		}
		f.embedded = slices.Contains(c.cids, f.Name)
		f.chosen = c.chosen
		if f.embedded || f.chosen {
			t.shown[f.Name] = contentID(t.campaign, f.Name, t.from.Address.Domain)
		}
		files[i] = f
		names = append(names, f.Name)
	}
	for _, name := range c.cids {
		if !slices.Contains(names, name) {
			return missingEmbed(c.name, name, names)
		}
	}
	domain := t.from.Address.Domain
	frame, err := compose(shape{
		html:        t.html != nil,
		rowFile:     t.rowFiles,
		files:       files,
		boundary:    identifierOf("boundary", t.campaign, domain),
		contentIDOf: func(name string) string { return contentID(t.campaign, name, domain) },
	})
	t.frame, t.options.Attachments = frame, nil // they are in the frame
	return err
}

func missingEmbed(message, name string, names []string) error {
	err := fmt.Errorf("%w: cid:%s is not among the attachments", ErrAttachment, name)
	hint := "name it under attachments in the front matter, or use --attach"
	if near := nearest(name, names); near != "" {
		hint = "did you mean cid:" + near + "?"
	}
	return delivery.Hint(&TemplateError{Name: message, Err: err}, hint)
}
