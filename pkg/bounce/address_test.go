package bounce

import "testing"

func TestParseNamed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"anna@one.example":         "anna@one.example",
		"root@mailhost":            "root@mailhost",
		"Root@MAIL-1":              "Root@mail-1",
		"$@cj":                     "$@cj",
		`":fail: no more"@special`: `":fail: no more"@special`,
		"root@[192.0.2.1]":         "root@[192.0.2.1]",
		"root@":                    "",
		"@mailhost":                "",
		"root@mail host":           "",
		"root@-":                   "",
		"4711@0815":                "",
		"root":                     "",
	} {
		if got := parseNamed(text).String(); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// TestFindAddresses looks for addresses in running text, where a host without a dot may
// be anything, and in a field.
func TestFindAddresses(t *testing.T) {
	t.Parallel()
	const text = "anna@one.example, root@mailhost"
	if found := findAddresses(text); len(found) != 1 {
		t.Errorf("in running text: %q", found)
	}
	if found := fieldAddresses(text); len(found) != 2 {
		t.Errorf("in a field: %q", found)
	}
}
