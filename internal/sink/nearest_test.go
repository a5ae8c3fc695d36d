package sink

import (
	"strings"
	"testing"
)

func TestEdits(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "abc", 0},
		{"abc", "abd", 1},
		{"abc", "ab", 1},
		{"abc", "xabc", 1},
		{"rctp", "rcpt", 1},
		{"kitten", "sitting", 3},
		{strings.Repeat("x", 1000), "x", 63},
	} {
		if got := edits(tc.a, tc.b); got != tc.want {
			t.Errorf("%.20q to %q: %d", tc.a, tc.b, got)
		}
	}
}

func TestNearest(t *testing.T) {
	for _, tc := range []struct{ word, want string }{
		{"Delay", "delay"}, {"dely", "delay"}, {"dealy", "delay"}, {"wiat", "wait"}, {"clsoe", "close"}, {"zzz", ""}, {"", ""},
	} {
		if got := nearest(tc.word, []string{"at", "to", "wait", "delay", "close"}); got != tc.want {
			t.Errorf("%q: %q", tc.word, got)
		}
	}
}
