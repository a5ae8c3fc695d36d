package list

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A source is a list as UTF-8 text, whatever it was stored as.
type source struct {
	io.Reader
	encoding encoding
}

// newSource undoes gzip (RFC 1952) and UTF-16, which are told by their first
// bytes, and drops a byte order mark.
func newSource(r io.Reader, name string) (*source, error) {
	s := &source{encoding: encoding{name: name}}
	text := bufio.NewReader(r)
	if start, _ := text.Peek(2); bytes.Equal(start, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(text)
		if err != nil {
			return nil, err
		}
		text = bufio.NewReader(unzipped)
	}
	start, err := text.Peek(8)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if err := refuseForeign(start); err != nil {
		return nil, err
	}
	s.Reader = text
	switch {
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		_, err = text.Discard(3)
		return s, err
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		s.encoding.utf16 = true
		decoder := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()
		s.Reader = transform.NewReader(text, decoder)
	}
	return s, nil
}

// refuseForeign recognises the files that people take for lists.
func refuseForeign(start []byte) error {
	const spreadsheet = "open it in a spreadsheet program and save it as CSV UTF-8"
	for _, foreign := range []struct{ magic, what, hint string }{
		{"\xff\xfe\x00\x00", "UTF-32 text", "save it as UTF-8"},
		{"\x00\x00\xfe\xff", "UTF-32 text", "save it as UTF-8"},
		{"PK\x03\x04", "a zip archive or a spreadsheet", spreadsheet},
		{"\xd0\xcf\x11\xe0", "an Excel file", spreadsheet},
		{"%PDF", "a PDF document", "export the list as CSV"},
		{"SQLite f", "a database", "export the table as CSV"},
		{"\x28\xb5\x2f\xfd", "compressed with zstd", "unpack it first: zstd -d FILE"},
		{"BZh", "compressed with bzip2", "unpack it first: bunzip2 FILE"},
		{"\xfd7zXZ", "compressed with xz", "unpack it first: unxz FILE"},
	} {
		if bytes.HasPrefix(start, []byte(foreign.magic)) {
			return delivery.Hint(fmt.Errorf("%w: it is %s", ErrFormat, foreign.what), foreign.hint)
		}
	}
	return nil
}
