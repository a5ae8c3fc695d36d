package bounce

import "testing"

func TestHasHeader(t *testing.T) {
	for raw, want := range map[string]bool{
		"From: a@acme.example\n\nhello":              true,
		"From a@acme.example Mon Nov 16\nTo: b\n\nx": true,
		"\r\nReceived: from a by b\r\n\r\n":          true,
		"X-Failed-Recipients: a@acme.example":        true,
		"Note: buy milk\nSubject: more\n":            true, // nobody can tell
		"\xef\xbb\xbfFrom: a@acme.example\n\nhello":  true,
		"":                                     false,
		"\n\n":                                 false,
		"hello\n\nFrom: a@acme.example\n":      false,
		"email,name\na@acme.example,From: x\n": false,
		`{"schema":"x","from":"y"}`:            false,
		"PK\x03\x04\x00\x00From: x":            false,
		"\x1f\x8b\x08\x00":                     false,
	} {
		if got := HasHeader([]byte(raw)); got != want {
			t.Errorf("HasHeader(%q) = %v", raw, got)
		}
	}
}
