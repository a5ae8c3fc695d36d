package message

import (
	"embed"
	"slices"
)

// A Ready is a message to start from: Markdown with front matter, and a list
// of two rows that has the columns it needs.
type Ready struct {
	Name    string // also of its files, without extension
	Summary string // what it is for, in one line
}

// readyMessages are the messages there are, in the order they are shown.
var readyMessages = [...]Ready{
	{"newsletter", "several short pieces, a button, a table, an unsubscribe link"},
	{"announcement", "one piece of news and what it means for the reader"},
	{"receipt", "what was paid, item by item; transactional"},
	{"password-reset", "one link that expires; transactional"},
	{"re-engagement", "ask people who have gone quiet whether to keep writing"},
}

//go:embed ready/*.md ready/*.csv
var readyFiles embed.FS

// ReadyMessages returns the messages to start from.
func ReadyMessages() []Ready { return slices.Clone(readyMessages[:]) }

// FindReady returns the ready message of a name, and whether there is one.
func FindReady(name string) (Ready, bool) {
	i := slices.IndexFunc(readyMessages[:], func(r Ready) bool { return r.Name == name })
	if i < 0 {
		return Ready{}, false
	}
	return readyMessages[i], true
}

// Source returns the message as [Compile] reads it; empty for the zero Ready.
func (r Ready) Source() []byte { return r.file(".md") }

// List returns rows to try it with, as CSV; empty for the zero Ready.
func (r Ready) List() []byte { return r.file(".csv") }

// file reads an embedded file. A test reads them all.
func (r Ready) file(extension string) []byte {
	content, err := readyFiles.ReadFile("ready/" + r.Name + extension)
	if err != nil {
		return nil
	}
	return content
}
