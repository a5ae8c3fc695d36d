package message

import (
	"bytes"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/delivery"
)

func TestExamples(t *testing.T) {
	for _, name := range []string{"welcome.md", "newsletter.html", "plain.txt"} {
		t.Run(name, func(t *testing.T) {
			template := compile(t, name, example(t, name), Options{Columns: []string{"email", "name", "company", "city", "orders"}})
			r := render(t, template, zoe())
			golden(t, name+".eml", r.Data)
			golden(t, name+".text", []byte(r.Text))
			if r.HTML != "" {
				golden(t, name+".html", []byte(r.HTML))
			}
		})
	}
}

// TestLineBreaksInTheBody lets line breaks of any kind into the text, where they
// are what the row says.
func TestLineBreaksInTheBody(t *testing.T) {
	template := compile(t, "m.md", "---\nsubject: '{{replace \"\\n\" \" \" .name}}'\n---\n{{.name}}", Options{})
	r := render(t, template, with(zoe(), "name", "a\n.\nb"))
	if r.Text != "a\n.\nb\n" || r.Subject != "a . b" {
		t.Errorf("text %q, subject %q", r.Text, r.Subject)
	}
	text := compile(t, "m.txt", "{{.name}}", Options{})
	for _, value := range []string{"a\rb", "a\r\nb", "a\nb", "a\n\r\nb\r", "a\r\r\nb"} {
		if r := render(t, text, with(zoe(), "name", value)); strings.Contains(r.Text, "\r") {
			t.Errorf("%q became %q", value, r.Text)
		}
	}
}

func TestEightBit(t *testing.T) {
	template := compile(t, "m.txt", "Grüße, {{.name}}", Options{EightBit: true})
	if r := render(t, template, zoe()); !r.EightBit || !bytes.Contains(r.Data, []byte("Content-Transfer-Encoding: 8bit\r\n")) {
		t.Errorf("EightBit %v:\n%s", r.EightBit, r.Data)
	}
	both := compile(t, "m.md", "Grüße, {{.name}}", Options{EightBit: true, Attachments: []File{{Name: "a.pdf"}}})
	if r := render(t, both, zoe()); bytes.Count(r.Data, []byte("\r\nContent-Transfer-Encoding: 8bit\r\n")) != 4 {
		t.Errorf("both parts and both multiparts around them are not all 8bit:\n%s", r.Data)
	}
	ascii := compile(t, "m.txt", "Hi {{.name}}", Options{EightBit: true})
	if r := render(t, ascii, with(zoe(), "name", "Ann")); r.EightBit {
		t.Error("an ASCII message needs 8BITMIME")
	}
}

func TestMessageID(t *testing.T) {
	one := compile(t, "m.txt", "x", Options{Campaign: "one"})
	two := compile(t, "m.txt", "y", Options{Campaign: "two"})
	other := zoe()
	other.Address.Local = "Zoe"
	ids := map[string]bool{}
	for _, r := range []rendered{render(t, one, zoe()), render(t, two, zoe()), render(t, one, other)} {
		ids[r.MessageID] = true
		if got := header(t, r).Get("Message-Id"); got != r.MessageID || !strings.HasSuffix(got, "@acme.example>") {
			t.Errorf("Message-ID is %q, MessageID %q", got, r.MessageID)
		}
	}
	if len(ids) != 3 {
		t.Errorf("three messages have the IDs %v", ids)
	}
	again := render(t, compile(t, "m.txt", "other text", Options{Campaign: "one"}), with(zoe(), "name", "x"))
	if !ids[again.MessageID] {
		t.Error("the same campaign and recipient have another Message-ID")
	}
}

