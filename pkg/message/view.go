package message

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	gomessage "github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
)

// A View is what a mail client shows of a message.
type View struct {
	From, To, ReplyTo, Subject string   // as written, encoded words decoded
	Text                       string   // the text part; "" when there is none
	HTML                       string   // the HTML part; "" when there is none
	Files                      []string // names of the attachments
}

const (
	maxViewParts = 200
	maxViewPart  = 32 << 20 // octets of one part
)

// Open reads a message (RFC 5322, RFC 2045) for showing. In the HTML part the
// images that came with the message are data URLs, so that it shows them on its
// own. An error means that the message cannot be read, or wraps [ErrTooLarge].
func Open(data []byte) (View, error) {
	r, err := mail.CreateReader(bytes.NewReader(data))
	if err != nil && !gomessage.IsUnknownCharset(err) {
		return View{}, fmt.Errorf("read message: %w", err)
	}
	v := View{}
	for field, text := range map[string]*string{"From": &v.From, "To": &v.To, "Reply-To": &v.ReplyTo, "Subject": &v.Subject} {
		if *text, err = r.Header.Text(field); err != nil {
			*text = r.Header.Get(field)
		}
	}
	images := map[string]string{}
	for range maxViewParts {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			v.HTML = showImages(v.HTML, images)
			return v, nil
		}
		if err != nil && !gomessage.IsUnknownCharset(err) {
			return View{}, fmt.Errorf("read message: %w", err)
		}
		if err := v.add(part, images); err != nil {
			return View{}, err
		}
	}
	return View{}, fmt.Errorf("read message: %w: more than %d parts", ErrTooLarge, maxViewParts)
}

// add takes a part in: the first text, the first HTML, an image or a file.
func (v *View) add(part *mail.Part, images map[string]string) error {
	content, err := io.ReadAll(io.LimitReader(part.Body, maxViewPart+1))
	if err != nil {
		return fmt.Errorf("read message: %w", err)
	}
	if len(content) > maxViewPart {
		return fmt.Errorf("read message: %w: a part has over %d MiB", ErrTooLarge, maxViewPart>>20)
	}
	kind := part.Header.Get("Content-Type")
	kind, _, _ = strings.Cut(kind, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	if id := strings.Trim(part.Header.Get("Content-Id"), "<> "); id != "" && strings.HasPrefix(kind, "image/") {
		images[id] = "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(content)
	}
	switch header := part.Header.(type) {
	case *mail.AttachmentHeader:
		name, err := header.Filename()
		if err != nil || name == "" {
			name = kind
		}
		v.Files = append(v.Files, name)
	default:
		switch {
		case kind == "text/html" && v.HTML == "":
			v.HTML = string(content)
		case (kind == "text/plain" || kind == "") && v.Text == "":
			v.Text = strings.ReplaceAll(string(content), "\r\n", "\n")
		}
	}
	return nil
}

// showImages puts the images of a message in the place of their names (RFC 2392).
func showImages(html string, images map[string]string) string {
	for id, url := range images {
		for _, quote := range []string{`"`, `'`} {
			html = strings.ReplaceAll(html, quote+"cid:"+id+quote, quote+url+quote)
		}
	}
	return html
}
