package bounce

import (
	"slices"
	"testing"
)

// FuzzPlainAddresses compares the short way of finding addresses with the search
// that it spares.
func FuzzPlainAddresses(f *testing.F) {
	for _, text := range []string{
		"anna@one.example", "Anna <anna@one.example>, bob@two.example.", "a@b", "a@b@c.example", "x=anna@one.example",
		"bounce+anna=one.example@acme.example", "'anna@one.example'", "anna@one.example_x", "<@one.example>", "ä@one.example",
		"anna@-one.example", "anna@one..example", "anna.@one.example", ".anna@one.example", "a@one.example:b@two.example",
		"(a@one.example)(b@two.example)", "a@one.example.", "a@one.example-", "a@one.example…", "a@ one.example", "a@1x",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		short, ok := plainAddresses(parseLoose, text)
		if !ok {
			return
		}
		if long := searchAddresses(parseLoose, text); !slices.Equal(short, long) {
			t.Errorf("%q: %q, want %q", text, short, long)
		}
	})
}
