package message

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"time"
	"unicode/utf8"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Rendered message is what one recipient gets.
type Rendered struct {
	// Data is the whole message with CRLF line ends, none longer than 998
	// octets, signed, and not dot-stuffed.
	Data      []byte
	MessageID string // with angle brackets
	Subject   string // decoded
	// EightBit says that Data has octets above 127, so that it needs 8BITMIME.
	EightBit bool
	// SMTPUTF8 says that an address in the header is not ASCII, so that the
	// message needs SMTPUTF8 (RFC 6531) whatever its envelope.
	SMTPUTF8 bool
}

// scratch holds the buffers one Render works in.
type scratch struct {
	value bytes.Buffer
	text  bytes.Buffer
	html  bytes.Buffer
	laid  []byte
}

// maxHeaderValue bounds a header value, in octets before encoding.
const maxHeaderValue = 16 << 10

// Render returns the message for a row, dated at. The same row, time and campaign
// give the same octets, but for what signers add. Errors say what is wrong with
// the row; they wrap this package's causes.
func (t *Template) Render(row Row, at time.Time) (Rendered, error) {
	s, _ := t.scratch.Get().(*scratch)
	defer t.scratch.Put(s)
	if row.Address.IsZero() {
		return Rendered{}, delivery.ErrNoAddress
	}
	fields := row.fields()
	if err := t.renderParts(s, fields); err != nil {
		return Rendered{}, err
	}
	r := Rendered{MessageID: messageID(t.campaign, row.Address.Key(), t.from.Address.Domain)}
	var file File
	if t.rowFiles {
		var err error
		if file, err = t.rowFile(fields); err != nil {
			return Rendered{}, err
		}
	}
	text, html := s.parts(t.laid)
	size := t.frame.fixedSize() + len(text)*5/4 + len(html)*5/4 + len(file.Data)*7/5 + 2<<10
	data, err := t.appendHeader(make([]byte, 0, size), &r, s, row, fields, at)
	if err != nil {
		return Rendered{}, err
	}
	r.SMTPUTF8 = hasHigh(data)
	data, r.EightBit = t.frame.fill(data, text, html, file, t.options.EightBit)
	r.EightBit = r.EightBit || r.SMTPUTF8
	r.Data, err = sign(data, t.options.Signers)
	return r, err
}

// renderParts prints the text and the HTML part into the scratch buffers.
func (t *Template) renderParts(s *scratch, fields map[string]any) error {
	s.text.Reset()
	s.html.Reset()
	if err := t.text.execute(&s.text, fields); err != nil {
		return err
	}
	if t.laid {
		s.laid = lay(s.laid[:0], s.text.String())
	}
	if t.html == nil {
		return nil
	}
	return t.html.execute(&s.html, fields)
}

// parts returns what renderParts printed, as UTF-8 with "\n" line ends.
func (s *scratch) parts(laid bool) (text, html []byte) {
	text, html = s.text.Bytes(), s.html.Bytes()
	if laid {
		text = s.laid
	}
	return onlyNewlines(validUTF8(text)), onlyNewlines(validUTF8(html))
}

func validUTF8(text []byte) []byte {
	if utf8.Valid(text) {
		return text
	}
	return bytes.ToValidUTF8(text, []byte("\ufffd"))
}

// rowFile reads the file that the row names.
func (t *Template) rowFile(fields map[string]any) (File, error) {
	name, err := t.rowFileName(fields)
	if err != nil {
		return File{}, err
	}
	data, err := readFile(t.options.AttachRoot, name, t.options.maxAttachment())
	if err != nil {
		return File{}, err
	}
	return File{Name: path.Base(name), Data: data}.complete()
}

func (t *Template) rowFileName(fields map[string]any) (string, error) {
	value, ok := fields[t.options.AttachColumn]
	if !ok {
		return "", fmt.Errorf("attachments: %w", &missingField{name: t.options.AttachColumn})
	}
	return textOf(value), nil
}

// checkRowFile makes the checks of rowFile without reading the file.
func (t *Template) checkRowFile(fields map[string]any) error {
	name, err := t.rowFileName(fields)
	if err != nil {
		return err
	}
	var info fs.FileInfo
	if info, err = inspectFile(t.options.AttachRoot, name, t.options.maxAttachment()); err != nil {
		return err
	}
	_, err = File{Name: info.Name()}.complete()
	return err
}

// fill adds the content of a message to its header: the frame, with the row's
// parts in its slots. It reports whether a part travels as 8-bit text, which only
// eightBit allows.
func (f *frame) fill(dst, text, html []byte, file File, eightBit bool) ([]byte, bool) {
	textEncoding := chooseEncoding(text, eightBit, f.boundary)
	htmlEncoding := chooseEncoding(html, eightBit, f.boundary)
	has8bit := textEncoding == encoding8bit || htmlEncoding == encoding8bit
	for _, p := range f.pieces {
		dst = append(dst, p.literal...)
		switch p.slot {
		case slotMultipart:
			if has8bit {
				dst = append(dst, "Content-Transfer-Encoding: 8bit\r\n"...) // RFC 2045 §6.4: as its parts have it
			}
		case slotTextEncoding:
			dst = append(dst, textEncoding...)
		case slotText:
			dst = appendEncoded(dst, text, textEncoding)
		case slotHTMLEncoding:
			dst = append(dst, htmlEncoding...)
		case slotHTML:
			dst = appendEncoded(dst, html, htmlEncoding)
		case slotFileType:
			dst = append(dst, file.ContentType...)
		case slotFileDisposition:
			dst = append(dst, disposition("attachment", file.Name)...)
		case slotFile:
			dst = appendBase64(dst, file.Data)
		}
	}
	return dst, has8bit
}

// sign puts the signers' fields before a message.
func sign(message []byte, signers []Signer) ([]byte, error) {
	if len(signers) == 0 {
		return message, nil
	}
	var signed []byte
	for _, s := range signers {
		field, err := s.Sign(message)
		if err != nil {
			return nil, fmt.Errorf("sign: %w", err)
		}
		signed = append(signed, field...)
	}
	return append(signed, message...), nil
}
