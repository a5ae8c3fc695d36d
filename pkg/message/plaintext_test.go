package message

import (
	"strings"
	"testing"
)

// texted returns the text part that is made from HTML, for a row.
func texted(t *testing.T, source string, row Row) string {
	t.Helper()
	return render(t, compile(t, "m.html", source, Options{}), row).Text
}

func TestPlainText(t *testing.T) {
	tests := []struct {
		name, html, want string
	}{
		{"paragraphs", "<p>one</p><p>two</p>", "one\n\ntwo\n"},
		{"white space", "<p>  one\n   two  </p>", "one two\n"},
		{"white space around inline", "<p>one <b> two </b> three</p>", "one two three\n"},
		{"line break", "<p>one<br>two<br><br>three</p>", "one\ntwo\n\nthree\n"},
		{"divisions", "<div>one</div><div>two</div>", "one\ntwo\n"},
		{"heading", "<h1>One</h1><p>two</p>", "One\n===\n\ntwo\n"},
		{"second heading", "<p>zero</p><h2>One</h2><p>two</p>", "zero\n\nOne\n---\n\ntwo\n"},
		{"third heading", "<h3>One</h3><p>two</p>", "One\n\ntwo\n"},
		{"wide heading", "<h1>田中</h1>", "田中\n====\n"},
		{"entities", "<p>a &amp; b &lt;c&gt; &euro;&nbsp;5 &#39;x&#39;</p>", "a & b <c> € 5 'x'\n"},
		{"link", `<p>see <a href="https://x.example/a?b=c&amp;d=e">here</a>.</p>`, "see here <https://x.example/a?b=c&d=e>.\n"},
		{"link of its own", `<a href="https://x.example/">https://x.example/</a>`, "https://x.example/\n"},
		{"mail link", `<a href="mailto:a@x.example">a@x.example</a>`, "a@x.example\n"},
		{"mail link with words", `<a href="mailto:a@x.example">write</a>`, "write <mailto:a@x.example>\n"},
		{"anchor", `<a href="#top">up</a>`, "up\n"},
		{"link without text", `<a href="https://x.example"></a>`, "<https://x.example>\n"},
		{"linked image", `<a href="https://x.example"><img alt="Logo" src="a"></a>`, "Logo <https://x.example>\n"},
		{"image", `<p><img src="a.png" alt="A lamp"> and <img src="b.png"></p>`, "A lamp and\n"},
		{"list", "<ul><li>one</li><li>two</li></ul>", "- one\n- two\n"},
		{"list behind text", "<p>zero</p><ul><li>one</li></ul><p>two</p>", "zero\n\n- one\n\ntwo\n"},
		{"loose list", "<ul><li><p>one</p></li><li><p>two</p></li></ul>", "- one\n\n- two\n"},
		{"numbered list", `<ol><li>one</li><li>two</li></ol>`, "1. one\n2. two\n"},
		{"numbered from", `<ol start="9"><li>one</li><li>two</li></ol>`, "9. one\n10. two\n"},
		{"nested list", "<ul><li>one<ul><li>two</li></ul></li><li>three</li></ul>", "- one\n  - two\n- three\n"},
		{"list with paragraphs", "<ul><li><p>one</p><p>more</p></li></ul>", "- one\n\n  more\n"},
		{"break in an item", "<ul><li>one<br>more</li></ul>", "- one\n  more\n"},
		{"empty item", "<ul><li></li><li>two</li></ul>", "-\n- two\n"},
		{"quotation", "<p>a</p><blockquote><p>one</p><p>two</p></blockquote><p>b</p>", "a\n\n> one\n>\n> two\n\nb\n"},
		{"quoted list", "<blockquote><ul><li>one</li></ul></blockquote>", "> - one\n"},
		{"nested quotation", "<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b\n"},
		{"rule", "<p>a</p><hr><p>b</p>", "a\n\n" + strings.Repeat("-", ruleWidth) + "\n\nb\n"},
		{"code", "<pre><code>a  b\n  c\n</code></pre><p>d</p>", "a  b\n  c\n\nd\n"},
		{"task", `<ul><li><input type="checkbox" checked> done</li><li><input type="checkbox"> open</li></ul>`, "- [x] done\n- [ ] open\n"},
		{"hidden", `<p>a</p><p style="display: none">b</p><p hidden>c</p><style>d{}</style><script>e</script>`, "a\n"},
		{"layout table", `<table role="presentation"><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>`, "a\nb\nc\n"},
		{"layout table by content", `<table><tr><td><p>a</p></td><td><p>b</p></td></tr></table>`, "a\n\nb\n"},
		{
			"data table", `<table><tr><th>Plan</th><th align="right">Price</th></tr><tr><td>Basic</td><td align="right">5</td></tr></table>`,
			"Plan   Price\n-----  -----\nBasic      5\n",
		},
		{"table without head", `<table><tr><td>Total</td><td>5</td></tr><tr><td>VAT</td><td>1</td></tr></table>`, "Total  5\nVAT    1\n"},
		{"wide characters in columns", `<table><tr><td>田</td><td>1</td></tr><tr><td>a</td><td>2</td></tr></table>`, "田  1\na   2\n"},
		{"link in a cell", `<table><tr><td>a</td><td><a href="https://x.example">b</a></td></tr></table>`, "a  b <https://x.example>\n"},
		{
			"table too wide", "<table><tr><td>" + strings.Repeat("a", 50) + "</td><td>" + strings.Repeat("b", 50) + "</td></tr></table>",
			strings.Repeat("a", 50) + " | " + strings.Repeat("b", 50) + "\n",
		},
		{"caption", `<table><caption>Prices</caption><tr><td>a</td><td>b</td></tr></table>`, "Prices\n\na  b\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := texted(t, test.html, zoe()); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

func TestPlainTextSections(t *testing.T) {
	row := with(zoe(), "items", []any{map[string]any{"name": "Tea", "price": 4.5}, map[string]any{"name": "Lamp", "price": 12}})
	row = with(row, "vip", "")
	tests := []struct {
		name, html, want string
	}{
		{"false section", "<p>a</p>{{if .vip}}<p>b</p>{{end}}<p>c</p>", "a\n\nc\n"},
		{"true section", "<p>a</p>{{if .name}}<p>b</p>{{end}}<p>c</p>", "a\n\nb\n\nc\n"},
		{"section inside a line", "<p>a {{if .vip}}b {{end}}c</p>", "a c\n"},
		{"range over items", "<ul>{{range .items}}<li>{{.name}}</li>{{end}}</ul>", "- Tea\n- Lamp\n"},
		{"range over numbers", "<ol>{{range .items}}<li>{{.name}}</li>{{end}}</ol>", "1. Tea\n2. Lamp\n"},
		{"range over rows", "<table>{{range .items}}<tr><td>{{.name}}</td><td>{{.price}}</td></tr>{{end}}</table>", "Tea   4.5\nLamp  12\n"},
		{"values are not escaped", "<p>{{.company}}</p>", "Fjord & Fell AB\n"},
		{"value in a URL", `<a href="https://x.example/{{.city}}?n={{.name}}">a</a>`, "a <https://x.example/Malm%C3%B6?n=Zo%C3%AB%20%C3%85ngstr%C3%B6m>\n"},
		{"URL from the row", `<a href="{{.email}}">{{.email}}</a>`, "zoe@fjord.example\n"},
		{"escaped by the author", `<a href="https://x.example/?n={{urlquery .company}}">a</a>`, "a <https://x.example/?n=Fjord+%26+Fell+AB>\n"},
		{"section in a URL", `<a href="https://x.example/{{if .vip}}vip{{else}}all{{end}}">a</a>`, "a <https://x.example/all>\n"},
		{"variable in the head", `<html><head>{{$n := .name}}</head><body><p>{{$n}}</p></body></html>`, "Zoë Ångström\n"},
		{"section in an attribute", `<p class="{{if .vip}}a{{end}}">b</p>`, "b\n"},
		{"section in a comment", "<p>a</p><!-- {{if .vip}} --><p>b</p><!-- {{end}} -->", "a\n"},
		{"conditional comment", "<!--[if mso]>{{if .vip}}x{{end}}<![endif]--><p>a</p>", "a\n"},
		{"long heading from the row", "<h1>{{.name}}</h1>", "Zoë Ångström\n============\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := texted(t, test.html, row); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

// TestLayoutHostile lays out codes that no text of ours brings in that order: a
// row may hold control characters.
func TestLayoutHostile(t *testing.T) {
	for _, text := range []string{
		"", "\x06\x06", "\x0b", "\x0b99999999999999999999", "\x10\x13\x12\x14", "\x11", "\x05\x05\x05", "\x0e", "a\x0f\x0e", "\x10\x0b7", "\x15\x10\x15\x12\x15",
	} {
		if got := string(lay(nil, text)); !strings.HasSuffix(got, "\n") {
			t.Errorf("lay(%q) = %q", text, got)
		}
	}
}

func FuzzLay(f *testing.F) {
	f.Add("a\x02b\x05c\x06\x10\x12\x13d\x11\x04e\n\x06\x0b3\x06\x05f")
	f.Add("\x07\x05a\x01b\x06\x06\x0e")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Count(text, "\x04")+strings.Count(text, "\x05") > 512 {
			t.Skip("no document is nested that deep")
		}
		got := string(lay([]byte("before"), text))
		rest, ok := strings.CutPrefix(got, "before")
		if !ok || !strings.HasSuffix(rest, "\n") {
			t.Fatalf("lay(%q) = %q", text, got)
		}
		for line := range strings.SplitSeq(rest, "\n") {
			if strings.HasSuffix(line, " ") {
				t.Errorf("lay(%q): the line %q ends with a space", text, line)
			}
		}
	})
}
