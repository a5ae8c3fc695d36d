package message

import (
	"strings"
	"testing"
)

// marked returns the HTML that Markdown becomes, with its actions back in place.
func marked(t *testing.T, source string) string {
	t.Helper()
	tokens := newTokens(source)
	out, err := markdown(tokens.hide(cut(source)), tokens)
	if err != nil {
		t.Fatal(err)
	}
	return tokens.restore(out)
}

func TestMarkdown(t *testing.T) {
	tests := []struct {
		name, source, want string
	}{
		{"value", "Hello **{{.name}}**", "<p>Hello <strong>{{.name}}</strong></p>\n"},
		{"value in words", "a_{{.b}}_c", "<p>a_{{.b}}_c</p>\n"},
		{"link", "[x]({{.url}})", "<p><a href=\"{{.url}}\">x</a></p>\n"},
		{"link with a value inside", `[x](https://x.example/?n={{.name}} "to {{.name}}")`, "<p><a href=\"https://x.example/?n={{.name}}\" title=\"to {{.name}}\">x</a></p>\n"},
		{
			"quotes inside an action", `{{if eq .plan "pro"}}a{{end}} [x]({{default "a b" .url}})`,
			"<p>{{if eq .plan \"pro\"}}a{{end}} <a href=\"{{default \"a b\" .url}}\">x</a></p>\n",
		},
		{"bare link", "https://x.example/{{.id}}.", "<p><a href=\"https://x.example/{{.id}}\">https://x.example/{{.id}}</a>.</p>\n"},
		{"code", "`{{.a}}` and ~~{{.b}}~~", "<p><code>{{.a}}</code> and <del>{{.b}}</del></p>\n"},
		{"raw HTML", `<b class="{{.a}}">x</b>`, "<p><b class=\"{{.a}}\">x</b></p>\n"},
		{"section on lines of its own", "a\n{{if .x}}\nb\n{{end}}\nc", "<p>a</p>\n{{if .x}}\n<p>b</p>\n{{end}}\n<p>c</p>\n"},
		{"section inside a line", "a {{if .x}}b{{end}} c", "<p>a {{if .x}}b{{end}} c</p>\n"},
		{"not a heading", "a\n\n{{end}}\n---\n", "<p>a</p>\n{{end}}\n<hr>\n"},
		{"comment", "{{/* note */}}\na", "{{/* note */}}\n<p>a</p>\n"},
		{"assignment", "{{$x := .a}}\n\n{{$x}}", "{{$x := .a}}\n<p>{{$x}}</p>\n"},
		{
			"list in a condition", "{{if .x}}\n- a\n{{else}}\n- b\n{{end}}",
			"{{if .x}}\n<ul>\n<li>a</li>\n</ul>\n{{else}}\n<ul>\n<li>b</li>\n</ul>\n{{end}}\n",
		},
		{"list from a range", "{{range .x}}\n- {{.}}\n{{end}}", "<ul>\n{{range .x}}\n<li>{{.}}</li>\n{{end}}\n</ul>\n"},
		{"list from a range on one line", "{{range .x}}- {{.}}\n{{end}}", "<ul>\n{{range .x}}\n<li>{{.}}</li>\n{{end}}\n</ul>\n"},
		{"list with a range", "- a\n{{range .x}}\n- {{.}}\n{{end}}\n- z", "<ul>\n<li>a</li>\n{{range .x}}\n<li>{{.}}</li>\n{{end}}\n<li>z</li>\n</ul>\n"},
		{"numbers with a condition", "1. a\n{{if .x}}\n2. b\n{{end}}\n3. c", "<ol>\n<li>a</li>\n{{if .x}}\n<li>b</li>\n{{end}}\n<li>c</li>\n</ol>\n"},
		{"lists of two kinds", "- a\n{{if .x}}\n1. b\n{{end}}", "<ul>\n<li>a</li>\n</ul>\n{{if .x}}\n<ol>\n<li>b</li>\n</ol>\n{{end}}\n"},
		{
			"list around an else", "a\n{{if .x}}\nb\n\n- c\n{{else}}\n- d\n{{end}}",
			"<p>a</p>\n{{if .x}}\n<p>b</p>\n<ul>\n<li>c</li>\n</ul>\n{{else}}\n<ul>\n<li>d</li>\n</ul>\n{{end}}\n",
		},
		{"code block", "```\n{{if .x}}\n- a\n{{end}}\n```", "<pre><code>{{if .x}}\n- a\n{{end}}\n</code></pre>\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := marked(t, test.source); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestMarkdownTable(t *testing.T) {
	const head = "| a | b |\n|---|---|\n"
	const row = "<tr>\n<td>{{.a}}</td>\n<td>{{.b}}</td>\n</tr>\n"
	tests := []struct {
		name, source, want string
	}{
		{"range between rows", head + "{{range .x}}\n| {{.a}} | {{.b}} |\n{{end}}\n", "<tbody>\n{{range .x}}\n" + row + "{{end}}\n"},
		{"range beside rows", head + "{{range .x}}| {{.a}} | {{.b}} |\n{{end}}", "<tbody>\n{{range .x}}\n" + row + "{{end}}\n"},
		{"everything on the row's line", head + "{{range .x}}| {{.a}} | {{.b}} |{{end}}\n", "<tbody>\n{{range .x}}\n" + row + "{{end}}\n"},
		{"section around the table", "{{if .x}}\n" + head + "| {{.a}} | {{.b}} |\n{{end}}\nz\n", row + "</tbody>\n</table>\n{{end}}\n<p>z</p>\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := marked(t, test.source); !strings.Contains(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// TestMarkdownSectionsRender renders lists and tables that hang on the row.
func TestMarkdownSectionsRender(t *testing.T) {
	source := "{{range .items}}\n- {{.}}\n{{end}}\n\n| a | b |\n|---|---|\n{{range .items}}\n| {{.}} | x |\n{{end}}\n| sum | y |\n"
	row := with(zoe(), "items", []any{"Tea", "Lamp"})
	r := render(t, compile(t, "m.md", source, Options{}), row)
	if want := "- Tea\n- Lamp\n\na     b\n----  -\nTea   x\nLamp  x\nsum   y\n"; r.Text != want {
		t.Errorf("text\n%s\nwant\n%s", r.Text, want)
	}
	if n := strings.Count(r.HTML, "<ul"); n != 1 {
		t.Errorf("%d lists, want 1:\n%s", n, r.HTML)
	}
	if n := strings.Count(r.HTML, "<tr"); n != 4 {
		t.Errorf("%d rows, want 4:\n%s", n, r.HTML)
	}
}
