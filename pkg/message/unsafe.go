package message

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// unsafeMarker is what html/template prints in place of a value that it takes for
// unsafe where it stands, instead of failing.
const unsafeMarker = "ZgotmplZ"

// maskedMarker stands for it where it is a row's own text.
const maskedMarker = "ZgotmplY"

// added matches what html/template adds to a template that it has escaped: the
// functions at the end of pipelines, and the names of templates that it copied.
var added = regexp.MustCompile(`_html_template_[a-z]+|\$htmltemplate_`)

// escapers are those of them that print any value, in one form or another.
var escapers = []string{
	"_html_template_attrescaper", "_html_template_htmlescaper", "_html_template_rcdataescaper",
	"_html_template_urlescaper", "_html_template_urlnormalizer",
}

// replaces reports whether html/template, which has escaped the trees, may print
// the marker for some value.
func (t *trees) replaces() bool {
	for _, tree := range t.all {
		for _, word := range added.FindAllString(tree.Root.String(), -1) {
			if !slices.Contains(escapers, word) {
				return true
			}
		}
	}
	return false
}

// unsafeValue returns an error when the marker that a row's HTML has in it stands
// for a value, and nil when it is somebody's own text. The column it names is one
// without whose value there are fewer markers.
func (u *unit) unsafeValue(row map[string]any) error {
	masked, _ := mask(row).(map[string]any)
	found := u.markers(masked)
	if found == 0 {
		return nil
	}
	for _, s := range u.uses {
		other := maps.Clone(masked)
		other[s.column] = ""
		if textOf(row[s.column]) != "" {
			other[s.column] = "x" // as good as the value for a condition
		}
		if u.markers(other) >= found {
			continue
		}
		value := textOf(row[s.column])
		fault := u.origin.fault(u.origin.lineAt(s.offset), fmt.Errorf("column %q is %w: %q", s.column, ErrUnsafe, shorten(value)))
		fault.Field = s.column
		return delivery.Hint(fault, unsafeHint(value))
	}
	if strings.Contains(u.origin.text, unsafeMarker) {
		return nil
	}
	return u.origin.fault(u.origin.line, fmt.Errorf("a value is %w", ErrUnsafe))
}

// markers counts the markers in what the unit prints for a row.
func (u *unit) markers(row map[string]any) int {
	var b bytes.Buffer
	if err := u.executor.Execute(&bounded{b: &b, left: maxOutput}, row); err != nil {
		return 0
	}
	return bytes.Count(b.Bytes(), []byte(unsafeMarker))
}

// mask returns a value with the markers in its texts made something else.
func mask(value any) any {
	switch v := value.(type) {
	case string:
		return strings.ReplaceAll(v, unsafeMarker, maskedMarker)
	case []any:
		masked := make([]any, len(v))
		for i := range v {
			masked[i] = mask(v[i])
		}
		return masked
	case map[string]any:
		masked := make(map[string]any, len(v))
		for key := range v {
			masked[key] = mask(v[key])
		}
		return masked
	}
	return value
}

// schemeOf matches a value with a scheme (RFC 3986 §3.1).
var schemeOf = regexp.MustCompile(`^\s*([A-Za-z][A-Za-z0-9+.-]*):`)

// unsafeHint says what to do about an unsafe value.
func unsafeHint(value string) string {
	switch m := schemeOf.FindStringSubmatch(value); {
	case m == nil:
		return "in a style, a value is a word or a number, such as red or #1a2b3c; write what has brackets into the message: rgb({{.r}}, {{.g}}, {{.b}})"
	case strings.EqualFold(m[1], "cid"):
		return "behind cid: stands the name of a file that is attached, as in the src of an image"
	default:
		return "a link from a column begins with https:, http:, mailto:, tel: or sms:; write any other scheme into the message"
	}
}
