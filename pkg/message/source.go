package message

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Format is the language a message is written in.
type Format string

// The formats.
const (
	FormatMarkdown Format = "markdown" // becomes HTML in a document of our own, and text
	FormatHTML     Format = "html"     // becomes text too
	FormatText     Format = "text"     // stays text: the message has no HTML part
)

// A Source is a message as its author wrote it, read from wherever it lives. The
// zero Source stands for a message that comes from [Options] alone.
type Source struct {
	// Name stands in errors, such as "welcome.md", and tells the format; see [FormatOf].
	Name string
	// Body is UTF-8 with any line ends, and may begin with YAML front matter.
	Body []byte
	// Files opens the attachments that the front matter names, by their path
	// from the message's folder. Nil refuses them. [os.Root.FS] is a good one.
	Files fs.FS
}

// FormatOf tells the format by the name's extension, or by the content when
// there is none: HTML when it begins with a tag, else Markdown.
func FormatOf(name string, body []byte) (Format, error) {
	switch extension := strings.ToLower(path.Ext(name)); extension {
	case ".md", ".markdown", ".mdown", ".mkd":
		return FormatMarkdown, nil
	case ".html", ".htm", ".xhtml":
		return FormatHTML, nil
	case ".txt", ".text":
		return FormatText, nil
	case "":
		if bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
			return FormatHTML, nil
		}
		return FormatMarkdown, nil
	default:
		err := fmt.Errorf("%w %q", ErrFormat, extension)
		return "", delivery.Hint(err, "name the message .md (Markdown), .html or .txt")
	}
}

// newlines returns text with "\n" as its only line end, and without a byte order
// mark.
func newlines(text string) string {
	text = strings.TrimPrefix(text, "\ufeff")
	if strings.IndexByte(text, '\r') < 0 {
		return text
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

// checkUTF8 returns an error that names the line of the first octet that is not
// UTF-8.
func checkUTF8(o origin) error {
	if utf8.ValidString(o.text) {
		return nil
	}
	at := 0
	for at < len(o.text) {
		r, n := utf8.DecodeRuneInString(o.text[at:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		at += n
	}
	return delivery.Hint(o.fault(o.lineAt(at), ErrEncoding), "save the file as UTF-8")
}
