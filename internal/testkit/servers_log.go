package testkit

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Log returns what the server has written to its logs so far.
func (m *MTA) Log() string {
	m.t.Helper()
	files, err := filepath.Glob(filepath.Join(m.view.dir, "log", "*"))
	check(m.t, err)
	slices.Sort(files)
	var b strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		check(m.t, err)
		b.Write(text)
	}
	return b.String()
}
