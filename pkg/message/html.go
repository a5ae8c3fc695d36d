package message

import (
	"fmt"
	htmltemplate "html/template"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// rawFunction is the name under which the HTML template finds the pieces of
// conditional comments. It takes a number, so that no row value passes it.
const rawFunction = "_raw"

// parseHTML reads a document in which tokens stand for the actions. In text they
// become comments, which may stand anywhere: the parser would move text from
// between table rows to before the table.
func parseHTML(source string, t *tokens) (*html.Node, error) {
	doc, err := html.Parse(strings.NewReader(t.comment(source)))
	if err != nil {
		return nil, fmt.Errorf("parse HTML: %w", err)
	}
	return doc, nil
}

// comment turns the tokens in the text of a document into comments, and its
// conditional comments into tokens. The other comments are dropped, but for the
// sections in them.
func (t *tokens) comment(source string) string {
	var b strings.Builder
	tokenizer := html.NewTokenizer(strings.NewReader(source))
	rawText := false
	for {
		kind := tokenizer.Next()
		raw := string(tokenizer.Raw())
		switch kind {
		case html.ErrorToken:
			b.WriteString(raw)
			return b.String()
		case html.TextToken:
			if rawText {
				b.WriteString(raw)
			} else {
				b.WriteString(t.commentText(raw))
			}
			rawText = false
		case html.CommentToken:
			b.WriteString(t.commentComment(raw))
		case html.StartTagToken:
			name, _ := tokenizer.TagName()
			rawText = isRawText(atom.Lookup(name))
			b.WriteString(raw)
		default:
			b.WriteString(raw)
		}
	}
}

// isRawText reports whether the parser reads no tags and comments inside an
// element.
func isRawText(name atom.Atom) bool {
	switch name {
	case atom.Iframe, atom.Noembed, atom.Noframes, atom.Noscript, atom.Plaintext,
		atom.Script, atom.Style, atom.Textarea, atom.Title, atom.Xmp:
		return true
	}
	return false
}

func (t *tokens) commentText(text string) string {
	var b strings.Builder
	for {
		at, a := t.next(text)
		if a == nil {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:at] + "<!--" + text[at:at+t.length()] + "-->")
		text = text[at+t.length():]
	}
}

// conditionalComment matches the comments that Outlook reads, in both forms:
// <!--[if mso]>…<![endif]--> and <![if !mso]>…<![endif]>.
var conditionalComment = regexp.MustCompile(`(?i)^<!(--)?\s*(\[if\s|<?!?\[endif)`)

func (t *tokens) commentComment(raw string) string {
	if conditionalComment.MatchString(raw) {
		return "<!--" + t.add(t.conditional(raw)) + "-->"
	}
	var b strings.Builder
	for _, s := range t.split(raw) {
		if s.action != nil && s.action.kind != actionOutput {
			b.WriteString("<!--" + t.add(s.action) + "-->")
		}
	}
	return b.String()
}

// conditional returns an action that prints a conditional comment. html/template
// drops comments, so they reach it as values; the actions inside stay actions.
func (t *tokens) conditional(raw string) *action {
	a := &action{kind: actionMarkup}
	for _, s := range t.split(raw) {
		if s.action == nil {
			t.raw = append(t.raw, htmltemplate.HTML(s.text)) //nolint:gosec // written by the author, not by a row
			a.source += fmt.Sprintf("{{%s %d}}", rawFunction, len(t.raw)-1)
			continue
		}
		a.line = s.action.line
		a.source += s.action.source
		if s.action.kind != actionOutput {
			a.plain += s.action.source
		}
	}
	return a
}

// body returns the body element of a parsed document, or nil.
func body(doc *html.Node) *html.Node {
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.DataAtom == atom.Body {
			return n
		}
	}
	return nil
}

// preheaderStyle hides the preheader in every client that shows messages; their
// lists of messages show it beside the subject.
const preheaderStyle = "display: none; max-height: 0; max-width: 0; overflow: hidden; opacity: 0; " +
	"mso-hide: all; font-size: 1px; line-height: 1px; color: transparent"

// addPreheader puts the preheader before everything else in the body.
func addPreheader(doc *html.Node, segments []segment, t *tokens) {
	parent := body(doc)
	if parent == nil || len(segments) == 0 {
		return
	}
	div := &html.Node{Type: html.ElementNode, DataAtom: atom.Div, Data: "div"}
	setAttribute(div, "style", preheaderStyle)
	for _, s := range segments {
		if s.action != nil {
			div.AppendChild(&html.Node{Type: html.CommentNode, Data: t.add(s.action)})
		} else {
			div.AppendChild(&html.Node{Type: html.TextNode, Data: s.text})
		}
	}
	parent.InsertBefore(div, parent.FirstChild)
}
