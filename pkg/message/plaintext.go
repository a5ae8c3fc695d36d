package message

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// plainText derives the source of the text part from a parsed HTML document: a
// text template with the same actions, whose output [lay] turns into text.
//
// Links read "text <url>", headings are underlined, images are their alternative
// text, tables with a head or more than one column stand in columns. Hidden
// elements are left out, but the sections of the template in them stay, so that
// every {{if}} keeps its {{end}}.
func plainText(doc *html.Node, t *tokens) *templateSource {
	w := &plainWriter{tokens: t}
	w.children(doc)
	return &w.out
}

type plainWriter struct {
	out    templateSource
	tokens *tokens
	pre    int // depth of preformatted elements
}

func (w *plainWriter) children(parent *html.Node) {
	for n := parent.FirstChild; n != nil; n = n.NextSibling {
		w.node(n)
	}
}

func (w *plainWriter) node(n *html.Node) {
	switch n.Type {
	case html.CommentNode:
		for _, a := range w.tokens.only(n.Data) {
			w.action(a)
		}
	case html.TextNode:
		w.text(n.Data)
	case html.ElementNode:
		if isHidden(n) {
			w.skip(n)
			return
		}
		w.sections(n)
		w.element(n)
	}
}

func (w *plainWriter) action(a *action) {
	if a.kind == actionMarkup {
		w.out.actionAs(a, a.plain)
		return
	}
	w.out.action(a)
}

// text adds the text of an element, its white space collapsed (CSS Text, §4.1.1).
func (w *plainWriter) text(text string) {
	if w.pre > 0 {
		w.out.static(text)
		return
	}
	const space = " \t\n\r\f"
	if strings.Trim(text, space) == "" {
		w.out.static(string(codeSpace))
		return
	}
	if strings.IndexByte(space, text[0]) >= 0 {
		w.out.static(string(codeSpace))
	}
	w.out.static(strings.ReplaceAll(strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return strings.ContainsRune(space, r)
	}), " "), "\u00a0", " "))
	if strings.IndexByte(space, text[len(text)-1]) >= 0 {
		w.out.static(string(codeSpace))
	}
}

// skip leaves an element out, but for the sections in it.
func (w *plainWriter) skip(n *html.Node) {
	w.sections(n)
	for d := range n.Descendants() {
		w.sections(d)
	}
}

// sections adds the actions of a node that print nothing themselves: those in
// its text and comment, and in the attributes that are not shown.
func (w *plainWriter) sections(n *html.Node) {
	if n.Type != html.ElementNode {
		w.structural(n.Data)
		return
	}
	for _, a := range n.Attr {
		w.structural(a.Key)
		if !isShown(n, a.Key) {
			w.structural(a.Val)
		}
	}
}

func (w *plainWriter) structural(text string) {
	for _, s := range w.tokens.split(text) {
		if s.action != nil && s.action.kind != actionOutput {
			w.action(s.action)
		}
	}
}

// isShown reports whether the text part shows an attribute of a visible element.
func isShown(n *html.Node, key string) bool {
	return n.DataAtom == atom.A && key == "href" || n.DataAtom == atom.Img && key == "alt"
}

// isHidden reports whether an element shows nothing to the reader.
func isHidden(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Head, atom.Style, atom.Script, atom.Title, atom.Template, atom.Noscript, atom.Textarea,
		atom.Select, atom.Iframe, atom.Object, atom.Video, atom.Audio, atom.Svg:
		return true
	}
	style := strings.ToLower(strings.ReplaceAll(attribute(n, "style"), " ", ""))
	if strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden") {
		return true
	}
	for _, a := range n.Attr {
		if a.Key == "hidden" {
			return true
		}
	}
	return false
}

func (w *plainWriter) element(n *html.Node) {
	switch n.DataAtom {
	case atom.Br:
		w.out.static("\n")
	case atom.Hr:
		w.out.static(string(codeParagraph) + strings.Repeat("-", ruleWidth) + string(codeParagraph))
	case atom.Img:
		w.mixed(strings.TrimSpace(attribute(n, "alt")), false)
	case atom.Input:
		w.checkbox(n)
	case atom.A:
		w.link(n)
	case atom.Ul, atom.Menu, atom.Dir, atom.Ol:
		w.list(n)
	case atom.Li:
		w.around(n, codeItem, codeEnd)
	case atom.Blockquote:
		w.around(n, codeQuote, codeEnd)
	case atom.Pre, atom.Listing, atom.Xmp:
		w.pre++
		w.around(n, codeParagraph, codeParagraph)
		w.pre--
	case atom.Table:
		w.table(n)
	default:
		w.block(n)
	}
}

// block adds an element by the space around it: a paragraph, a line, or none.
func (w *plainWriter) block(n *html.Node) {
	switch n.DataAtom {
	case atom.H1:
		w.around(n, codeParagraph, codeTitle)
		w.out.static(string(codeParagraph))
	case atom.H2:
		w.around(n, codeParagraph, codeSubtitle)
		w.out.static(string(codeParagraph))
	case atom.P, atom.H3, atom.H4, atom.H5, atom.H6, atom.Dl, atom.Figure, atom.Fieldset, atom.Form:
		w.around(n, codeParagraph, codeParagraph)
	case atom.Div, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Main, atom.Nav, atom.Aside, atom.Center,
		atom.Address, atom.Dt, atom.Dd, atom.Figcaption, atom.Caption, atom.Details, atom.Summary, atom.Legend,
		atom.Body, atom.Html, atom.Tr, atom.Td, atom.Th:
		w.around(n, codeLine, codeLine)
	default:
		w.children(n)
	}
}

func (w *plainWriter) around(n *html.Node, before, behind rune) {
	w.out.static(string(before))
	w.children(n)
	w.out.static(string(behind))
}

// list adds a list. The outermost lists are paragraphs of their own.
func (w *plainWriter) list(n *html.Node) {
	edge := string(codeParagraph)
	for p := n.Parent; p != nil; p = p.Parent {
		if p.DataAtom == atom.Li {
			edge = string(codeLine)
			break
		}
	}
	begin := string(codeBullets)
	if n.DataAtom == atom.Ol {
		start, err := strconv.Atoi(attribute(n, "start"))
		if err != nil || start < 0 {
			start = 1
		}
		begin = string(codeNumbers) + strconv.Itoa(start) + string(codeEnd)
	}
	w.out.static(edge + begin)
	w.children(n)
	w.out.static(string(codeEnd) + edge)
}

// checkbox adds the box of a task list.
func (w *plainWriter) checkbox(n *html.Node) {
	if attribute(n, "type") != "checkbox" {
		return
	}
	for _, a := range n.Attr {
		if a.Key == "checked" {
			w.out.static("[x]")
			return
		}
	}
	w.out.static("[ ]")
}

// mixed adds an attribute's text. In a URL, values are escaped as html/template
// escapes them there.
func (w *plainWriter) mixed(text string, isURL bool) {
	if isURL {
		addURL(&w.out, w.tokens.split(text))
		return
	}
	for _, s := range w.tokens.split(text) {
		if s.action != nil {
			w.action(s.action)
		} else {
			w.out.static(s.text)
		}
	}
}
