package ui

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/finding"
)

// CheckFormats are the forms in which a report can be printed.
func CheckFormats() []string {
	return []string{"text", "json", "jsonl", "csv", "sarif", "junit", "github", "markdown"}
}

// A Place is a line of a file at which something can be shown. The zero Place is
// none.
type Place struct {
	File string
	Line int // from 1; zero for the file as a whole
}

// A CheckedDomain is what was found out about a domain, and where the user wrote
// about it.
type CheckedDomain struct {
	check.Domain
	// Place names the domain: a line of the list or of the policy.
	Place Place
	// Lines are those of the policy that the findings differ from, by the index of
	// the finding. They are in the file of Place.
	Lines map[int]Place
}

// place returns where a finding is shown.
func (d CheckedDomain) place(i int) Place {
	if p, ok := d.Lines[i]; ok {
		return p
	}
	return d.Place
}

// CheckOptions are what some forms need besides the findings.
type CheckOptions struct {
	FailOn  check.Severity // from which severity on JUnit shows a failure
	Version string         // of this program, for SARIF
	Several bool           // more than one domain was asked for
	Verbose bool           // the text has everything
	Command string         // which command found it; empty means check
	Rules   []check.Rule   // of that command; nil means those of check
}

// command returns the name of the command for people.
func (o CheckOptions) command() string { return "mailctl " + cmp.Or(o.Command, "check") }

// rules returns the rules that findings can have.
func (o CheckOptions) rules() []check.Rule {
	if o.Rules != nil {
		return o.Rules
	}
	return check.Rules()
}

// A CheckPrinter prints a report, domain by domain.
type CheckPrinter interface {
	Print(d CheckedDomain) error
	// End completes what was printed. Nothing can be printed after it.
	End() error
}

// NewCheckPrinter returns the printer for one of [CheckFormats].
func NewCheckPrinter(w io.Writer, style Style, format string, opt CheckOptions) CheckPrinter {
	switch format {
	case "json":
		return &checkJSON{NewJSONList(w, check.Schema, "domains")}
	case "jsonl":
		return checkLines{w}
	case "csv":
		return newCheckCSV(w)
	case "sarif":
		return newCheckSARIF(w, opt)
	case "junit":
		return newCheckJUnit(w, opt)
	case "github":
		return checkGitHub{w}
	case "markdown":
		return checkMarkdown{w}
	default:
		return &checkText{w: w, style: style, several: opt.Several, verbose: opt.Verbose, verdicts: map[check.Verdict]int{}}
	}
}

// complete returns the domain with a list of findings and a set of records, also
// when there are none.
func (d CheckedDomain) complete() check.Domain {
	whole := d.Domain
	if whole.Findings == nil {
		whole.Findings = []check.Finding{}
	}
	if whole.Records == nil {
		whole.Records = map[check.Standard]any{}
	}
	return whole
}

// countFindings says how many findings of each severity there are, such as
// "2 errors, 1 unknown, 5 ok"; those without a finding are left out.
func countFindings(findings []check.Finding) string {
	var parts []string
	for _, s := range finding.Severities() {
		n := 0
		for _, f := range findings {
			if f.Severity == s {
				n++
			}
		}
		switch {
		case n == 0:
		case s == check.SeverityUnknown || s == check.SeverityOK:
			parts = append(parts, Count(n)+" "+string(s))
		default:
			parts = append(parts, Plural(n, string(s)))
		}
	}
	return strings.Join(parts, ", ")
}

// printable returns a text of which a terminal obeys nothing: records are
// written by strangers.
func printable(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '\n':
			b.WriteRune(r)
		case r == '�' && !strings.HasPrefix(s[i:], "�"):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r >= 0x80 && r < 0xa0, isInvisible(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isInvisible reports whether a character changes how others are shown: line
// ends, joiners, marks of direction and tags.
func isInvisible(r rune) bool {
	return r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2060 && r <= 0x206f ||
		r == 0xfeff || r >= 0xe0000 && r <= 0xe007f
}