func TestDeterministic(t *testing.T) {
	body := example(t, "welcome.md")
	files := []File{{Name: "a.pdf", Data: []byte("%PDF")}}
	want := render(t, compile(t, "m.md", body, Options{Attachments: files}), zoe())
	for range 20 {
		got := render(t, compile(t, "m.md", body, Options{Attachments: files}), zoe())
		if diff := cmp.Diff(string(want.Data), string(got.Data)); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestConcurrentRender(t *testing.T) {
	template := compile(t, "m.md", example(t, "welcome.md"), Options{})
	row := func(i int) Row { return with(zoe(), "name", fmt.Sprintf("Zoë %d", i)) }
	var want [8]string
	for i := range want {
		want[i] = string(render(t, template, row(i)).Data)
	}
	var wg sync.WaitGroup
	for i := range want {
		wg.Go(func() {
			for range 50 {
				r, err := template.Render(row(i), when)
				if err != nil || string(r.Data) != want[i] {
					t.Errorf("row %d differs when rendered beside others: %v", i, err)
					return
				}
				if err := template.Check(row(i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// A stamp is a signer that signs with its own text.
type stamp string

func (s stamp) Sign(message []byte) ([]byte, error) {
	if bytes.Contains(message, []byte("X-Stamp")) {
		return nil, errors.New("the message has a signature already")
	}
	if s == "" {
		return nil, errors.New("no ink")
	}
	return []byte("X-Stamp: " + string(s) + "\r\n"), nil
}

func TestSigners(t *testing.T) {
	r := render(t, compile(t, "m.txt", "x", Options{Signers: []Signer{stamp("one"), stamp("two")}}), zoe())
	if !bytes.HasPrefix(r.Data, []byte("X-Stamp: one\r\nX-Stamp: two\r\nFrom: ")) {
		t.Errorf("message\n%s", r.Data)
	}
	if _, err := compile(t, "m.txt", "x", Options{Signers: []Signer{stamp("")}}).Render(zoe(), when); err == nil {
		t.Error("a message that could not be signed was rendered")
	}
}

func TestRowErrors(t *testing.T) {
	tests := []struct {
		name, body string
		row        Row
		want       error
		text, hint string
	}{
		{"no address", "x", Row{}, delivery.ErrNoAddress, "no address", ""},
		{"missing column", "a\n\nb {{.street}}", zoe(), ErrMissingField, `m.md:3: no such column "street"`, "the columns are: city"},
		{"misspelt column", "a\n{{.nmme}}", zoe(), ErrMissingField, `m.md:2: no such column "nmme"`, "{{.name}}"},
		{"missing field of a field", "a\n{{.nested.street}}", with(zoe(), "nested", map[string]any{"city": "x"}), ErrTemplate, "m.md:2: invalid template: ", ""},
		{"function", "a\n\n{{number 2 .name}}", zoe(), ErrTemplate, "m.md:3: invalid template: error calling number: ", ""},
		{"too much output", "{{printf \"%1000000d\" 1}}" + strings.Repeat("{{printf \"%1000000d\" 1}}", 20), zoe(), ErrTooLarge, "m.md:1: too large", ""},
		{"subject too long", "---\nsubject: '{{.name}}'\n---\nx", with(zoe(), "name", strings.Repeat("a ", 10_000)), ErrHeaderTooLong, "m.md:2: subject: ", ""},
		{"reply_to", "---\nsubject: s\nreply_to: '{{.name}}'\n---\nx", zoe(), delivery.ErrAddressSyntax, "m.md:3: reply_to: ", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			template := compile(t, "m.md", test.body, Options{})
			_, err := template.Render(test.row, when)
			if !errors.Is(err, test.want) || !strings.HasPrefix(fmt.Sprint(err), test.text) || !mentions(err, test.hint) {
				t.Errorf("%v, hints %q; want %q and a hint about %q", err, delivery.Hints(err), test.text, test.hint)
			}
			if again := template.Check(test.row); fmt.Sprint(again) != fmt.Sprint(err) {
				t.Errorf("Check says %v, Render %v", again, err)
			}
		})
	}
}

func TestColumnOfUntakenBranch(t *testing.T) {
	template := compile(t, "m.md", "{{if .vip}}{{.code}}{{end}}hello", Options{})
	row := with(zoe(), "vip", "")
	if err := template.Check(row); err != nil {
		t.Errorf("Check: %v", err)
	}
	render(t, template, row)
	if err := template.Check(with(row, "vip", "yes")); !errors.Is(err, ErrMissingField) {
		t.Errorf("Check: %v, want ErrMissingField", err)
	}
}

func TestRenderLeavesTheRowAlone(t *testing.T) {
	row := with(with(zoe(), "none", nil), "nested", map[string]any{"a": nil, "b": []any{nil, 1.5}})
	render(t, compile(t, "m.md", "{{.none}}{{.nested.a}}{{index .nested.b 1}}", Options{}), row)
	want := map[string]any{"a": nil, "b": []any{nil, 1.5}}
	if diff := cmp.Diff(want, row.Fields["nested"]); diff != "" || row.Fields["none"] != nil {
		t.Errorf("the row changed: %s", diff)
	}
}

func TestParsesByNetMail(t *testing.T) {
	for _, name := range []string{"welcome.md", "newsletter.html", "plain.txt"} {
		r := render(t, compile(t, name, example(t, name), Options{}), zoe())
		m, err := mail.ReadMessage(bytes.NewReader(r.Data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, field := range []string{"From", "To"} {
			if list, err := m.Header.AddressList(field); err != nil || len(list) != 1 {
				t.Errorf("%s: %s is %v (%v)", name, field, list, err)
			}
		}
	}
}

func TestColumnOnlyTheHTMLUses(t *testing.T) {
	template := compile(t, "m.html", "<p>\n{{.street}}</p>", Options{Text: "no columns"})
	_, err := template.Render(zoe(), when)
	if !errors.Is(err, ErrMissingField) || !strings.HasPrefix(err.Error(), `m.html:2: no such column "street"`) {
		t.Errorf("%v, want ErrMissingField on line 2", err)
	}
	if again := template.Check(zoe()); fmt.Sprint(again) != fmt.Sprint(err) {
		t.Errorf("Check says %v, Render %v", again, err)
	}
}
