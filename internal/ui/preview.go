package ui

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/mailctl/mailctl/pkg/message"
)

// A Preview is one row's message.
type Preview struct {
	Row, Line int
	Email     string
	MessageID string
	Data      []byte // as it would leave
	View      message.View
}

// WritePreview writes what a reader without HTML sees.
func WritePreview(w io.Writer, style Style, p Preview) error {
	WriteFacts(w, style, [][2]string{
		{"from", p.View.From},
		{"to", p.View.To},
		{"reply to", p.View.ReplyTo},
		{"subject", p.View.Subject},
		{"files", strings.Join(p.View.Files, ", ")},
		{"size", Bytes(int64(len(p.Data)))},
	})
	text := p.View.Text
	if style.Terminal { // as programs for mail show it
		text = strings.Join(wrapLong(text, style.Width), "\n")
	}
	_, err := fmt.Fprintf(w, "\n%s", text)
	return err
}

// wrapLong breaks the lines of a text that are too long, and leaves all others.
func wrapLong(text string, width int) []string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if ansi.StringWidth(line) > width {
			lines = append(lines, wrapWords(line, width)...)
		} else {
			lines = append(lines, line)
		}
	}
	return lines
}

// WritePreviewJSON writes the message whole and in parts.
func WritePreviewJSON(w io.Writer, p Preview) error {
	return WriteJSON(w, struct {
		Schema    string   `json:"schema"`
		Row       int      `json:"row"`
		Line      int      `json:"line"`
		Email     string   `json:"email"`
		MessageID string   `json:"message_id"`
		Subject   string   `json:"subject"`
		Text      string   `json:"text"`
		HTML      string   `json:"html"`
		Files     []string `json:"files"`
		Message   string   `json:"message"`
	}{
		"mailctl.preview/1", p.Row, p.Line, p.Email, p.MessageID, p.View.Subject, p.View.Text, p.View.HTML,
		append([]string{}, p.View.Files...), string(p.Data),
	})
}
