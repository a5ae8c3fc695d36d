package message

// The names of the functions that escape values in URLs outside HTML. An author
// has no need to call them.
const (
	urlPartFunction  = "_urlpart"
	urlWholeFunction = "_url"
)

// addURL adds a URL with actions in it to a text template. A value inside the
// URL is escaped so that it stays one part of it; a value the URL begins with is
// taken for a URL, or the beginning of one, and keeps its delimiters. That is
// what html/template does inside an href.
func addURL(out *templateSource, segments []segment) {
	for i, s := range segments {
		switch {
		case s.action == nil:
			out.static(s.text)
		case s.action.kind != actionOutput:
			out.action(s.action)
		case s.action.escapesURL():
			out.action(s.action)
		case beginsURL(segments[:i]):
			out.actionAs(s.action, s.action.piped(urlWholeFunction))
		default:
			out.actionAs(s.action, s.action.piped(urlPartFunction))
		}
	}
}

// beginsURL reports whether nothing has been printed by the segments before.
func beginsURL(before []segment) bool {
	for _, s := range before {
		if s.action == nil && s.text != "" || s.action != nil && s.action.kind == actionOutput {
			return false
		}
	}
	return true
}
