package sink

import (
	"fmt"
	"regexp"
	"strings"
)

// A pattern selects addresses.
type pattern struct {
	text   string         // as it was written
	expr   *regexp.Regexp // nil for the null sender
	domain bool           // compared with the domain only
}

// parsePattern reads a glob or, between slashes, a regular expression. The empty
// pattern stands for the null sender.
func parsePattern(text string) (pattern, error) {
	if text == "" {
		return pattern{}, nil
	}
	if inner, ok := regexpText(text); ok {
		expr, err := regexp.Compile("(?i)" + inner)
		if err != nil {
			return pattern{}, fmt.Errorf("pattern %q: %w", text, err)
		}
		return pattern{text: text, expr: expr}, nil
	}
	quoted := regexp.QuoteMeta(text)
	quoted = strings.ReplaceAll(quoted, `\*`, `.*`)
	quoted = strings.ReplaceAll(quoted, `\?`, `.`)
	expr, err := regexp.Compile("(?is)^" + quoted + "$")
	if err != nil {
		return pattern{}, fmt.Errorf("pattern %q: %w", text, err)
	}
	return pattern{text: text, expr: expr, domain: !strings.Contains(text, "@")}, nil
}

// regexpText returns what stands between the slashes.
func regexpText(text string) (string, bool) {
	inner, ok := strings.CutPrefix(text, "/")
	if !ok {
		return "", false
	}
	inner, ok = strings.CutSuffix(inner, "/")
	return inner, ok && inner != ""
}

// matches reports whether the address is among those selected.
func (p pattern) matches(address string) bool {
	if p.expr == nil {
		return address == ""
	}
	if p.domain {
		address = address[strings.LastIndexByte(address, '@')+1:]
	}
	return p.expr.MatchString(address)
}

// matchesAny reports whether no pattern is given, or one of them selects the address.
func matchesAny(patterns []pattern, address string) bool {
	for _, p := range patterns {
		if p.matches(address) {
			return true
		}
	}
	return len(patterns) == 0
}
