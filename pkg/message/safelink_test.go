package message

import (
	stdcmp "cmp"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// linksIn returns the URLs and styles of a document, in their order.
func linksIn(t *testing.T, source string) []string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			if n.Parent != nil && (isLink(a.Key) || a.Key == "style" && n.Data == "i") {
				found = append(found, a.Val)
			}
		}
	}
	return found
}

// TestLinksFromColumns shows which values may stand in a link, an image and a style.
func TestLinksFromColumns(t *testing.T) {
	logo := contentID("test", "logo", acme.Address.Domain)
	tests := []struct {
		body, value, want string // "" is an error
	}{
		{"[Call us]({{.v}})", "tel:+49301234", "tel:+49301234"},
		{"[Call us]({{.v}})", "TEL:030 1234", "TEL:030%201234"},
		{"[Text us]({{.v}})", "sms:+49301234?body=Hi%20there", "sms:+49301234?body=Hi%20there"},
		{"[x]({{.v}})", `tel:1"onload="x`, "tel:1%22onload=%22x"},
		{"[x]({{.v}})", "mailto:a@b.example", "mailto:a@b.example"},
		{"[x]({{.v}})", "https://b.example/?q=1&r=2#s", "https://b.example/?q=1&r=2#s"},
		{"[x]({{.v}})", "", ""},
		{"[x]({{.v}})", "page.html", "page.html"},
		{"[x]({{default .v .name}})", "acme://open/42", "Zo%c3%ab%20%c3%85ngstr%c3%b6m"},
		{"[x](acme://open/{{.v}})", "42", "acme://open/42"},
		{"[x](https://b.example/{{.v}})", "tel:1", "https://b.example/tel:1"},
		{`<a href="{{if .v}}{{.v}}{{else}}https://b.example{{end}}">x</a>`, "tel:1", "tel:1"},
		{`<a href="{{.v | html}}">x</a>`, "https://b.example/", "https://b.example/"},
		{"[x]({{.v}})", "acme://open/42", "!"},
		{"[x]({{.v}})", "javascript:alert(1)", "!"},
		{"[x]({{.v}})", "data:text/html,x", "!"},
		{"[x]({{.v}})", " tel:1", "!"},
		{"![x]({{.v}})", "cid:logo", "cid:" + logo},
		{`<img src="{{.v}}">`, "CID:logo", "cid:" + logo},
		{"![x]({{.v}})", "cid:nothing", "!"},
		{`<i style="color: {{.v}}">x</i>`, "#1a2b3c", "color: #1a2b3c"},
		{`<i style="color: rgb({{.v}},2,3)">x</i>`, "1", "color: rgb(1,2,3)"},
		{`<i style="color: {{.v}}">x</i>`, "rgb(1,2,3)", "!"},
		{`<i {{.v}}="x">x</i>`, "onload", "!"},
	}
	files := Options{Attachments: []File{{Name: "logo", Data: []byte("x")}, {Name: "terms.pdf", Data: []byte("x")}}}
	for _, test := range tests {
		name := "m.md"
		if strings.HasPrefix(test.body, "<") {
			name = "m.html"
		}
		template := compile(t, name, test.body, files)
		row := with(zoe(), "v", test.value)
		r, err := tryRender(template, row)
		var fault *TemplateError
		switch checked := template.Check(row); {
		case (checked == nil) != (err == nil):
			t.Errorf("%s with %q: checked: %v, rendered: %v", test.body, test.value, checked, err)
		case test.want == "!":
			if !errors.Is(err, ErrUnsafe) || !errors.As(err, &fault) || fault.Field != "v" || !strings.Contains(err.Error(), `column "v"`) || len(delivery.Hints(err)) == 0 {
				t.Errorf("%s with %q: %v", test.body, test.value, err)
			}
		case err != nil:
			t.Errorf("%s with %q: %v", test.body, test.value, err)
		case !slices.Equal(linksIn(t, r.HTML), []string{test.want}):
			t.Errorf("%s with %q: %q in\n%s", test.body, test.value, linksIn(t, r.HTML), r.HTML)
		}
	}
}

// TestUnsafeValues finds the column whose value html/template replaced, and takes
// the author's and the row's own text for nothing else.
func TestUnsafeValues(t *testing.T) {
	type list = []any
	tests := []struct {
		body  string
		value any
		field string // the column that is named; "-" for none, "" for no error
	}{
		{"{{.v}} [x]({{.name}})", "ZgotmplZ", ""},
		{"ZgotmplZ [x]({{.v}})", "https://b.example/", ""},
		{"ZgotmplZ [x]({{.v}})", "acme:1", "v"},
		{"[x]({{.v}})", "https://b.example/ZgotmplZ", ""},
		{"[ZgotmplZ]({{.name}}) [x]({{field \"v\"}})", "acme:1", "v"},
		{"{{with .v}}[x]({{.}}){{end}}", "acme:1", "v"},
		{"{{if .v}}[x]({{.name}}){{end}}", "acme:1", ""},
		{"{{range .v}}[x]({{.}}){{end}}", list{"tel:1", "acme:1"}, "v"},
		{"{{range .v}}[x]({{.}}) {{end}}", list{"tel:ZgotmplZ", "tel:1"}, ""},
		{"{{define \"l\"}}<a href=\"{{.}}\">x</a>{{end}}{{template \"l\" .v}}", "acme:1", "v"},
		{"[x]({{\"acme:1\"}})", "", "-"},
	}
	for _, test := range tests {
		row := with(zoe(), "v", test.value)
		template, err := tryCompile("m.md", test.body, Options{})
		if err != nil {
			t.Errorf("%s: %v", test.body, err)
			continue
		}
		err = template.Check(row)
		got := ""
		if fault, ok := errors.AsType[*TemplateError](err); ok {
			got = stdcmp.Or(fault.Field, "-")
		}
		if got != test.field || (err != nil) != errors.Is(err, ErrUnsafe) {
			t.Errorf("%s with %q: column %q, %v", test.body, test.value, got, err)
		}
		if r, err := tryRender(template, row); err == nil && test.field != "" {
			t.Errorf("%s with %q became\n%s", test.body, test.value, r.HTML)
		}
	}
}

// TestRowsChooseImages gives the attachments names by which rows may show them, and
// leaves them attached.
func TestRowsChooseImages(t *testing.T) {
	files := []File{{Name: "a.png", Data: []byte("x")}, {Name: "b.png", Data: []byte("x")}, {Name: "c.pdf", Data: []byte("x")}}
	r := render(t, compile(t, "m.md", "![b](cid:b.png) ![x]({{.v}})", Options{Attachments: files}), with(zoe(), "v", "cid:a.png"))
	var got []string
	for _, p := range leaves(t, r.Data)[2:] {
		got = append(got, p.disposition+" "+p.contentID)
	}
	id := func(name string) string { return contentID("test", name, acme.Address.Domain) }
	if diff := cmp.Diff([]string{"inline " + id("b.png"), "attachment " + id("a.png"), "attachment " + id("c.pdf")}, got); diff != "" {
		t.Error(diff)
	}
	if want := []string{"cid:" + id("b.png"), "cid:" + id("a.png")}; !slices.Equal(linksIn(t, r.HTML), want) {
		t.Errorf("%q in\n%s", linksIn(t, r.HTML), r.HTML)
	}
}
