package message

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"strings"
	"testing"
)

func TestChooseEncoding(t *testing.T) {
	tests := []struct {
		name     string
		body     string
		eightBit bool
		want     transferEncoding
	}{
		{"empty", "", false, encoding7bit},
		{"short ASCII", "hello\nworld\n", false, encoding7bit},
		{"lone dot", ".\n", false, encoding7bit},
		{"long line", strings.Repeat("a", 79), false, encodingQuoted},
		{"control character", "a\x07", false, encodingQuoted},
		{"NUL", "a\x00", true, encodingQuoted},
		{"mailbox separator", "a\nFrom b\n", false, encodingQuoted},
		{"some umlauts", "Viele Grüße aus Köln, bis zum nächsten Mal", false, encodingQuoted},
		{"other script", "こんにちは、世界", false, encodingBase64},
		{"umlauts in 8 bits", "Grüße", true, encoding8bit},
		{"long line in 8 bits", strings.Repeat("ü", 450), true, encoding8bit},
		{"very long line in 8 bits", strings.Repeat("ü", 500), true, encodingBase64},
		{"boundary in the text", "x\n--BOUNDARY.1\n", true, encodingBase64},
	}
	for _, test := range tests {
		if got := chooseEncoding([]byte(test.body), test.eightBit, "BOUNDARY"); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestQuoted(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "\r\n"},
		{"a\nb\n", "a\r\nb\r\n"},
		{"a", "a\r\n"},
		{"a=b", "a=3Db\r\n"},
		{"ü", "=C3=BC\r\n"},
		{"a \nb\t\n", "a=20\r\nb=09\r\n"},
		{".", "=2E\r\n"},
		{".a", ".a\r\n"},
		{"From x", "=46rom x\r\n"},
		{" From x", " From x\r\n"},
		{strings.Repeat("a", 76), strings.Repeat("a", 76) + "\r\n"},
		{strings.Repeat("a", 77), strings.Repeat("a", 75) + "=\r\naa\r\n"},
		{strings.Repeat("a", 73) + "=", strings.Repeat("a", 73) + "=3D\r\n"},
		{strings.Repeat("a", 74) + "=", strings.Repeat("a", 74) + "=\r\n=3D\r\n"},
		{strings.Repeat("a", 73) + "=b", strings.Repeat("a", 73) + "=\r\n=3Db\r\n"},
		{"a\x00\x7f", "a=00=7F\r\n"},
	}
	for _, test := range tests {
		if got := string(appendEncoded(nil, []byte(test.text), encodingQuoted)); got != test.want {
			t.Errorf("%q: got %q, want %q", test.text, got, test.want)
		}
	}
}

func FuzzTransfer(f *testing.F) {
	for _, seed := range []string{"", "a\nb", "ü=\t \n.\nFrom x\n", strings.Repeat("long ü ", 40), "\x00\x01\xff"} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, text string, eightBit bool) {
		body := onlyNewlines([]byte(text))
		want := strings.TrimSuffix(string(body), "\n") + "\n"
		encoding := chooseEncoding(body, eightBit, "boundary")
		wire := appendEncoded(nil, body, encoding)
		if problem := wireProblem(Rendered{Data: wire, EightBit: hasHigh(wire)}); problem != "" {
			t.Errorf("%s: %s in %q", encoding, problem, wire)
		}
		if hasHigh(wire) && encoding != encoding8bit {
			t.Errorf("%s has octets over 127", encoding)
		}
		if got := decodeTransfer(t, wire, encoding); got != want {
			t.Errorf("%s: got %q, want %q", encoding, got, want)
		}
	})
}

// decodeTransfer undoes a transfer encoding with the standard library.
func decodeTransfer(t *testing.T, wire []byte, encoding transferEncoding) string {
	t.Helper()
	var r io.Reader = bytes.NewReader(wire)
	switch encoding {
	case encodingQuoted:
		r = quotedprintable.NewReader(r)
	case encodingBase64:
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	return strings.ReplaceAll(readAll(t, r), "\r\n", "\n")
}
