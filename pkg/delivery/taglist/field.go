package taglist

import "strings"

// MTA-STS and TLS-RPT write their records in the same way: a version, and fields
// of which others than the known ones are extensions (RFC 8461 §3.1, RFC 8460 §3).

// Begins reports whether a text begins with exactly a version, such as "v=STSv1",
// then white space, then a semicolon.
func Begins(text, version string) bool {
	rest, ok := strings.CutPrefix(text, version)
	return ok && strings.HasPrefix(strings.TrimLeft(rest, " \t"), ";")
}

// Spaced reports whether white space stands around the equals sign, where fields
// have none.
func (t Tag) Spaced() bool {
	return t.Assigned && t.Value != "" && t.Pos+len(t.Name)+1 != t.ValuePos
}

// IsExtension reports whether a tag is written as fields are: an extension name, and
// a value of printable ASCII without "=" and space.
func (t Tag) IsExtension() bool {
	return t.Assigned && IsExtensionName(t.Name) && t.Value != "" &&
		!strings.ContainsFunc(t.Value, func(c rune) bool { return c <= ' ' || c > '~' || c == '=' })
}

// IsExtensionName reports whether a name is one that extensions can have: at most
// 32 letters, digits, "_", "-" and ".", of which the first is a letter or digit.
func IsExtensionName(name string) bool {
	const most = 32
	if name == "" || len(name) > most || !isAlphanumeric(rune(name[0])) {
		return false
	}
	return !strings.ContainsFunc(name, func(c rune) bool { return !isAlphanumeric(c) && !strings.ContainsRune("_-.", c) })
}

func isAlphanumeric(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
