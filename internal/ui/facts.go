package ui

import (
	"fmt"
	"io"
)

// WriteFacts writes names and values below each other; those without a value
// are left out.
func WriteFacts(w io.Writer, style Style, facts [][2]string) {
	width := 0
	for _, f := range facts {
		width = max(width, len(f[0]))
	}
	for _, f := range facts {
		if f[1] != "" {
			fmt.Fprintf(w, "  %s%s\n", style.Faint(fmt.Sprintf("%-*s", width+2, f[0])), f[1])
		}
	}
}
