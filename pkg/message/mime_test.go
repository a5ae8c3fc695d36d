package message

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	gomessage "github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // decodes what the parts say they are
)

// A leaf is a part without parts, as another implementation reads it.
type leaf struct {
	kind, name, disposition, contentID, body string
}

// leaves parses a message with emersion/go-message and returns its leaf parts,
// their bodies decoded and with "\n" line ends.
func leaves(t testing.TB, data []byte) []leaf {
	t.Helper()
	var all []leaf
	entity := readEntity(t, bytes.NewReader(data))
	err := entity.Walk(func(_ []int, e *gomessage.Entity, err error) error {
		if err != nil {
			return err
		}
		kind, _, err := e.Header.ContentType()
		if err != nil || strings.HasPrefix(kind, "multipart/") {
			return err
		}
		l := leaf{kind: kind, contentID: strings.Trim(e.Header.Get("Content-Id"), "<>")}
		var parameters map[string]string
		if e.Header.Has("Content-Disposition") {
			if l.disposition, parameters, err = e.Header.ContentDisposition(); err != nil {
				return err
			}
			l.name = parameters["filename"]
		}
		l.body = strings.ReplaceAll(readAll(t, e.Body), "\r\n", "\n")
		all = append(all, l)
		return nil
	})
	if err != nil {
		t.Fatalf("walk: %v", err)
	}
	return all
}

// structure returns the tree of media types of a message.
func structure(t testing.TB, data []byte) string {
	t.Helper()
	return structureOf(t, readEntity(t, bytes.NewReader(data)))
}

func structureOf(t testing.TB, e *gomessage.Entity) string {
	t.Helper()
	kind, _, err := e.Header.ContentType()
	if err != nil {
		t.Fatal(err)
	}
	parts := e.MultipartReader()
	if parts == nil {
		return kind
	}
	var inner []string
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return kind + "(" + strings.Join(inner, " ") + ")"
		}
		if err != nil {
			t.Fatal(err)
		}
		inner = append(inner, structureOf(t, p))
	}
}

func readEntity(t testing.TB, r io.Reader) *gomessage.Entity {
	t.Helper()
	e, err := gomessage.Read(r)
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return e
}

func TestStructure(t *testing.T) {
	pdf := []File{{Name: "a.pdf", Data: []byte("%PDF")}}
	tests := []struct {
		name, file, body string
		options          Options
		want             string
	}{
		{"text", "m.txt", "hello", Options{}, "text/plain"},
		{"Markdown", "m.md", "hello", Options{}, "multipart/alternative(text/plain text/html)"},
		{"HTML", "m.html", "<p>hello</p>", Options{}, "multipart/alternative(text/plain text/html)"},
		{"text with a file", "m.txt", "hello", Options{Attachments: pdf}, "multipart/mixed(text/plain application/pdf)"},
		{"HTML with a file", "m.md", "hello", Options{Attachments: pdf}, "multipart/mixed(multipart/alternative(text/plain text/html) application/pdf)"},
		{
			"HTML with an image", "m.html", `<img src="cid:a.pdf">`,
			Options{Attachments: pdf},
			"multipart/related(multipart/alternative(text/plain text/html) application/pdf)",
		},
		{"text option", "", "", Options{Text: "hello"}, "text/plain"},
		{"HTML option", "", "", Options{HTML: "<p>hello</p>"}, "multipart/alternative(text/plain text/html)"},
		{"both options", "", "", Options{HTML: "<p>hello</p>", Text: "hi"}, "multipart/alternative(text/plain text/html)"},
		{"text file with an HTML option", "m.txt", "hello", Options{HTML: "<p>hi</p>"}, "multipart/alternative(text/plain text/html)"},
		{"Markdown with a text option", "m.md", "hello", Options{Text: "hi"}, "multipart/alternative(text/plain text/html)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := render(t, compile(t, test.file, test.body, test.options), zoe())
			if got := structure(t, r.Data); got != test.want {
				t.Errorf("structure %s, want %s", got, test.want)
			}
			parts := leaves(t, r.Data)
			if parts[0].body != r.Text && parts[0].body != r.Text+"\n" {
				t.Errorf("text %q, but Text is %q", parts[0].body, r.Text)
			}
			if r.HTML != "" && parts[1].body != r.HTML {
				t.Errorf("HTML %q, but HTML is %q", parts[1].body, r.HTML)
			}
		})
	}
}

func TestBoundaryInTheText(t *testing.T) {
	template := compile(t, "m.md", "{{.name}}", Options{})
	row := with(zoe(), "name", "--"+template.frame.boundary+".1--")
	r := render(t, template, row)
	if parts := leaves(t, r.Data); len(parts) != 2 || strings.TrimSpace(parts[0].body) != row.Fields["name"] {
		t.Errorf("parts %+v", parts)
	}
}

func TestAttachmentsAreSharedAndStable(t *testing.T) {
	big := []File{{Name: "a.bin", Data: bytes.Repeat([]byte("0123456789"), 10_000)}}
	options := Options{Attachments: big}
	first := render(t, compile(t, "m.md", "hello", options), zoe())
	second := render(t, compile(t, "m.md", "hello", options), zoe())
	if !bytes.Equal(first.Data, second.Data) {
		t.Error("compiled twice, the message differs")
	}
	if parts := leaves(t, first.Data); parts[2].body != string(big[0].Data) {
		t.Error("the attachment arrived changed")
	}
}
