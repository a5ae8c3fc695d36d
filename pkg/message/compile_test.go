package message

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/pkg/delivery"
)

var listColumns = []string{"email", "name", "First name", "city", "orders"}

func TestCompileErrors(t *testing.T) {
	tests := []struct {
		name, file, body string
		options          Options
		want             error
		text             string // of the error, whole or its beginning
		hint             string
	}{
		{"column", "m.md", "---\nsubject: a\n---\n\nDear {{.nme}}", Options{}, ErrMissingField, `m.md:5: no such column "nme"`, "{{.name}}"},
		{"column with a space", "m.md", `{{field "first nme"}}`, Options{}, ErrMissingField, `m.md:1: no such column "first nme"`, `{{field "First name"}}`},
		{"column in the subject", "m.md", "---\nsubject: a {{.cty}}\n---\nx", Options{}, ErrMissingField, `m.md:2: subject: no such column "cty"`, "{{.city}}"},
		{"column in the preheader", "m.md", "---\nsubject: a\npreheader: '{{.cty}}'\n---\nx", Options{}, ErrMissingField, `m.md:3: preheader: no such column "cty"`, "{{.city}}"},
		{"column in an option", "m.md", "x", Options{Subject: "{{.cty}}"}, ErrMissingField, `m.md: subject: no such column "cty"`, "{{.city}}"},
		{"column like no other", "m.txt", "{{.zzzzzz}}", Options{}, ErrMissingField, `m.txt:1: no such column "zzzzzz"`, "the columns are: email, name"},
		{"column behind a pipe", "m.txt", "\n{{upper .name | printf \"%s %s\" $.nam}}", Options{}, ErrMissingField, `m.txt:2: no such column "nam"`, ""},
		{"column in a condition", "m.txt", "{{if and .name (gt .order 3)}}{{end}}", Options{}, ErrMissingField, `m.txt:1: no such column "order"`, "{{.orders}}"},
		{"column in a template of the author's", "m.txt", `{{define "x"}}{{.cty}}{{end}}{{template "x" .}}`, Options{}, ErrMissingField, `m.txt:1: no such column "cty"`, ""},
		{"no end", "m.md", "a\n{{if .name}}\nb", Options{}, ErrTemplate, "m.md:3: invalid template: unexpected EOF", "{{end}}"},
		{"too many ends", "m.md", "a\n{{end}}\nb", Options{}, ErrTemplate, "m.md:2: invalid template: unexpected {{end}}", "too many"},
		{"not closed", "m.md", "---\nsubject: s\n---\na\n{{.name}\nb", Options{}, ErrTemplate, "m.md:5: invalid template:", "close every"},
		{"function", "m.md", "\n{{uper .name}}", Options{}, ErrTemplate, `m.md:2: invalid template: there is no function "uper"`, "upper"},
		{"column without its dot", "m.md", "{{zipcode}}", Options{}, ErrTemplate, `m.md:1: invalid template: there is no function "zipcode"`, "with a dot"},
		{"column with a space and a dot", "m.md", "{{.First name}}", Options{}, ErrTemplate, `m.md:1: invalid template: there is no function "name"`, `{{field "First name"}}`},
		{"call", "m.md", "{{call .name}}", Options{}, ErrTemplate, `m.md:1: invalid template: there is no function "call"`, ""},
		{"function of ours", "m.md", "{{_raww 1}}", Options{}, ErrTemplate, `m.md:1: invalid template: there is no function "_raww"`, ""},
		{"ends in another context", "m.html", "---\nsubject: s\n---\n<p>\n<a {{if .name}}href=\"{{end}}x\">y</a>", Options{}, ErrTemplate, "m.html:5: invalid template:", ""},
		{"section across elements", "m.html", "{{if .name}}<div title=\"{{else}}a\">{{end}}x</div>", Options{}, ErrTemplate, "m.html:1: invalid template:", ""},
		{"front matter key", "m.md", "---\nsubject: a\nsubjct: b\n---\n", Options{}, ErrFrontMatter, `m.md:3: front matter: invalid front matter: unknown key "subjct"`, "subject"},
		{"no subject", "m.md", "---\npreheader: a\n---\nx", Options{}, ErrNoSubject, "no subject", "--subject"},
		{"no body", "m.md", "---\nsubject: a\n---\n \n", Options{}, ErrNoBody, "no message text", "--message"},
		{"not UTF-8", "m.md", "a\nb\xff\n", Options{}, ErrEncoding, "m.md:2: not valid UTF-8", "UTF-8"},
		{"too large", "m.md", strings.Repeat("a", maxOutput+1), Options{}, ErrTooLarge, "m.md: too large", ""},
		{"extension", "m.docx", "x", Options{}, ErrFormat, `unknown message format ".docx"`, ".md"},
		{"From in the front matter", "m.md", "---\nsubject: a\nfrom: nobody\n---\nx", Options{}, delivery.ErrAddressSyntax, "m.md:3: from: ", ""},
		{"reply_to", "m.md", "---\nsubject: a\nreply_to: nobody\n---\nx", Options{}, delivery.ErrAddressSyntax, "m.md:3: reply_to: ", ""},
		{"language", "m.md", "---\nsubject: a\nlang: 'en\">'\n---\nx", Options{}, ErrFrontMatter, "m.md:3: front matter:", ""},
		{"header name", "m.md", "---\nsubject: a\nheaders: {bcc: x}\n---\nx", Options{}, ErrReservedHeader, `m.md:3: header bcc: header is written by mailctl: "bcc"`, "one recipient"},
		{"header option", "m.md", "x", Options{Headers: []Header{{"X Y", "z"}}}, ErrHeaderName, `m.md: header X Y: invalid header name "X Y"`, "Name: value"},
		{"line break in a header", "m.md", "---\nsubject: a\nheaders:\n  X: |\n    a\n    b\n---\nx", Options{}, ErrHeaderInjection, "m.md:4: header X:", ""},
		{"line break in a subject", "m.md", "x", Options{Subject: "a\r\nBcc: b"}, ErrHeaderInjection, "m.md: subject:", ""},
		{"unsubscribe scheme", "m.md", "x", Options{Unsubscribe: []string{"ftp://x.example"}}, ErrUnsubscribe, "m.md: unsubscribe: invalid unsubscribe address", "https://"},
		{"unsubscribe over http", "m.md", "x", Options{Unsubscribe: []string{"http://x.example/u"}}, ErrUnsubscribe, "m.md: unsubscribe: invalid unsubscribe address", "https"},
		{"unsubscribe without host", "m.md", "x", Options{Unsubscribe: []string{"https:///x"}}, ErrUnsubscribe, "", ""},
		{"unsubscribe with a space", "m.md", "x", Options{Unsubscribe: []string{"https://x.example/a b"}}, ErrUnsubscribe, "", "%20"},
		{"unsubscribe beyond ASCII", "m.md", "x", Options{Unsubscribe: []string{"https://x.example/ü"}}, ErrUnsubscribe, `m.md: unsubscribe: invalid unsubscribe address "https://x.example/ü": it has the character 'ü'`, ""},
		{"header name beyond ASCII", "m.md", "x", Options{Headers: []Header{{"X-Mö", "z"}}}, ErrHeaderName, `m.md: header X-Mö: invalid header name "X-Mö": it has the character 'ö'`, ""},
		{"unsubscribe mail without address", "m.md", "x", Options{Unsubscribe: []string{"mailto:x"}}, ErrUnsubscribe, "", ""},
		{"no unsubscribe link", "m.md", "a\n[x]({{unsubscribe}})", Options{}, ErrUnsubscribe, "m.md:2: invalid unsubscribe address", "--unsubscribe"},
		{"only a mail to unsubscribe", "m.txt", "{{unsubscribe}}", Options{Unsubscribe: []string{"mailto:u@x.example"}}, ErrUnsubscribe, "m.txt:1:", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.options.Columns = listColumns
			if test.options.From.Address.IsZero() && !strings.Contains(test.body, "from:") {
				test.options.From = acme
			}
			if test.options.Subject == "" && !strings.HasPrefix(test.body, "---\n") {
				test.options.Subject = "Hello"
			}
			_, err := Compile(Source{Name: test.file, Body: []byte(test.body)}, test.options)
			if !errors.Is(err, test.want) {
				t.Fatalf("%v, want %v", err, test.want)
			}
			if !strings.HasPrefix(err.Error(), test.text) {
				t.Errorf("%q, want %q", err, test.text)
			}
			if !mentions(err, test.hint) {
				t.Errorf("%q: hints %q, want one about %q", err, delivery.Hints(err), test.hint)
			}
			if strings.Contains(err.Error(), "\n") || strings.HasSuffix(err.Error(), ".") {
				t.Errorf("%q is not one line without a period", err)
			}
		})
	}
}

