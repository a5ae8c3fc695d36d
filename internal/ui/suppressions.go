package ui

import (
	"io"
	"strings"
)

// WriteSuppressions writes entries of the suppression list: address, reason, source
// and time, each entry on one line. The address is whole, since other commands are
// given it.
func WriteSuppressions(w io.Writer, style Style, entries [][]string) error {
	rows := make([][]string, len(entries))
	for i, entry := range entries {
		for _, cell := range entry {
			rows[i] = append(rows[i], printable(strings.ReplaceAll(cell, "\n", " ")))
		}
	}
	return Table(w, style, []Column{
		{Title: "ADDRESS", Whole: true},
		{Title: "REASON", Shrink: true},
		{Title: "SOURCE", Shrink: true},
		{Title: "SINCE (UTC)", Shrink: true},
	}, rows)
}
