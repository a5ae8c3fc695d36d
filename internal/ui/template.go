package ui

import (
	"io"

	"github.com/mailctl/mailctl/pkg/message"
)

// WriteTemplates writes the messages to start from.
func WriteTemplates(w io.Writer, style Style, ready []message.Ready) error {
	columns := []Column{{Title: "NAME"}, {Title: "FOR", Shrink: true}}
	var rows [][]string
	for _, r := range ready {
		rows = append(rows, []string{r.Name, r.Summary})
	}
	return Table(w, style, columns, rows)
}

// WriteTemplatesJSON writes the same as JSON.
func WriteTemplatesJSON(w io.Writer, ready []message.Ready) error {
	type entry struct {
		Name    string `json:"name"`
		Summary string `json:"summary"`
	}
	list := struct {
		Schema    string  `json:"schema"`
		Templates []entry `json:"templates"`
	}{Schema: "mailctl.templates/1"}
	for _, r := range ready {
		list.Templates = append(list.Templates, entry(r))
	}
	return WriteJSON(w, list)
}
