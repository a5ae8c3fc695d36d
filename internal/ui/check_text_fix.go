package ui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// sameRecord warns of records that several findings change: each of these mends one
// thing only.
func (p *checkText) sameRecord(findings []check.Finding) {
	fixes := map[string]int{}
	var several []string
	for _, f := range findings {
		for _, owner := range owners(f.Fix) {
			if fixes[owner]++; fixes[owner] == 2 {
				several = append(several, owner)
			}
		}
	}
	if len(several) > 0 {
		p.line("")
		p.wrapped("  ", "More than one finding is about "+strings.Join(several, ", and ")+". Each shows the record with its own mistake mended: publish one, check again, and go on.")
	}
}

// owners are the names and types of the records in a fix, each once.
func owners(fix string) []string {
	var list []string
	for line := range strings.Lines(fix) {
		fields := strings.Fields(line)
		if len(fields) < 4 || fields[1] != "IN" || strings.HasPrefix(line, ";") {
			continue
		}
		if owner := "the " + fields[2] + " record of " + strings.TrimSuffix(fields[0], "."); !slices.Contains(list, owner) {
			list = append(list, owner)
		}
	}
	return list
}

// isZone reports whether a fix is made of nothing but records.
func isZone(fix string) bool {
	_, err := delivery.ParseZone(strings.NewReader(fix), "fix")
	return err == nil
}

// FoldRecords cuts the text of each TXT record that is wider than the screen into
// strings that fit, in the parentheses that a zone file has for it (RFC 1035 §5.1).
// Receivers join them again. Elsewhere than on a terminal records stay whole.
func FoldRecords(zone string, style Style) string {
	if !style.Terminal {
		return zone
	}
	width := style.Width
	lines := strings.Split(zone, "\n")
	for i, line := range lines {
		head, text, found := strings.Cut(line, ` IN TXT "`)
		text, whole := strings.CutSuffix(text, `"`)
		if found && whole && !strings.HasPrefix(line, ";") && !strings.ContainsAny(text, `"\`) && ansi.StringWidth(line) > width {
			lines[i] = head + " IN TXT (\n  \"" + strings.Join(cutText(text, width-4), "\"\n  \"") + "\"\n)"
		}
	}
	return strings.Join(lines, "\n")
}

// cutText cuts a text into parts of at most width octets, behind spaces where that
// can be.
func cutText(text string, width int) []string {
	width = max(width, minColumn)
	var parts []string
	for len(text) > width {
		at := strings.LastIndexByte(text[:width], ' ') + 1
		if at == 0 {
			at = width
		}
		parts = append(parts, text[:at])
		text = text[at:]
	}
	return append(parts, text)
}
