package message

import (
	"strings"
	"testing"
)

// inlined returns the HTML of a message after its style sheets were inlined.
func inlined(t *testing.T, source string) string {
	t.Helper()
	tokens := newTokens(source)
	doc, err := parseHTML(whole(tokens.hide(cut(source))), tokens)
	if err != nil {
		t.Fatal(err)
	}
	inlineCSS(doc, tokens)
	return writeHTML(doc, tokens).String()
}

func TestInlineCSS(t *testing.T) {
	tests := []struct {
		name, css, body, want string
	}{
		{"element", "p { color: red }", "<p>x</p>", `<p style="color: red">x</p>`},
		{"class", ".a { color: red; }", `<p class="a">x</p>`, `<p class="a" style="color: red">x</p>`},
		{"group", "h1, p { color: red }", "<h1>y</h1><p>x</p>", `<h1 style="color: red">y</h1><p style="color: red">x</p>`},
		{"descendant", "div p { color: red }", "<div><p>x</p></div>", `<p style="color: red">x</p>`},
		{"child", "div > p { color: red }", "<div><p>x</p></div>", `<p style="color: red">x</p>`},
		{"attribute", `a[href^="https"] { color: red }`, `<a href="https://x">x</a>`, `style="color: red"`},
		{"comment", "/* p { color: blue } */ p { /* x */ color: red }", "<p>x</p>", `<p style="color: red">x</p>`},
		{"later wins", "p { color: red } p { color: blue }", "<p>x</p>", `<p style="color: blue">x</p>`},
		{"specificity wins", ".a { color: red } p { color: blue }", `<p class="a">x</p>`, `style="color: red"`},
		{"id wins", "#i { color: red } p.a.b.c { color: blue }", `<p id="i" class="a b c">x</p>`, `style="color: red"`},
		{"important wins", "p { color: red !important } .a { color: blue }", `<p class="a">x</p>`, `style="color: blue; color: red"`},
		{"important with spaces", "p { color: red ! Important }", `<p style="color: blue">x</p>`, `style="color: blue; color: red"`},
		{"attribute wins", "p { color: red; margin: 0 }", `<p style="color: blue;">x</p>`, `style="margin: 0; color: blue"`},
		{"important beats attribute", "p { color: red !important }", `<p style="color: blue">x</p>`, `style="color: blue; color: red"`},
		{"shorthand order", "p { margin-left: 1px } p { margin: 0 }", "<p>x</p>", `style="margin-left: 1px; margin: 0"`},
		{"shorthand overridden in part", "p { margin: 0 } p { margin-left: 1px }", "<p>x</p>", `style="margin: 0; margin-left: 1px"`},
		{"repeated around a shorthand", "p { margin-left: 1px; margin: 0; margin-left: 1px }", "<p>x</p>", `style="margin-left: 1px; margin: 0; margin-left: 1px"`},
		{"fallback in one rule", "p { background: red; background: linear-gradient(red, blue) }", "<p>x</p>", `style="background: red; background: linear-gradient(red, blue)"`},
		{"url with semicolon", `p { background: url("data:image/png;base64,AA==") }`, "<p>x</p>", `style="background: url(&quot;data:image/png;base64,AA==&quot;)"`},
		{"semicolon in a string", `p { content: "a;b:c" }`, "<p>x</p>", `style="content: &quot;a;b:c&quot;"`},
		{"upper case property", "P { COLOR: Red }", "<p>x</p>", `style="color: Red"`},
		{"value from the row", "p { color: {{.color}} }", "<p>x</p>", `style="color: {{.color}}"`},
		{"attribute from the row", "p { color: red }", `<p style="{{.style}}">x</p>`, `style="color: red; {{.style}}"`},
		{"action in an attribute name", "p { color: red }", `<p {{if .a}}class="b"{{end}}>x</p>`, `<p {{if .a}}class="b" {{end}} style="color: red">x</p>`},
		{"head is left alone", "* { color: red }", "<p>x</p>", `<head><style>`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := inlined(t, "<html><head><style>"+test.css+"</style></head><body>"+test.body+"</body></html>")
			if test.name == "head is left alone" {
				if strings.Contains(got, `<head style`) {
					t.Errorf("got %s", got)
				}
				return
			}
			if !strings.Contains(got, test.want) {
				t.Errorf("got %s\nwant %s", got, test.want)
			}
			if strings.Contains(got, "<style") {
				t.Errorf("an empty sheet is left in %s", got)
			}
		})
	}
}

func TestInlineCSSKeeps(t *testing.T) {
	tests := []struct {
		name, css, want string
	}{
		{"media", "@media (max-width: 600px) { p { color: red !important } }", "@media (max-width: 600px) { p { color: red !important } }"},
		{"font face", "@font-face { font-family: X; src: url(x.woff) }", "@font-face { font-family: X; src: url(x.woff) }"},
		{"import", `@import url("x.css");`, `@import url("x.css");`},
		{"pseudo-class", "a:hover { color: red }", "a:hover { color: red }"},
		{"pseudo-element", "p::before { content: 'x' }", "p::before { content: 'x' }"},
		{"part of a group", "p, p:hover { color: red }", "\np:hover { color: red }"},
		{"structure", "tr:nth-child(even) { color: red }", "tr:nth-child(even) { color: red }"},
		{"no match", ".ExternalClass { width: 100% }", ".ExternalClass { width: 100% }"},
		{"nested rule", "p { & a { color: red } }", "p { & a { color: red } }"},
		{"template section", "{{if .dark}} p { color: red } {{end}}", "{{if .dark}} p { color: red } {{end}}"},
		{"not a selector", "p >> q { color: red }", "p >> q { color: red }"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := inlined(t, "<html><head><style>"+test.css+"</style></head><body><p>x</p></body></html>")
			if !strings.Contains(got, test.want) {
				t.Errorf("got %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestInlineCSSMediaAttribute(t *testing.T) {
	got := inlined(t, `<html><head><style media="print">p { color: red }</style><style media="screen">p { margin: 0 }</style></head><body><p>x</p></body></html>`)
	if !strings.Contains(got, `<style media="print">p { color: red }</style>`) || !strings.Contains(got, `<p style="margin: 0">`) {
		t.Errorf("got %s", got)
	}
}

func FuzzParseSheet(f *testing.F) {
	for _, seed := range []string{
		"p { color: red }", "@media x { p { a: b } }", "p { a: b !important; c", "}}{{", "a{b:c}/*", `a{b:"`, "@import 'x';", "a,b>c{d:e}", "<!-- a{} -->",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, css string) {
		var printed strings.Builder
		for _, item := range parseSheet(css) {
			for i, s := range item.selectors {
				if i > 0 {
					printed.WriteString(", ")
				}
				printed.WriteString(s.text)
			}
			printed.WriteString(" " + item.text + "\n")
		}
		for _, item := range parseSheet(printed.String()) {
			for _, d := range item.declarations {
				if d.property == "" || d.value == "" && !d.important {
					t.Errorf("%q has the declaration %+v", css, d)
				}
			}
		}
	})
}
