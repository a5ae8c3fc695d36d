package ui

import (
	"fmt"
	"io"
	"strings"

	"github.com/mailctl/mailctl/pkg/check"
)

// checkMarkdown prints a table for each domain, such as for the summary of a job
// or a comment.
type checkMarkdown struct{ w io.Writer }

func (p checkMarkdown) Print(d CheckedDomain) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s: %s\n\n%s\n\n", markdownText(d.Domain.Domain), d.Verdict, countFindings(d.Findings))
	b.WriteString("| severity | finding | subject | what | fix | record | reference |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, f := range d.Findings {
		fix := markdownText(f.Fix)
		if isZone(f.Fix) {
			fix = markdownCode(f.Fix)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", f.Severity, f.ID, markdownText(f.Subject),
			markdownText(f.Message), fix, markdownCode(recordOf(d.Domain, f)), markdownText(f.Ref))
	}
	for _, profile := range d.Profiles {
		markdownProfile(&b, profile)
	}
	b.WriteString("\n")
	_, err := io.WriteString(p.w, b.String())
	return err
}

func markdownProfile(b *strings.Builder, profile check.Profile) {
	fmt.Fprintf(b, "\n### %s, rules as of %s\n\n| status | rule | asks for | found |\n| --- | --- | --- | --- |\n", profile.Receiver, profile.Date)
	for _, r := range profile.Rules {
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", r.Status, r.Rule, markdownText(r.Text), markdownText(r.Why))
	}
}

func (checkMarkdown) End() error { return nil }

// markdownMarks are what Markdown or HTML would read as marks, and line ends,
// which would end a table's row.
var markdownMarks = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", `\|`, "~", `\~`, "#", `\#`,
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "\n", "<br>",
)

// markdownText returns a text that reads in a table's cell as it is.
func markdownText(s string) string {
	return markdownMarks.Replace(strings.TrimRight(printable(s), "\n"))
}

func markdownCode(s string) string {
	if s == "" {
		return ""
	}
	return "<code>" + markdownText(s) + "</code>"
}
