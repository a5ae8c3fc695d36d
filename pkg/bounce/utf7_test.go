package bounce

import (
	"encoding/base64"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

func TestDecodeUTF7(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"Hi Mom -+Jjo--+ACE-":  "Hi Mom -☺-!",
		"+ZeVnLIqe-":           "日本語",
		"Empf+AOQ-nger":        "Empfänger",
		"+AOQ.":                "ä.",
		"1 +- 1":               "1 + 1",
		"anna+AEA-one.example": "anna@one.example",
		"+":                    "+",
		"a + b":                "a + b",
		"+x":                   "+x",
		"":                     "",
	} {
		if got := string(decodeUTF7([]byte(raw))); got != want {
			t.Errorf("%q is %q, want %q", raw, got, want)
		}
	}
}

// FuzzDecodeUTF7 writes any text in UTF-7 and reads it back.
func FuzzDecodeUTF7(f *testing.F) {
	for _, text := range []string{"", "+", "a-b", "ä+ö", "日本語", "😀-", "\x00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		var b strings.Builder
		for _, r := range text {
			var octets []byte
			for _, unit := range utf16.Encode([]rune{r}) {
				octets = append(octets, byte(unit>>8), byte(unit))
			}
			b.WriteString("+" + base64.RawStdEncoding.EncodeToString(octets) + "-")
		}
		if got := string(decodeUTF7([]byte(b.String()))); got != text {
			t.Errorf("%q became %q", text, got)
		}
	})
}
