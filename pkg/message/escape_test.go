package message

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// hostile values a row may bring.
var hostile = []string{
	"<script>alert(1)</script>", `"onload="alert(1)`, `'onload='alert(1)`, "javascript:alert(1)", "</title><script>x</script>", "<!--", "-->", "]]>",
	"</style><script>x</script>", "{{.name}}", "&lt;script&gt;", "`onload=x`", "data:text/html,<script>x</script>", "expression(alert(1))", "\u2028", "a\\\"b",
}

// activeLink matches a link that does something else than to lead to a page.
var activeLink = regexp.MustCompile(`(?i)(href|src)="?\s*(javascript|data):`)

// TestContextualEscaping puts hostile values into every kind of place and lets an
// HTML parser say whether anything came of them.
func TestContextualEscaping(t *testing.T) {
	places := []struct{ name, file, body string }{
		{"text", "m.html", "<p>{{.name}}</p>"},
		{"Markdown text", "m.md", "Hello **{{.name}}**"},
		{"Markdown heading", "m.md", "# {{.name}}"},
		{"Markdown link", "m.md", "[{{.name}}]({{.name}})"},
		{"Markdown link with more", "m.md", `[x](https://x.example/{{.name}}?a={{.name}} "{{.name}}")`},
		{"Markdown image", "m.md", "![{{.name}}](https://x.example/{{.name}}.png)"},
		{"Markdown code", "m.md", "`{{.name}}`"},
		{"Markdown table", "m.md", "| a |\n|---|\n| {{.name}} |"},
		{"quoted attribute", "m.html", `<p title="{{.name}}">x</p>`},
		{"single-quoted attribute", "m.html", `<p title='{{.name}}'>x</p>`},
		{"unquoted attribute", "m.html", `<p title={{.name}}>x</p>`},
		{"href", "m.html", `<a href="{{.name}}">x</a>`},
		{"query", "m.html", `<a href="https://x.example/?a={{.name}}&b={{.name}}">x</a>`},
		{"src", "m.html", `<img src="{{.name}}" alt="{{.name}}">`},
		{"style attribute", "m.html", `<p style="color: {{.name}}">x</p>`},
		{"style sheet", "m.html", `<html><head><style>p { color: {{.name}} }</style></head><body><p>x</p></body></html>`},
		{"title", "m.html", `<html><head><title>{{.name}}</title></head><body><p>x</p></body></html>`},
		{"conditional comment", "m.html", `<!--[if mso]><p>{{.name}}</p><![endif]--><p>x</p>`},
		{"comment", "m.html", `<!-- {{.name}} --><p>x</p>`},
		{"textarea", "m.html", `<textarea>{{.name}}</textarea>`},
		{"between rows", "m.html", `<table>{{.name}}<tr><td>x</td></tr></table>`},
		{"preheader", "m.md", "---\nsubject: '{{.name}}'\npreheader: '{{.name}}'\n---\nx"},
		{"unsubscribe", "m.md", "---\nsubject: s\nunsubscribe: 'https://x.example/{{.name}}?a={{.name}}'\n---\n[x]({{unsubscribe}}) {{unsubscribe}}"},
	}
	for _, place := range places {
		t.Run(place.name, func(t *testing.T) {
			template := compile(t, place.file, place.body, Options{})
			safe := render(t, template, with(zoe(), "name", "safe"))
			for _, value := range hostile {
				row := with(zoe(), "name", value)
				if errors.Is(template.Check(row), ErrUnsafe) {
					continue
				}
				r := render(t, template, row)
				if strings.Contains(r.HTML, unsafeMarker) {
					t.Errorf("%q was replaced:\n%s", value, r.HTML)
				}
				if got, want := skeleton(t, r.HTML), skeleton(t, safe.HTML); got != want {
					t.Errorf("%q changed the document:\n%s\nwant\n%s", value, got, want)
				}
				if activeLink.MatchString(r.HTML) {
					t.Errorf("%q became a link:\n%s", value, r.HTML)
				}
			}
		})
	}
}

