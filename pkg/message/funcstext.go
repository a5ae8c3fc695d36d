package message

import (
	"errors"
	"fmt"
	htmltemplate "html/template"
	"net/url"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// field returns the column of that name. In templates the row is filled in:
// {{field "First name"}}.
func field(row any, name string) (any, error) {
	value, ok := lookup(row, name)
	if !ok {
		return nil, &missingField{name: name}
	}
	return value, nil
}

// has reports whether the row has a column of that name with something in it.
func has(row any, name any) bool {
	value, ok := lookup(row, textOf(name))
	return ok && strings.TrimSpace(textOf(value)) != ""
}

func lookup(row any, name string) (any, bool) {
	fields, ok := row.(map[string]any)
	if !ok {
		return nil, false
	}
	value, ok := fields[name]
	return value, ok
}

// fallback returns value, or other when value is empty or only white space.
func fallback(other, value any) any {
	if strings.TrimSpace(textOf(value)) == "" {
		return other
	}
	return value
}

// textOf returns a value as a template prints it, nothing as "".
func textOf(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return fmt.Sprint(value)
}

func upper(value any) string { return strings.ToUpper(textOf(value)) }
func lower(value any) string { return strings.ToLower(textOf(value)) }
func trim(value any) string  { return strings.TrimSpace(textOf(value)) }

// title makes the first letter of every word upper-case and leaves the others
// as they are, so that "van McDonald" keeps its D.
func title(value any) string {
	start := true
	return strings.Map(func(r rune) rune {
		first := start && unicode.IsLetter(r)
		start = unicode.IsSpace(r) || r == '-'
		if first {
			return unicode.ToTitle(r)
		}
		return r
	}, textOf(value))
}

// firstWord returns the first word of a value.
func firstWord(value any) string {
	words := strings.Fields(textOf(value))
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// truncate shortens a value to at most limit characters, the last of which is
// then an ellipsis.
func truncate(limit int, value any) string {
	s := textOf(value)
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	runes := []rune(s)
	return strings.TrimRight(string(runes[:max(limit-1, 0)]), " ") + "…"
}

func replace(old, with, value any) string {
	return strings.ReplaceAll(textOf(value), textOf(old), textOf(with))
}

func contains(part, value any) bool    { return strings.Contains(textOf(value), textOf(part)) }
func hasPrefix(prefix, value any) bool { return strings.HasPrefix(textOf(value), textOf(prefix)) }
func hasSuffix(suffix, value any) bool { return strings.HasSuffix(textOf(value), textOf(suffix)) }

// split cuts a value at every separator and trims the parts; an empty value has
// no parts.
func split(separator, value any) []string {
	s := textOf(value)
	if strings.TrimSpace(s) == "" {
		return nil
	}
	parts := strings.Split(s, textOf(separator))
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

var errNotList = errors.New("not a list")

// joinList puts a separator between the values of a list.
func joinList(separator, list any) (string, error) {
	v := reflect.ValueOf(list)
	if !v.IsValid() {
		return "", nil
	}
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return "", fmt.Errorf("join %q: %w", shorten(textOf(list)), errNotList)
	}
	parts := make([]string, v.Len())
	for i := range parts {
		parts[i] = textOf(v.Index(i).Interface())
	}
	return strings.Join(parts, textOf(separator)), nil
}

// urlPart escapes a value so that it is one part of a URL, in its path as well
// as in its query (RFC 3986 §2.1). Its type keeps html/template from escaping it
// once more.
func urlPart(value any) htmltemplate.URL {
	escaped := strings.ReplaceAll(url.QueryEscape(textOf(value)), "+", "%20")
	return htmltemplate.URL(escaped) //nolint:gosec // nothing but unreserved characters and %XX
}

// urlWhole escapes what may not stand in a URL at all, and nothing else.
func urlWhole(value any) string {
	s := textOf(value)
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// shorten cuts text for a message to a person.
func shorten(text string) string {
	const limit = 60
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}
