package bounce

import (
	"bytes"
	"io"
	"mime"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message/charset"
)

// maxFields bounds the fields of one header that are kept.
const maxFields = 500

// A field is one header field; its value is unfolded and not decoded. Octets are
// what can be added to line by line without copying all of it each time.
type field struct {
	name  string
	value []byte
}

// A header is a list of fields in their order.
type header []field

// get returns the value of the first field of that name.
func (h header) get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			return string(f.value)
		}
	}
	return ""
}

// all returns the values of all fields of that name.
func (h header) all(name string) []string {
	var values []string
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			values = append(values, string(f.value))
		}
	}
	return values
}

// addresses returns the addresses in all fields of the names, name after name. Of a
// crowd it returns the first ones.
func (h header) addresses(names ...string) []string {
	var all []string
	for _, name := range names {
		for _, value := range h.all(name) {
			if all = append(all, fieldAddresses(value)...); len(all) >= maxRecipients {
				return all[:maxRecipients]
			}
		}
	}
	return all
}

// has reports whether there is a field of one of the names.
func (h header) has(names ...string) bool {
	for _, name := range names {
		if h.get(name) != "" {
			return true
		}
	}
	return false
}

// text returns a field with its encoded words (RFC 2047) decoded.
func (h header) text(name string) string {
	value := h.get(name)
	decoder := mime.WordDecoder{CharsetReader: charset.Reader}
	if decoded, err := decoder.DecodeHeader(value); err == nil {
		value = decoded
	}
	if !utf8.ValidString(value) {
		value = string(guessCharset([]byte(value)))
	}
	return clean(value)
}

// parseHeader reads fields up to an empty line or the first line that is none,
// and returns the rest. An empty line before the first field is passed over, and
// so is the "From " line of an mbox. A line that is no field is the rest of the one
// above, its indentation lost on the way, when the header goes on below it.
func parseHeader(raw []byte) (header, []byte) {
	var h header
	for len(raw) > 0 {
		line, rest := cutLine(raw)
		name, value, ok := cutField(line)
		switch {
		case len(bytes.TrimSpace(line)) == 0:
			if len(h) > 0 {
				return h, rest
			}
		case (line[0] == ' ' || line[0] == '\t') && len(h) > 0:
			h.fold(line)
		case ok:
			if len(h) == maxFields {
				h = h[:maxFields-1]
			}
			h = append(h, field{name, value})
		case bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From ")):
		case len(h) > 0 && goesOn(rest):
			h.fold(line)
		default:
			return h, raw
		}
		raw = rest
	}
	return h, nil
}

// byteOrderMark is what some editors write before UTF-8 (RFC 3629 §6).
var byteOrderMark = []byte("\xef\xbb\xbf")

// HasHeader reports whether raw begins as a message does: with a header (RFC 5322
// §2.1), of which one field is one that messages have.
func HasHeader(raw []byte) bool {
	h, _ := parseHeader(bytes.TrimPrefix(raw, byteOrderMark))
	return slices.ContainsFunc(h, func(f field) bool { return isUsual(f.name) })
}

// maxValue bounds what folded lines may make of a value.
const maxValue = 16 << 10

// fold adds a line to the last field.
func (h header) fold(line []byte) {
	f := &h[len(h)-1]
	if len(f.value) < maxValue {
		f.value = append(append(f.value, ' '), bytes.TrimSpace(line)...)
	}
}

// goesOn reports whether one of the next few lines, before an empty one, is a field
// that messages have.
func goesOn(rest []byte) bool {
	const near = 5
	for range near {
		var line []byte
		line, rest = cutLine(rest)
		if len(bytes.TrimSpace(line)) == 0 {
			return false
		}
		if name, _, ok := cutField(line); ok && isUsual(name) {
			return true
		}
	}
	return false
}

// cutField takes a header line apart (RFC 5322 §2.2).
func cutField(line []byte) (name string, value []byte, ok bool) {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 || colon > 76 {
		return "", nil, false
	}
	n := bytes.TrimRight(line[:colon], " \t")
	for _, c := range n {
		if c <= ' ' || c >= 0x7f {
			return "", nil, false
		}
	}
	return string(n), slices.Clip(bytes.TrimSpace(line[colon+1:])), len(n) > 0
}

// cutLine returns the first line without its end, and the rest.
func cutLine(raw []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(raw, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), rest
}

// decodeCharset returns text in UTF-8. A charset that is unknown or wrong is
// guessed.
func decodeCharset(raw []byte, name string) []byte {
	name = strings.ToLower(strings.Trim(name, `"' `))
	if isUTF7(name) {
		return guessCharset(decodeUTF7(raw))
	}
	if name != "" && name != "us-ascii" && name != "utf-8" && name != "utf8" {
		if r, err := charset.Reader(name, bytes.NewReader(raw)); err == nil {
			if text, err := io.ReadAll(r); err == nil {
				return text
			}
		}
	}
	return guessCharset(raw)
}

// guessCharset reads text whose charset nobody named: UTF-8 when it is valid,
// ISO-2022-JP when it has that one's escapes, else Windows-1252.
func guessCharset(raw []byte) []byte {
	guess := "windows-1252"
	switch {
	case bytes.Contains(raw, []byte("\x1b$")):
		guess = "iso-2022-jp"
	case utf8.Valid(raw):
		return raw
	}
	r, err := charset.Reader(guess, bytes.NewReader(raw))
	if err != nil {
		return bytes.ToValidUTF8(raw, []byte("\ufffd"))
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return bytes.ToValidUTF8(raw, []byte("\ufffd"))
	}
	return bytes.ToValidUTF8(text, []byte("\ufffd"))
}
