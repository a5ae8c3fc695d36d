package message

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"

	"github.com/wneessen/go-mail"
)

// A slot is a place in a composed message that differs from row to row.
type slot int

const (
	slotNone      slot = iota
	slotMultipart      // in the header of every multipart
	slotTextEncoding
	slotText
	slotHTMLEncoding
	slotHTML
	slotFileType
	slotFileDisposition
	slotFile
)

// marker returns what stands for a slot while the message is composed: a word
// that every transfer encoding but base64 leaves as it is.
func (s slot) marker() string { return fmt.Sprintf("qzxjslot%dz", s) }

// A piece of a composed message: literal octets, and the slot behind them.
type piece struct {
	literal []byte
	slot    slot
}

// A frame is everything of a message that is the same for all rows below the
// header: the MIME structure and the encoded attachments. go-mail composes it
// once for a campaign; a row only fills its slots.
type frame struct {
	pieces   []piece
	boundary string // what every boundary begins with
}

// A shape is what a frame is composed of.
type shape struct {
	html        bool   // text and HTML, not text alone
	rowFile     bool   // a file for each row
	files       []File // attached or embedded
	boundary    string // what every boundary begins with
	contentIDOf func(name string) string
}

// compose lets go-mail build the MIME structure: alternatives, then what is
// embedded in the HTML, then attachments.
func compose(s shape) (*frame, error) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithCharset(mail.CharsetUTF8))
	m.SetBodyString(mail.TypeTextPlain, slotText.marker(), mail.WithPartEncoding(mail.Encoding(slotTextEncoding.marker())))
	if s.html {
		m.AddAlternativeString(mail.TypeTextHTML, slotHTML.marker(), mail.WithPartEncoding(mail.Encoding(slotHTMLEncoding.marker())))
	}
	for _, f := range s.files {
		if err := addFile(m, f, s.contentIDOf); err != nil {
			return nil, err
		}
	}
	if s.rowFile {
		if err := addRowFile(m); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	if _, err := m.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("compose MIME: %w", err)
	}
	return cutFrame(ownBoundaries(contentOnly(out.Bytes()), s.boundary), s.boundary), nil
}

func addFile(m *mail.Msg, f File, contentIDOf func(string) string) error {
	header := func(file *mail.File) {
		file.Header.Set("Content-Type", f.ContentType)
		file.Header.Set("Content-Disposition", disposition("attachment", f.Name))
		if f.embedded {
			file.Header.Set("Content-Disposition", disposition("inline", f.Name))
		}
		if f.embedded || f.chosen {
			file.Header.Set("Content-ID", "<"+contentIDOf(f.Name)+">")
		}
	}
	add := m.AttachReader
	if f.embedded {
		add = m.EmbedReader
	}
	if err := add(f.Name, bytes.NewReader(f.Data), header); err != nil {
		return fmt.Errorf("%w: %q: %w", ErrAttachment, f.Name, err)
	}
	return nil
}

// addRowFile adds an attachment made of slots.
func addRowFile(m *mail.Msg) error {
	err := m.AttachReader("row", strings.NewReader(slotFile.marker()), func(file *mail.File) {
		file.Header.Set("Content-Type", slotFileType.marker())
		file.Header.Set("Content-Disposition", slotFileDisposition.marker())
	})
	if err != nil {
		return fmt.Errorf("compose MIME: %w", err)
	}
	return nil
}

// contentOnly removes the header fields that are not about the content: the rows
// bring their own.
func contentOnly(message []byte) []byte {
	head, body, _ := bytes.Cut(message, []byte("\r\n\r\n"))
	var out []byte
	keep := false
	for line := range bytes.Lines(append(head, "\r\n"...)) {
		if line[0] != ' ' && line[0] != '\t' {
			keep = bytes.HasPrefix(line, []byte("Content-"))
		}
		if keep {
			out = append(out, line...)
		}
	}
	return append(append(out, "\r\n"...), body...)
}

// givenBoundary matches the parameter go-mail writes, in the last line of the
// header of a multipart. It draws boundaries at random; ours make the same
// message from the same row.
var givenBoundary = regexp.MustCompile(`boundary=([0-9a-f]{60})\r\n`)

func ownBoundaries(message []byte, prefix string) []byte {
	for i, m := range givenBoundary.FindAllSubmatch(message, -1) {
		own := fmt.Sprintf("%s.%d", prefix, i+1)
		message = bytes.Replace(message, m[0], []byte("boundary="+own+"\r\n"+slotMultipart.marker()), 1)
		message = bytes.ReplaceAll(message, m[1], []byte(own))
	}
	return message
}

// cutFrame cuts a composed message at its slots.
func cutFrame(message []byte, boundary string) *frame {
	f := &frame{boundary: boundary}
	for {
		at, found := len(message), slotNone
		var marker string
		for s := slotMultipart; s <= slotFile; s++ {
			text := s.marker()
			if s == slotFile {
				text = base64.StdEncoding.EncodeToString([]byte(text))
			}
			if i := bytes.Index(message, []byte(text)); i >= 0 && i < at {
				at, found, marker = i, s, text
			}
		}
		f.pieces = append(f.pieces, piece{message[:at:at], found})
		if found == slotNone {
			return f
		}
		message = message[at+len(marker):]
	}
}

// fixedSize returns how many octets of a message the frame holds.
func (f *frame) fixedSize() int {
	n := 0
	for _, p := range f.pieces {
		n += len(p.literal)
	}
	return n
}
