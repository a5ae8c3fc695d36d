package ui

import (
	"fmt"
	"io"
)

// A Start says what init wrote and what comes next.
type Start struct {
	Domain string
	Files  []StartFile
	Zone   string      // the records to publish
	Next   [][2]string // commands, and why
}

// A StartFile is a file of a first mailing.
type StartFile struct {
	Path    string `json:"path"`
	Purpose string `json:"purpose"`
	Written bool   `json:"written"` // else it was there before
}

// WriteStart writes what was done and what comes next.
func WriteStart(w io.Writer, style Style, s Start) error {
	width := 0
	for _, f := range s.Files {
		width = max(width, len(f.Path))
	}
	for _, f := range s.Files {
		mark, note := style.Good("wrote"), ""
		if !f.Written {
			mark, note = style.Faint("kept "), "; it was there before"
		}
		fmt.Fprintf(w, "%s  %-*s  %s%s\n", mark, width, f.Path, f.Purpose, note)
	}
	fmt.Fprintf(w, "\n%s\n\n%s\n%s\n", style.Bold("Publish these records for "+s.Domain+":"), FoldRecords(s.Zone, style), style.Bold("Next:"))
	for _, n := range s.Next {
		fmt.Fprintf(w, "  %s\n    %s\n", n[0], style.Faint(n[1]))
	}
	return nil
}

// WriteStartJSON writes the same as JSON.
func WriteStartJSON(w io.Writer, s Start) error {
	next := make([]string, len(s.Next))
	for i, n := range s.Next {
		next[i] = n[0]
	}
	return WriteJSON(w, struct {
		Schema string      `json:"schema"`
		Domain string      `json:"domain"`
		Files  []StartFile `json:"files"`
		Zone   string      `json:"zone"`
		Next   []string    `json:"next"`
	}{"mailctl.init/1", s.Domain, s.Files, s.Zone, next})
}
