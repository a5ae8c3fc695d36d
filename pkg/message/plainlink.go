package message

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// link adds the text of a link and where it leads. A link whose text is its
// address is only written once.
func (w *plainWriter) link(n *html.Node) {
	href := strings.TrimSpace(attribute(n, "href"))
	if !w.leadsSomewhere(href) {
		w.structural(href)
		w.children(n)
		return
	}
	shown := w.tokens.restore(strings.TrimSpace(w.visible(n)))
	target := w.tokens.restore(href)
	switch {
	case shown == target:
		w.mixed(href, true)
	case "mailto:"+shown == target || "tel:"+shown == target:
		w.children(n)
	case shown == "":
		w.children(n)
		w.out.static("<")
		w.mixed(href, true)
		w.out.static(">")
	default:
		w.children(n)
		w.out.static(string(codeSpace) + "<")
		w.mixed(href, true)
		w.out.static(">")
	}
}

// leadsSomewhere reports whether a link is of use outside the document.
func (w *plainWriter) leadsSomewhere(href string) bool {
	return href != "" && !strings.HasPrefix(href, "#") && !strings.HasPrefix(strings.ToLower(href), "javascript:")
}

// visible returns the text of a node, with tokens.
func (w *plainWriter) visible(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		switch {
		case d.Type == html.TextNode, d.Type == html.CommentNode:
			b.WriteString(d.Data)
		case d.DataAtom == atom.Img:
			b.WriteString(attribute(d, "alt"))
		}
	}
	return b.String()
}
