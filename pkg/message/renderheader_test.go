package message

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/delivery"
)

func TestHeader(t *testing.T) {
	body := strings.Join([]string{
		"---",
		"subject: 春のセール、{{.name}} 🎉",
		"to_name: '{{.name}}'",
		"reply_to: Käthe <support@acme.example>",
		"feedback_id: c1:{{.city}}:acme",
		"unsubscribe: [mailto:u@acme.example, 'https://acme.example/u?e={{.email}}']",
		"headers:",
		"  X-Company: '{{.company}}'",
		"---",
		"x",
	}, "\n")
	r := render(t, compile(t, "m.txt", body, Options{Headers: []Header{{"X-Company", "twice"}}}), with(zoe(), "email", "zoe+a@fjord.example"))
	h := header(t, r)
	for name, want := range map[string]string{
		"Subject":               "春のセール、Zoë Ångström 🎉",
		"From":                  "Acme <news@acme.example>",
		"To":                    "Zoë Ångström <zoe@fjord.example>",
		"Reply-To":              "Käthe <support@acme.example>",
		"Feedback-Id":           "c1:Malmö:acme",
		"Date":                  "Sun, 22 Nov 2026 08:00:00 +0100",
		"List-Unsubscribe":      "<mailto:u@acme.example>, <https://acme.example/u?e=zoe%2Ba%40fjord.example>",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"X-Company":             "Fjord & Fell AB",
		"Mime-Version":          "1.0",
	} {
		if got := decoded(t, h, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if diff := cmp.Diff([]string{"Fjord & Fell AB", "twice"}, h["X-Company"]); diff != "" {
		t.Error(diff)
	}
	if date, err := h.Date(); err != nil || !date.Equal(when) {
		t.Errorf("Date is %v (%v), want %v", date, err, when)
	}
	if r.Subject != "春のセール、Zoë Ångström 🎉" {
		t.Errorf("Subject is %q", r.Subject)
	}
	for name, values := range h {
		if len(values) > 1 && name != "X-Company" {
			t.Errorf("%s is there %d times", name, len(values))
		}
	}
}

func TestNoOneClickWithoutHTTPS(t *testing.T) {
	for _, addresses := range [][]string{{"mailto:u@acme.example"}, {"{{.link}}"}} {
		r := render(t, compile(t, "m.txt", "x", Options{Unsubscribe: addresses}), with(zoe(), "link", "mailto:x@acme.example"))
		if h := header(t, r); h.Get("List-Unsubscribe") == "" || h.Get("List-Unsubscribe-Post") != "" {
			t.Errorf("%q: %v", addresses, h)
		}
	}
}

func TestUnsubscribeLink(t *testing.T) {
	const address = "https://acme.example/u?e={{.email}}&c={{.company}}"
	const want = "https://acme.example/u?e=zoe%40fjord.example&c=Fjord%20%26%20Fell%20AB"
	r := render(t, compile(t, "m.md", "[leave]({{unsubscribe}}) or <{{ unsubscribe }}>\n", Options{Unsubscribe: []string{address}}), zoe())
	if got := header(t, r).Get("List-Unsubscribe"); got != "<"+want+">" {
		t.Errorf("List-Unsubscribe is %q, want %q", got, want)
	}
	if !strings.Contains(r.Text, "leave <"+want+">") {
		t.Errorf("text %q has no %q", r.Text, want)
	}
	if !strings.Contains(r.HTML, `href="`+strings.ReplaceAll(want, "&", "&amp;")+`"`) {
		t.Errorf("HTML %q has no %q", r.HTML, want)
	}
	text := render(t, compile(t, "m.txt", "leave: {{unsubscribe}}", Options{Unsubscribe: []string{address}}), zoe())
	if text.Text != "leave: "+want {
		t.Errorf("text %q", text.Text)
	}
}

func TestUnsubscribeFromTheRow(t *testing.T) {
	template := compile(t, "m.md", "[leave]({{unsubscribe}})", Options{Unsubscribe: []string{"{{.link}}"}})
	tests := []struct {
		link string
		ok   bool
	}{
		{"https://acme.example/u?a=b&c=d", true},
		{"mailto:u@acme.example", true},
		{"javascript:alert(1)", false},
		{"https://a.example>, <https://evil.example", false},
		{"https://a.example\r\nBcc: x@evil.example", false},
		{"", false},
		{"/relative", false},
	}
	for _, test := range tests {
		row := with(zoe(), "link", test.link)
		r, err := tryRender(template, row)
		if (err == nil) != test.ok && !strings.Contains(test.link, "evil") {
			t.Errorf("%q: %v", test.link, err)
		}
		if err == nil && strings.ContainsAny(header(t, r).Get("List-Unsubscribe"), "\r\n ") {
			t.Errorf("%q made the header %q", test.link, header(t, r).Get("List-Unsubscribe"))
		}
		if again := template.Check(row); fmt.Sprint(again) != fmt.Sprint(err) {
			t.Errorf("%q: Check says %v, Render %v", test.link, again, err)
		}
	}
}

func TestInjectionFromTheRow(t *testing.T) {
	const evil = "x\r\nBcc: victim@evil.example"
	tests := []struct {
		name, matter, column string
	}{
		{"subject", "subject: Hi {{.name}}", "name"},
		{"subject through a function", "subject: '{{upper .name}}'", "name"},
		{"to_name", "subject: s\nto_name: '{{.name}}'", "name"},
		{"reply_to", "subject: s\nreply_to: '{{.name}} <a@b.example>'", "name"},
		{"header", "subject: s\nheaders: {X-Y: '{{.city}}'}", "city"},
		{"feedback_id", "subject: s\nfeedback_id: '{{.city}}'", "city"},
	}
	for _, test := range tests {
		template := compile(t, "m.txt", "---\n"+test.matter+"\n---\nhello", Options{})
		for _, value := range []string{evil, "x\ny", "x\ry", "x\x00y", "x\n"} {
			row := with(zoe(), test.column, value)
			r, err := tryRender(template, row)
			var fault *TemplateError
			if !errors.Is(err, ErrHeaderInjection) || !errors.As(err, &fault) || fault.Field != test.column {
				t.Errorf("%s, %q: %v (%q), want ErrHeaderInjection for %s", test.name, value, err, r.Data, test.column)
			}
			if again := template.Check(row); fmt.Sprint(again) != fmt.Sprint(err) {
				t.Errorf("%s, %q: Check says %v, Render %v", test.name, value, again, err)
			}
		}
	}
}

func TestInternationalAddresses(t *testing.T) {
	tests := []struct {
		address  string
		wire     string
		smtputf8 bool
	}{
		{"zoe@fjord.example", "zoe@fjord.example", false},
		{"info@bücher.example", "info@xn--bcher-kva.example", false},
		{"jürgen@bücher.example", "jürgen@xn--bcher-kva.example", true},
		{`"a b"@fjord.example`, `"a b"@fjord.example`, false},
	}
	template := compile(t, "m.txt", "---\nsubject: Grüße\nto_name: '{{.name}}'\n---\nhello", Options{})
	for _, test := range tests {
		address, err := delivery.ParseAddress(test.address)
		if err != nil {
			t.Fatal(err)
		}
		row := zoe()
		row.Address = address
		r := render(t, template, row)
		if r.SMTPUTF8 != test.smtputf8 || r.EightBit != test.smtputf8 {
			t.Errorf("%s: SMTPUTF8 %v, EightBit %v", test.address, r.SMTPUTF8, r.EightBit)
		}
		if !bytes.Contains(r.Data, []byte("<"+test.wire+">\r\n")) {
			t.Errorf("%s: no %q in\n%s", test.address, test.wire, r.Data)
		}
		if hasHigh(r.Data) != test.smtputf8 {
			t.Errorf("%s: the header has octets over 127", test.address)
		}
	}
}

func TestUnsubscribeTooLong(t *testing.T) {
	template := compile(t, "m.txt", "x", Options{Unsubscribe: []string{"https://acme.example/{{.name}}"}})
	row := with(zoe(), "name", strings.Repeat("a", 1000))
	_, err := template.Render(row, when)
	if !errors.Is(err, ErrHeaderTooLong) {
		t.Errorf("%v, want ErrHeaderTooLong", err)
	}
	if again := template.Check(row); fmt.Sprint(again) != fmt.Sprint(err) {
		t.Errorf("Check says %v, Render %v", again, err)
	}
}
