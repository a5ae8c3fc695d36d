package message

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/delivery"
)

func TestFrontMatter(t *testing.T) {
	file := strings.Join([]string{
		"---",
		"subject: {{.name}}, welcome \"{{default \"x\" .city}}\"",
		"preheader: >",
		"  two",
		"  lines",
		"from: 'Acme <news@acme.example>'",
		"reply_to: '{{.agent}}@acme.example'",
		"to_name: \"{{.name}}\"",
		"lang: de",
		"feedback_id: a:b",
		"unsubscribe: [https://x.example/u, 'mailto:u@x.example']",
		"headers:",
		"  X-One: 1",
		"  X-Two: [a, b]",
		"attachments: a.pdf",
		"...",
		"body",
	}, "\n")
	matter, body, line, err := splitFrontMatter("m.md", file)
	if err != nil {
		t.Fatal(err)
	}
	if body != "body" || line != 17 {
		t.Errorf("body %q on line %d", body, line)
	}
	got, err := parseFrontMatter("m.md", matter)
	if err != nil {
		t.Fatal(err)
	}
	want := &frontMatter{
		subject:     setting{`{{.name}}, welcome "{{default "x" .city}}"`, 2},
		preheader:   setting{"two lines", 3},
		from:        setting{"Acme <news@acme.example>", 6},
		replyTo:     setting{"{{.agent}}@acme.example", 7},
		toName:      setting{"{{.name}}", 8},
		lang:        setting{"de", 9},
		feedbackID:  setting{"a:b", 10},
		unsubscribe: []setting{{"https://x.example/u", 11}, {"mailto:u@x.example", 11}},
		headers:     []namedSetting{{"X-One", setting{"1", 13}}, {"X-Two", setting{"a", 14}}, {"X-Two", setting{"b", 14}}},
		attachments: []setting{{"a.pdf", 15}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(frontMatter{}, setting{}, namedSetting{})); diff != "" {
		t.Error(diff)
	}
}

func TestSplitFrontMatter(t *testing.T) {
	tests := []struct {
		file, matter, body string
		line               int
		want               error
	}{
		{"", "", "", 1, nil},
		{"hello", "", "hello", 1, nil},
		{"--- hello", "", "--- hello", 1, nil},
		{"\n---\na\n---\n", "", "\n---\na\n---\n", 1, nil},
		{"---\n---\nhello", "", "hello", 3, nil},
		{"--- \na: b\n--- \nhello", "a: b\n", "hello", 4, nil},
		{"---\na: b\n---", "a: b\n", "", 4, nil},
		{"---", "", "", 0, ErrFrontMatter},
		{"---\na: b\n", "", "", 0, ErrFrontMatter},
		{"---\n" + strings.Repeat("a: b\n", 20_000) + "---\n", "", "", 0, ErrFrontMatter},
	}
	for _, test := range tests {
		matter, body, line, err := splitFrontMatter("m.md", test.file)
		if !errors.Is(err, test.want) || matter != test.matter || body != test.body || line != test.line {
			t.Errorf("%.30q: %q, %q, %d, %v", test.file, matter, body, line, err)
		}
	}
}

func TestFrontMatterErrors(t *testing.T) {
	tests := []struct {
		name, matter string
		line         int
		hint         string
	}{
		{"unknown key", "subject: a\npreheadr: b\n", 3, "preheader"},
		{"far from any key", "zzzzzzzz: b\n", 2, "the keys are"},
		{"key twice", "subject: a\nsubject: b\n", 3, ""},
		{"not a mapping", "- a\n", 2, ""},
		{"only text", "hello\n", 2, ""},
		{"list where a text belongs", "subject: [a]\n", 2, ""},
		{"mapping where a list belongs", "attachments: {a: b}\n", 2, ""},
		{"header twice", "headers:\n  X: a\n  X: b\n", 4, ""},
		{"headers as text", "headers: a\n", 2, ""},
		{"colon in a value", "subject: a: b\n", 1, "quotes"},
		{"alias", "subject: &a x\npreheader: *a\n", 3, ""},
		{"bad YAML", "subject: 'a\n", 1, "quotes"},
		{"tab", "\tsubject: a\n", 1, ""},
	}
	for _, test := range tests {
		_, err := parseFrontMatter("m.md", test.matter)
		var fault *TemplateError
		if !errors.Is(err, ErrFrontMatter) || !errors.As(err, &fault) || fault.Line != test.line || !mentions(err, test.hint) {
			t.Errorf("%s: %v, hints %q; want line %d, a hint about %q", test.name, err, delivery.Hints(err), test.line, test.hint)
		}
	}
}

func FuzzFrontMatter(f *testing.F) {
	for _, seed := range []string{
		"subject: a\n", "headers:\n  X: {{.a}}\n", "attachments: [a, b]\n", "subject: &a [*a]\n", "{{", "subject: >\n a\n b\n", "a: b: c\n", "? a\n: b\n",
		"subject: !!binary aGVsbG8=\n", "subject: 2026-01-01\n", "<<: {subject: a}\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, matter string) {
		first, err := parseFrontMatter("m.md", matter)
		if err != nil {
			if _, ok := errors.AsType[*TemplateError](err); !ok {
				t.Errorf("%q: %v has no place", matter, err)
			}
			return
		}
		if _, err := tryCompile("m.md", "---\n"+matter+"---\nhello\n", Options{}); err == nil && first.subject.text == "" {
			t.Errorf("%q compiles without a subject", matter)
		}
	})
}
