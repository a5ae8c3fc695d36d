package ui

import (
	"fmt"
	"io"
	"strings"

	"github.com/mailctl/mailctl/pkg/check"
)

// WriteRules writes a page that explains every finding of a command.
func WriteRules(w io.Writer, command string, rules []check.Rule) error {
	var b strings.Builder
	fmt.Fprintf(&b, `# What mailctl %[1]s can find

Every finding has the id of one of these rules. Ids are stable: they change only
with a major version. The severity is the usual one; a finding may be graver or
more harmless, as the case is.

- **error**: mail is lost, forged or refused because of it
- **unknown**: it could not be found out; never a reason to change anything
- **warning**: it works, and some others will mind
- **notice**: worth knowing
- **ok**: as it should be

This page is made from the program: `+"`mailctl %[1]s --rules --format markdown`"+`.
`, command)
	var last check.Standard
	for _, rule := range rules {
		if rule.Standard != last {
			last = rule.Standard
			fmt.Fprintf(&b, "\n## %s\n", last)
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s: %s", rule.ID, rule.Severity, markdownText(rule.Title))
		if rule.Why != "" {
			fmt.Fprintf(&b, ";\n%s", markdownText(rule.Why))
		}
		b.WriteString(".")
		if rule.Ref != "" {
			fmt.Fprintf(&b, " (%s)", markdownText(rule.Ref))
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
