package message

import (
	"strings"
	"testing"
)

// TestRightToLeft writes a document in the direction of its language, on the page as
// well, since many mail programs show nothing of what stands around it.
func TestRightToLeft(t *testing.T) {
	for lang, want := range map[string]bool{
		"": false, "en": false, "he": true, "ar-EG": true, "fa": true, "ur-Latn": false, "az-Arab": true, "sr-Latn-RS": false, "AR": true, "de-1996": false,
	} {
		document, err := wrap("<p>x</p>", lang, "t")
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(document, ` dir="rtl"`) == 2; got != want || strings.Contains(document, "{dir}") {
			t.Errorf("%q: right to left is %v, want %v", lang, got, want)
		}
		if got := !strings.Contains(document, "left"); got != want {
			t.Errorf("%q: mirrored is %v, want %v", lang, got, want)
		}
	}
}
