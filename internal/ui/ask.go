package ui

import (
	"context"
	"errors"
	"io"

	"charm.land/huh/v2"
)

// A Question asks for one thing on a terminal.
type Question struct {
	Title  string
	Help   string // one line below the title; may be empty
	Sample string // what an answer looks like
	// Choices are what can be chosen, each with what is shown. Without any,
	// the answer is typed.
	Choices [][2]string
	// Check says what is wrong with an answer. Nil takes any.
	Check func(answer string) error
	// Answer is filled in, and chosen first when it is not empty.
	Answer *string
	// Skip leaves the question out, given the answers before it. Nil never does.
	Skip func() bool
}

// ErrNoAnswer means that the person left without answering.
var ErrNoAnswer = errors.New("no answer")

// Ask asks questions one after the other. It returns [ErrNoAnswer] or the
// context's error when they are not all answered.
func Ask(ctx context.Context, in io.Reader, out io.Writer, style Style, questions []Question) error {
	var groups []*huh.Group
	for _, q := range questions {
		group := huh.NewGroup(q.field())
		if q.Skip != nil {
			group.WithHideFunc(q.Skip)
		}
		groups = append(groups, group)
	}
	form := huh.NewForm(groups...).WithInput(in).WithOutput(out).WithWidth(min(style.Width, 80)).WithAccessible(!style.Color)
	if style.Color {
		form.WithTheme(huh.ThemeFunc(askTheme))
	} else {
		form.WithTheme(huh.ThemeFunc(huh.ThemeBase))
	}
	err := form.RunWithContext(ctx)
	if errors.Is(err, huh.ErrUserAborted) {
		return ErrNoAnswer
	}
	return err
}

// askTheme has the colours of the terminal's own palette, so that it can be read
// on dark and light backgrounds alike.
func askTheme(dark bool) *huh.Styles {
	s, plain := huh.ThemeBase16(dark), huh.ThemeBase(dark)
	for _, field := range []struct{ of, as *huh.FieldStyles }{{&s.Focused, &plain.Focused}, {&s.Blurred, &plain.Blurred}} {
		field.of.Option, field.of.UnselectedOption = field.as.Option, field.as.UnselectedOption
		field.of.TextInput.Text = field.as.TextInput.Text
	}
	faint := s.Focused.Description
	s.Help.ShortKey, s.Help.ShortDesc, s.Help.ShortSeparator = faint, faint, faint
	return s
}

// field returns the widget that asks.
func (q Question) field() huh.Field {
	if len(q.Choices) == 0 {
		input := huh.NewInput().Title(q.Title).Description(q.Help).Placeholder(q.Sample).Value(q.Answer)
		if q.Check != nil {
			input.Validate(q.Check)
		}
		return input
	}
	var options []huh.Option[string]
	for _, choice := range q.Choices {
		options = append(options, huh.NewOption(choice[1], choice[0]))
	}
	return huh.NewSelect[string]().Title(q.Title).Description(q.Help).Options(options...).Value(q.Answer)
}
