package ui

import (
	"strings"
	"testing"
)

func TestFold(t *testing.T) {
	style := Style{Width: 20, Terminal: true}
	for text, want := range map[string]string{
		"short":                                 "short",
		"one two three four five six":           "one two three four\n  five six",
		"error:\n  one two three four five":     "error:\n  one two three\n    four five",
		"\x1b[33mwarning:\x1b[0m one two three": "\x1b[33mwarning:\x1b[0m one two\n  three",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaa":         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"":                                      "",
	} {
		if got := style.Fold(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if got := (Style{Width: 20}).Fold(text); got != text {
			t.Errorf("%q: %q where nobody looks", text, got)
		}
	}
}

func TestWriteTree(t *testing.T) {
	text := "a.example: temperror\n├─ b  match\n│  └─ one two three four five six seven\n└─ one two three four five six seven\n"
	want := "a.example: temperror\n├─ b  match\n│  └─ one two three four\n│       five six seven\n└─ one two three four five\n     six seven\n"
	for _, style := range []Style{{Width: 28, Terminal: true}, {Width: 28}} {
		var b strings.Builder
		if err := writeTree(&b, style, text); err != nil {
			t.Fatal(err)
		}
		if style.Terminal && b.String() != want || !style.Terminal && b.String() != text {
			t.Errorf("%+v:\n%s", style, b.String())
		}
	}
}

func TestWrapRecord(t *testing.T) {
	for record, want := range map[string]string{
		"v=spf1 include:spf.example -all":      "v=spf1\ninclude:spf.example\n-all",
		"v=spf1  a  -all":                      "v=spf1  a  -all",
		"p=aaaaaaaaaaaaaaaaaaaaaaaaaaaa":       "p=aaaaaaaaaaaaaaaaaa\naaaaaaaaaa",
		"v=spf1 mx a:a-b.c-d.example redirect": "v=spf1 mx\na:a-b.c-d.example\nredirect",
	} {
		if got := strings.Join(wrapRecord(record, 20), "\n"); got != want {
			t.Errorf("%q: %q, want %q", record, got, want)
		}
	}
}