// skeleton returns the elements and attribute names of a document.
func skeleton(t *testing.T, source string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		b.WriteString("<" + n.Data)
		for _, a := range n.Attr {
			b.WriteString(" " + a.Key)
		}
		b.WriteString(">")
	}
	return b.String()
}

func TestConditionalComments(t *testing.T) {
	tests := []struct{ source, want string }{
		{"<!--[if mso]><b>x</b> &nbsp;<![endif]-->", "<!--[if mso]><b>x</b> &nbsp;<![endif]-->"},
		{"<!--[if gte mso 9]><xml>{{.orders}}</xml><![endif]-->", "<!--[if gte mso 9]><xml>3</xml><![endif]-->"},
		{"<!--[if !mso]><!--><i>y</i><!--<![endif]-->", "<!--[if !mso]><!--><i>y</i><!--<![endif]-->"},
		{"<!-- gone --><p>z</p>", "<body><p>z</p>"},
		{"<!--[if mso]>{{.company}}<![endif]-->", "<!--[if mso]>Fjord &amp; Fell AB<![endif]-->"},
	}
	for _, test := range tests {
		r := render(t, compile(t, "m.html", "<html><head></head><body>"+test.source+"</body></html>", Options{}), zoe())
		if !strings.Contains(r.HTML, test.want) {
			t.Errorf("%s became\n%s", test.source, r.HTML)
		}
	}
}

func TestBracesPrintThemselves(t *testing.T) {
	for _, body := range []string{"a &#123;&#123;.x}} b", `a {{"{{"}}.x}} b`, "a &#123;{{\"{\"}}.x}} b"} {
		if r := render(t, compile(t, "m.md", body, Options{}), zoe()); r.Text != "a {{.x}} b\n" || !strings.Contains(r.HTML, "a {{.x}} b") {
			t.Errorf("%q became %q and\n%s", body, r.Text, r.HTML)
		}
	}
}

func TestRowsCannotCallTemplates(t *testing.T) {
	r := render(t, compile(t, "m.md", "{{.name}}", Options{}), with(zoe(), "name", "{{.email}} qzxj000000z"))
	if r.Text != "{{.email}} qzxj000000z\n" || strings.Contains(r.HTML, "zoe@") {
		t.Errorf("text %q, HTML %s", r.Text, r.HTML)
	}
}

func TestHTMLDocuments(t *testing.T) {
	tests := []struct {
		name, source, want string
	}{
		{"fragment", "<p>a</p>", "<!DOCTYPE html>\n<html>"},
		{
			"doctype is kept", `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd"><html></html>`,
			`<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">`,
		},
		{"fragment that begins with a section", "{{if .vip}}<p>a</p>{{end}}<p>b</p>", "<body>\n<p>b</p></body>"},
		{"apostrophes stay", "<p>it's \"so\"</p>", `<p>it's "so"</p>`},
		{"spaces of their own", "<p>a&nbsp;b</p>", "<p>a&nbsp;b</p>"},
		{
			"rows of a range", "<table><tbody>{{range .items}}<tr><td>{{.}}</td></tr>{{end}}</tbody></table>",
			"<tbody><tr><td>1</td></tr><tr><td>2</td></tr></tbody>",
		},
		{"preformatted", "<pre>\n\na</pre>", "<pre>\n\na</pre>"},
		{"attributes from a section", `<p {{if .name}}class="x"{{end}}>a</p>`, `<p class="x" >a</p>`},
		{"options", `<input type="checkbox" {{if .name}}checked{{end}}>`, `<input type="checkbox" checked>`},
		{"svg", `<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>`, `<svg viewBox="0 0 1 1"><path d="M0 0"></path></svg>`},
	}
	row := with(with(zoe(), "items", []any{1, 2}), "vip", "")
	for _, test := range tests {
		r := render(t, compile(t, "m.html", test.source, Options{}), row)
		if !strings.Contains(r.HTML, test.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, r.HTML, test.want)
		}
	}
}
