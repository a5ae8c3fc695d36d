package message

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCut(t *testing.T) {
	tests := []struct {
		source string
		want   []string
	}{
		{"", nil},
		{"no actions", []string{"no actions"}},
		{"a{{.b}}c", []string{"a", "{{.b}}", "c"}},
		{"{{.a}}{{.b}}", []string{"{{.a}}", "{{.b}}"}},
		{`{{"}}"}}x`, []string{`{{"}}"}}`, "x"}},
		{`{{"\"}}"}}x`, []string{`{{"\"}}"}}`, "x"}},
		{"{{`}}`}}x", []string{"{{`}}`}}", "x"}},
		{`{{'"'}}x`, []string{`{{'"'}}`, "x"}},
		{"{{/* }} \" */}}x", []string{"{{/* }} \" */}}", "x"}},
		{"{{- /* c */ -}}x", []string{"{{- /* c */ -}}", "x"}},
		{"{{.a", []string{"{{.a"}},
		{`{{"a}}`, []string{`{{"a}}`}},
		{"{{/* open }}", []string{"{{/* open }}"}},
		{"a}}b{c}", []string{"a}}b{c}"}},
		{"{{\n.a\n}}", []string{"{{\n.a\n}}"}},
	}
	for _, test := range tests {
		var got []string
		for _, s := range cut(test.source) {
			got = append(got, s.source())
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("cut(%q):\n%s", test.source, diff)
		}
	}
}

func TestActionKind(t *testing.T) {
	tests := []struct {
		source string
		kind   actionKind
		opens  bool
	}{
		{"{{.name}}", actionOutput, false},
		{"{{ifx}}", actionOutput, false},
		{"{{if .x}}", actionControl, true},
		{"{{- range .x -}}", actionControl, true},
		{"{{else if .x}}", actionControl, false},
		{"{{end}}", actionControl, false},
		{"{{- end -}}", actionControl, false},
		{"{{block \"a\" .}}", actionControl, true},
		{"{{define \"a\"}}", actionControl, true},
		{"{{break}}", actionControl, false},
		{"{{template \"a\" .}}", actionInclude, false},
		{"{{/* note */}}", actionQuiet, false},
		{"{{$x := .name}}", actionQuiet, false},
		{"{{ $x = 1 }}", actionQuiet, false},
		{"{{$x}}", actionOutput, false},
		{"{{-3}}", actionOutput, false},
	}
	for _, test := range tests {
		a := cut(test.source)[0].action
		if a == nil || a.kind != test.kind || a.opens() != test.opens {
			t.Errorf("%s is %+v, want kind %d, opens %v", test.source, a, test.kind, test.opens)
		}
	}
}

func TestActionLine(t *testing.T) {
	var lines []int
	for _, s := range cut("a\n{{.b}} {{.c}}\n\n{{\n.d}}{{.e}}") {
		if s.action != nil {
			lines = append(lines, s.action.line)
		}
	}
	if diff := cmp.Diff([]int{2, 2, 4, 5}, lines); diff != "" {
		t.Error(diff)
	}
}

func TestPiped(t *testing.T) {
	tests := []struct{ source, want string }{
		{"{{.a}}", "{{.a | f}}"},
		{"{{ .a }}", "{{ .a | f}}"},
		{"{{- .a -}}", "{{- .a | f -}}"},
		{"{{.a | upper}}", "{{.a | upper | f}}"},
	}
	for _, test := range tests {
		if got := cut(test.source)[0].action.piped("f"); got != test.want {
			t.Errorf("%s piped is %s, want %s", test.source, got, test.want)
		}
	}
}

func TestTokens(t *testing.T) {
	source := "a{{.b}}1 {{.c}}qzxj"
	tokens := newTokens(source)
	hidden := tokens.hide(cut(source))
	if strings.Contains(hidden, "{") {
		t.Errorf("%q still has an action", hidden)
	}
	if got := tokens.restore(hidden); got != source {
		t.Errorf("restored %q, want %q", got, source)
	}
	if got := tokens.restore(strings.ToLower(hidden)); got != source {
		t.Errorf("restored %q from lower case, want %q", got, source)
	}
}

func FuzzCut(f *testing.F) {
	for _, seed := range []string{"a{{.b}}c", `{{"}}"}}`, "{{/* x */}}", "{{- .a -}}", "{{", "}}", "{{`", "{{'}}", "qzxj000000z{{.a}}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		var joined strings.Builder
		segments := cut(source)
		for _, s := range segments {
			joined.WriteString(s.source())
		}
		if joined.String() != source {
			t.Errorf("cut and joined, %q is %q", source, joined.String())
		}
		tokens := newTokens(source)
		if got := tokens.restore(tokens.hide(segments)); got != source {
			t.Errorf("hidden and restored, %q is %q", source, got)
		}
	})
}
