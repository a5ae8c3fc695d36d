package list

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// An encoding knows what the text was before it became UTF-8.
type encoding struct {
	name  string // the list's, for hints
	utf16 bool   // so that U+FFFD marks what was not valid
}

// check returns an error with advice when the text is not what it should be.
func (e encoding) check(text []byte) error {
	if !utf8.Valid(text) || e.utf16 && bytes.ContainsRune(text, utf8.RuneError) {
		return e.invalid()
	}
	return nil
}

// invalid is the error of a text that is not what it should be. What is not UTF-8
// is most likely Windows-1252, of which Latin-1 is a part.
func (e encoding) invalid() error {
	if e.utf16 {
		return delivery.Hint(ErrEncoding16, "save the list as UTF-8")
	}
	return delivery.Hint(ErrEncoding, fmt.Sprintf(
		"it may be Latin-1; convert it to UTF-8: iconv -f WINDOWS-1252 -t UTF-8 %s > utf8-%s", e.name, e.name))
}
