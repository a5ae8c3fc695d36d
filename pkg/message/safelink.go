package message

import (
	htmltemplate "html/template"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// linkFunction is the name under which the HTML template finds safeLink. An author
// has no need to call it.
const linkFunction = "_link"

// linkSchemes are the schemes a link from a column may have besides http, https and
// mailto, which html/template lets through: those that open a program with
// something to write to or to call (RFC 3966, RFC 5724).
var linkSchemes = [...]string{"tel", "sms"}

// safeLink marks a value that a URL begins with as safe when its scheme is known to
// be. "cid:name" becomes the address of the attachment of that name (RFC 2392).
// Other values are left to html/template.
func (t *Template) safeLink(value any) any {
	s, ok := value.(string)
	if !ok {
		return value
	}
	scheme, rest, _ := strings.Cut(s, ":")
	for _, known := range linkSchemes {
		if strings.EqualFold(scheme, known) {
			return htmltemplate.URL(urlWhole(s)) //nolint:gosec // the scheme does nothing by itself
		}
	}
	if name, err := url.PathUnescape(rest); err == nil && strings.EqualFold(scheme, "cid") && t.shown[name] != "" {
		return htmltemplate.URL("cid:" + t.shown[name]) //nolint:gosec // made here
	}
	return value
}

// isLink reports whether an attribute holds a URL that a mail client may follow
// or show.
func isLink(key string) bool { return key == "href" || showsImage(key) }

// showsImage reports whether an attribute holds the URL of an image.
func showsImage(key string) bool { return key == "src" || key == "background" }

// link prints the value of an attribute that holds a URL.
func (w *htmlWriter) link(value string) {
	segments := w.tokens.split(value)
	for i, s := range segments {
		switch {
		case s.action == nil:
			w.out.static(attributeEscaper.Replace(s.text))
		case s.action.kind == actionOutput && beginsURL(segments[:i]) && !s.action.escapesURL() && !s.action.escapesHTML():
			w.out.actionAs(s.action, s.action.piped(linkFunction))
		default:
			w.out.action(s.action)
		}
	}
}

// choosesImage reports whether a row says which image an element shows.
func choosesImage(n *html.Node, t *tokens) bool {
	for _, a := range n.Attr {
		segments := t.split(a.Val)
		if !showsImage(a.Key) || n.DataAtom == atom.Script {
			continue
		}
		for i, s := range segments {
			if s.action != nil && s.action.kind == actionOutput && beginsURL(segments[:i]) {
				return true
			}
		}
	}
	return false
}