func TestNoFrom(t *testing.T) {
	_, err := Compile(Source{Name: "m.md", Body: []byte("x")}, Options{Subject: "s"})
	if !errors.Is(err, ErrNoFrom) || !mentions(err, "--from") {
		t.Errorf("%v, hints %q", err, delivery.Hints(err))
	}
}

func TestFromInFrontMatter(t *testing.T) {
	const body = "---\nsubject: s\nfrom: Acme News <news@acme.example>\n---\nx"
	template, err := Compile(Source{Name: "m.md", Body: []byte(body)}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := template.From().String(); got != "Acme News <news@acme.example>" {
		t.Errorf("From %q", got)
	}
	other := delivery.Mailbox{Address: delivery.Address{Local: "other", Domain: "acme.example"}}
	template, err = Compile(Source{Name: "m.md", Body: []byte(body)}, Options{From: other})
	if err != nil {
		t.Fatal(err)
	}
	if got := template.From(); got != other {
		t.Errorf("From %q, want the option's", got)
	}
}

func TestFormatOf(t *testing.T) {
	tests := []struct {
		name, body string
		want       Format
		err        error
	}{
		{"a.md", "", FormatMarkdown, nil},
		{"A.MARKDOWN", "", FormatMarkdown, nil},
		{"a.html", "", FormatHTML, nil},
		{"a.htm", "", FormatHTML, nil},
		{"a.txt", "<p>", FormatText, nil},
		{"-", " <!doctype html>", FormatHTML, nil},
		{"-", "hello", FormatMarkdown, nil},
		{"a.eml", "", "", ErrFormat},
	}
	for _, test := range tests {
		got, err := FormatOf(test.name, []byte(test.body))
		if got != test.want || !errors.Is(err, test.err) {
			t.Errorf("FormatOf(%q) = %q, %v; want %q, %v", test.name, got, err, test.want, test.err)
		}
	}
}

func TestLineEndsAndByteOrderMark(t *testing.T) {
	want := render(t, compile(t, "m.md", "---\nsubject: s\n---\n# a\n\nb\n", Options{}), zoe())
	for _, body := range []string{"\ufeff---\nsubject: s\n---\n# a\n\nb\n", "---\r\nsubject: s\r\n---\r\n# a\r\n\r\nb\r\n", "---\rsubject: s\r---\r# a\r\rb\r"} {
		template, err := Compile(Source{Name: "m.md", Body: []byte(body)}, Options{From: acme, Campaign: "test"})
		if err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		if got := render(t, template, zoe()); !bytes.Equal(got.Data, want.Data) {
			t.Errorf("%q renders otherwise", body)
		}
	}
}

func TestExamplesThatFail(t *testing.T) {
	tests := []struct {
		file, text string
		want       error
	}{
		{"bad-column.md", `bad-column.md:4: no such column "nme"`, ErrMissingField},
		{"bad-section.md", "bad-section.md:8: invalid template: unexpected EOF", ErrTemplate},
		{"bad-key.md", `bad-key.md:2: front matter: invalid front matter: unknown key "subjct"`, ErrFrontMatter},
		{"bad-function.md", `bad-function.md:2: subject: invalid template: there is no function "uper"`, ErrTemplate},
		{"bad-header.md", `bad-header.md:4: header Bcc: header is written by mailctl: "Bcc"`, ErrReservedHeader},
	}
	for _, test := range tests {
		_, err := Compile(Source{Name: test.file, Body: []byte(example(t, test.file))}, Options{From: acme, Columns: listColumns})
		if !errors.Is(err, test.want) || err.Error() != test.text || len(delivery.Hints(err)) == 0 {
			t.Errorf("%s: %v, hints %q; want %s and a hint", test.file, err, delivery.Hints(err), test.text)
		}
	}
}
