package message

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// writeHTML prints a document as the source of an HTML template, with the
// actions back in the places of their tokens.
func writeHTML(doc *html.Node, t *tokens) *templateSource {
	w := &htmlWriter{tokens: t}
	if doc.FirstChild == nil || !hasDoctype(doc) {
		w.out.static("<!DOCTYPE html>\n")
	}
	w.children(doc)
	w.out.static("\n")
	return &w.out
}

func hasDoctype(doc *html.Node) bool {
	for n := doc.FirstChild; n != nil; n = n.NextSibling {
		if n.Type == html.DoctypeNode {
			return true
		}
	}
	return false
}

type htmlWriter struct {
	out    templateSource
	tokens *tokens
}

var (
	textEscaper      = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\u00a0", "&nbsp;")
	attributeEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\u00a0", "&nbsp;")
)

func (w *htmlWriter) children(parent *html.Node) {
	for n := parent.FirstChild; n != nil; n = n.NextSibling {
		w.node(n)
	}
}

func (w *htmlWriter) node(n *html.Node) {
	switch n.Type {
	case html.DoctypeNode:
		w.doctype(n)
	case html.CommentNode:
		for _, a := range w.tokens.only(n.Data) {
			w.out.action(a)
		}
	case html.TextNode:
		if n.Parent != nil && isVerbatim(n.Parent.DataAtom) {
			w.mixed(n.Data, nil)
		} else {
			w.mixed(n.Data, textEscaper)
		}
	case html.ElementNode:
		w.element(n)
	}
}

// doctype prints a document type, with the identifiers that make a client keep
// to the rules of XHTML mails.
func (w *htmlWriter) doctype(n *html.Node) {
	w.out.static("<!DOCTYPE " + n.Data)
	public, system := attribute(n, "public"), attribute(n, "system")
	if public != "" {
		w.out.static(` PUBLIC "` + attributeEscaper.Replace(public) + `"`)
	} else if system != "" {
		w.out.static(" SYSTEM")
	}
	if system != "" {
		w.out.static(` "` + attributeEscaper.Replace(system) + `"`)
	}
	w.out.static(">\n")
}

func (w *htmlWriter) element(n *html.Node) {
	w.out.static("<" + n.Data)
	for _, a := range n.Attr {
		w.attribute(a)
	}
	w.out.static(">")
	if isVoid(n.DataAtom) {
		return
	}
	w.openingNewline(n)
	w.children(n)
	w.out.static("</" + n.Data + ">")
}

// openingNewline repeats a newline at the beginning of an element whose first
// newline the parser drops.
func (w *htmlWriter) openingNewline(n *html.Node) {
	switch n.DataAtom {
	case atom.Pre, atom.Listing, atom.Textarea:
		if c := n.FirstChild; c != nil && c.Type == html.TextNode && strings.HasPrefix(c.Data, "\n") {
			w.out.static("\n")
		}
	}
}

// attribute prints an attribute. One whose name has an action in it, as in
// <td {{if .x}}class="y"{{end}}>, gets no value that was not there.
func (w *htmlWriter) attribute(a html.Attribute) {
	w.out.static(" ")
	if a.Namespace != "" {
		w.out.static(a.Namespace + ":")
	}
	w.mixed(a.Key, nil)
	if a.Val == "" && w.tokens.contains(a.Key) {
		return
	}
	w.out.static(`="`)
	if isLink(a.Key) {
		w.link(a.Val)
	} else {
		w.mixed(a.Val, attributeEscaper)
	}
	w.out.static(`"`)
}

// mixed prints text that may hold tokens. A nil escaper prints it as it is.
func (w *htmlWriter) mixed(text string, escaper *strings.Replacer) {
	for _, s := range w.tokens.split(text) {
		switch {
		case s.action != nil:
			w.out.action(s.action)
		case escaper != nil:
			w.out.static(escaper.Replace(s.text))
		default:
			w.out.static(s.text)
		}
	}
}

// isVerbatim reports whether the text of an element is printed without escaping
// (HTML, §13.3).
func isVerbatim(name atom.Atom) bool {
	switch name {
	case atom.Iframe, atom.Noembed, atom.Noframes, atom.Noscript, atom.Plaintext, atom.Script, atom.Style, atom.Xmp:
		return true
	}
	return false
}

// isVoid reports whether an element has no end tag (HTML, §13.1.2).
func isVoid(name atom.Atom) bool {
	switch name {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input,
		atom.Link, atom.Meta, atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}
