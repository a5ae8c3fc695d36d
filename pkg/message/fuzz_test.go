package message

import (
	"bytes"
	"errors"
	"net/mail"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// FuzzRender compiles any body as any format and renders it with any value. What
// comes out is a message with the header it should have, or there is an error.
func FuzzRender(f *testing.F) {
	for _, seed := range []struct {
		format      byte
		body, value string
	}{
		{0, "# Hello {{.name}}\n\n- a\n{{range .items}}\n- {{.}}\n{{end}}\n", "Zoë"},
		{0, "---\nsubject: Hi {{.name}}\nto_name: '{{.name}}'\nheaders: {X-A: '{{.name}}'}\n---\n| a |\n|---|\n| {{.name}} |\n", "a\r\nBcc: x"},
		{1, "<style>p{color:{{.name}}}</style><p style='{{.name}}'>{{if .name}}<a href='{{.name}}'>x</a>{{end}}</p>", "<script>"},
		{1, "<!--[if mso]>{{.name}}<![endif]--><table>{{range .items}}<tr><td>{{.}}</td></tr>{{end}}</table>", "\"'"},
		{2, "{{.name}}\n.\nFrom {{upper .name}}\n", ".\r\n.\r\n"},
		{0, "---\nsubject: s\nunsubscribe: https://x.example/{{.name}}\n---\n[x]({{unsubscribe}})", "\x00\xff\u2028"},
		{1, "{{define \"x\"}}<b>{{.}}</b>{{end}}{{template \"x\" .name}}<pre>\n{{.name}}</pre>", strings.Repeat("long ", 300)},
		{0, "[x]({{.name}}) ![y]({{.name}})\n\n<p {>", "tel:\x00"},
		{0, "{{if .name}}\n{{else}}\n> {{.name}}\n{{end}}\n```\n{{.name}}\n```", ""},
	} {
		f.Add(seed.format, seed.body, seed.value)
	}
	f.Fuzz(func(t *testing.T, format byte, body, value string) {
		if strings.Contains(body, "printf") || len(body) > 10_000 {
			t.Skip("an author may print as much as he likes")
		}
		name := []string{"m.md", "m.html", "m.txt"}[format%3]
		template, err := tryCompile(name, body, Options{})
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		row := with(with(zoe(), "name", value), "items", []any{value, 1.5, nil})
		r, err := tryRender(template, row)
		again := template.Check(row)
		if (again == nil) != (err == nil) {
			t.Errorf("Check says %v, Render %v", again, err)
		}
		if err != nil {
			if strings.ContainsAny(value, "\r\n\x00") && !errors.Is(err, ErrHeaderInjection) && !errors.Is(err, ErrTemplate) &&
				!errors.Is(err, delivery.ErrAddressSyntax) && !errors.Is(err, ErrUnsubscribe) && !errors.Is(err, ErrMissingField) && !errors.Is(err, ErrUnsafe) {
				t.Errorf("%q: %v", value, err)
			}
			return
		}
		if strings.Contains(r.HTML, unsafeMarker) && !strings.Contains(body+value, unsafeMarker) {
			t.Errorf("a value was replaced in %q", r.HTML)
		}
		if problem := wireProblem(r.Rendered); problem != "" {
			t.Errorf("%s in %q", problem, r.Data)
		}
		m, err := mail.ReadMessage(bytes.NewReader(r.Data))
		if err != nil {
			t.Fatalf("%v in %q", err, r.Data)
		}
		for _, field := range []string{"From", "To", "Subject", "Date", "Message-Id", "Mime-Version", "Content-Type"} {
			if n := len(m.Header[field]); n != 1 {
				t.Errorf("%s is there %d times in %q", field, n, r.Data)
			}
		}
		if m.Header.Get("Bcc") != "" && !strings.Contains(strings.ToLower(body), "bcc") {
			t.Errorf("a header was injected: %q", r.Data)
		}
	})
}
