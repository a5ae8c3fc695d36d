package message

import (
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// hintSyntax adds to an error of the template parser what may be missing.
func hintSyntax(err error, o origin) error {
	open := 0
	for _, s := range cut(o.text) {
		switch {
		case s.action == nil:
			if strings.Contains(s.text, "{{") {
				return delivery.Hint(err, `close every "{{" with "}}"; to write two braces, use {{"{{"}}`)
			}
		case s.action.opens():
			open++
		case s.action.word == "end":
			open--
		}
	}
	switch {
	case open > 0:
		return delivery.Hint(err, "every {{if}}, {{range}} and {{with}} needs an {{end}}")
	case open < 0:
		return delivery.Hint(err, "there is an {{end}} too many")
	}
	return err
}
