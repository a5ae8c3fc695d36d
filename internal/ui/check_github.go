package ui

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/mailctl/mailctl/pkg/check"
)

// checkGitHub prints findings as workflow commands, which GitHub shows beside
// the line of the file they name. What is fine only shows in a debug log.
type checkGitHub struct{ w io.Writer }

func (p checkGitHub) Print(d CheckedDomain) error {
	for i, f := range d.Findings {
		text := f.Subject + ": " + f.Message
		if f.Severity == check.SeverityOK {
			text = d.Domain.Domain + ": " + f.ID + ": " + f.Message
		}
		if f.Fix != "" {
			text += "\n" + f.Fix
		}
		if f.Ref != "" {
			text += "\n" + f.Ref
		}
		if _, err := fmt.Fprintf(p.w, "::%s%s::%s\n", githubCommand(f.Severity), githubProperties(d, i), githubData.Replace(printable(text))); err != nil {
			return err
		}
	}
	return nil
}

func (checkGitHub) End() error { return nil }

// githubCommand returns the command for a severity.
func githubCommand(s check.Severity) string {
	switch s {
	case check.SeverityError:
		return "error"
	case check.SeverityWarning, check.SeverityUnknown:
		return "warning"
	case check.SeverityNotice:
		return "notice"
	case check.SeverityOK:
	}
	return "debug"
}

// githubProperties says where a finding is shown, and under which title.
func githubProperties(d CheckedDomain, finding int) string {
	f := d.Findings[finding]
	if f.Severity == check.SeverityOK {
		return "" // a debug command takes none
	}
	var properties []string
	add := func(name, value string) {
		properties = append(properties, name+"="+githubProperty.Replace(value))
	}
	if place := d.place(finding); place.File != "" {
		add("file", place.File)
		if place.Line > 0 {
			add("line", strconv.Itoa(place.Line))
		}
	}
	title := d.Domain.Domain + ": " + f.ID
	if f.Severity == check.SeverityUnknown {
		title += " (unknown)"
	}
	add("title", title)
	return " " + strings.Join(properties, ",")
}

// A command ends at the line's end, a property at a comma or colon.
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
