// Package ui says how things look: text, tables, progress and JSON. It decides
// nothing.
package ui

import (
	"io"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// A Style is how text looks on one stream.
type Style struct {
	Width    int  // columns
	Terminal bool // a person is looking
	Color    bool
}

// The colours are those of the terminal's own palette, so that they fit dark
// and light backgrounds alike.
const (
	colorGood = lipgloss.Color("2")
	colorBad  = lipgloss.Color("1")
	colorWarn = lipgloss.Color("3")
)

// render returns lipgloss's base style for the stream. The terminal is never
// asked for anything.
func (s Style) render() lipgloss.Style {
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(termenv.Ascii)
	if s.Color {
		r.SetColorProfile(termenv.ANSI)
	}
	r.SetHasDarkBackground(true)
	return r.NewStyle()
}

// Bold sets off a heading.
func (s Style) Bold(text string) string { return s.render().Bold(true).Render(text) }

// Faint is for what can be passed over.
func (s Style) Faint(text string) string { return s.render().Faint(true).Render(text) }

// Good is for what went well.
func (s Style) Good(text string) string { return s.render().Foreground(colorGood).Render(text) }

// Bad is for what went wrong.
func (s Style) Bad(text string) string { return s.render().Foreground(colorBad).Render(text) }

// Warn is for what may go wrong.
func (s Style) Warn(text string) string { return s.render().Foreground(colorWarn).Render(text) }
