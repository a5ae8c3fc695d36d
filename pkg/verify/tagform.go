package verify

import (
	"encoding/base64"
	"slices"
	"strings"
)

// tagForms are the forms that the values of a signature's tags must have, without the
// white space around them (RFC 6376 §3.5, §6.1.1).
var tagForms = [...]struct {
	tag, want string
	fits      func(value string) bool
}{
	{"a", "the name of an algorithm", isUnbroken},
	{"c", "a known canonicalization of the header, with or without / and one of the body", isCanonicalization},
	{"q", "a list of ways to get the key", func(value string) bool { return isList(value, isUnbroken) }},
	{"b", "base64", isBase64},
	{"bh", "base64", isBase64},
	{"d", "a domain name", isDomain},
	{"s", "a selector", isDomain},
	{"i", "an identity, [local part]@domain", isIdentity},
	{"h", "a list of names of header fields", func(value string) bool { return isList(value, isFieldName) }},
	{"t", "a time in seconds, of at most 12 digits", func(value string) bool { return isDigits(value, 12) }},
	{"x", "a time in seconds, of at most 12 digits", func(value string) bool { return isDigits(value, 12) }},
	{"l", "a number of octets, of at most 76 digits", func(value string) bool { return isDigits(value, 76) }},
}

// checkForms names the first tag whose value has not the form it must have.
func (s *Signature) checkForms() {
	for _, form := range tagForms {
		if value, ok := s.tags[form.tag]; ok && !form.fits(value) {
			s.rule(DKIMNeutral, "%s is not %s: %q", form.tag, form.want, shorten(value))
			return
		}
	}
}

// isFWS reports whether c is white space that folds (RFC 6376 §2.8).
func isFWS(c rune) bool { return strings.ContainsRune(" \t\r\n", c) }

// unspaced is a text without the white space in it.
func unspaced(text string) string { return strings.Join(strings.FieldsFunc(text, isFWS), "") }

// isUnbroken reports whether a text is there and has no white space in it.
func isUnbroken(text string) bool { return text != "" && !strings.ContainsFunc(text, isFWS) }

// listItems splits a list at its colons, which may have white space around them.
func listItems(value string) []string {
	items := strings.Split(value, ":")
	for i, item := range items {
		items[i] = strings.TrimFunc(item, isFWS)
	}
	return items
}

// isList reports whether all items of a list have a form.
func isList(value string, fits func(string) bool) bool {
	return !slices.ContainsFunc(listItems(value), func(item string) bool { return !fits(item) })
}

func isCanonicalization(value string) bool {
	header, body, both := strings.Cut(value, "/")
	known := []string{"simple", "relaxed"}
	return slices.Contains(known, header) && (!both || slices.Contains(known, body))
}

// isBase64 allows white space anywhere.
func isBase64(value string) bool {
	_, err := base64.StdEncoding.DecodeString(unspaced(value))
	return err == nil
}

// isDomain reports whether a name is made of labels with single dots between them. A
// label may have underscores, which selectors in use have, and other letters than
// those of ASCII (RFC 8616 §5).
func isDomain(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' || strings.ContainsFunc(label, isNoLabel) {
			return false
		}
	}
	return true
}

// isNoLabel reports whether a character cannot be in a label.
func isNoLabel(c rune) bool {
	return c < 0x80 && c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
}

// isIdentity reports whether a value is a domain behind an "@", with or without a local
// part. That is quoted-printable, which may have white space anywhere (§2.11), and has
// an "@" only when it is quoted.
func isIdentity(value string) bool {
	value = unspaced(value)
	at := strings.LastIndexByte(value, '@')
	if at < 0 || !isDomain(value[at+1:]) {
		return false
	}
	local := value[:at]
	quoted := len(local) > 1 && local[0] == '"' && local[at-1] == '"'
	return quoted || !strings.Contains(local, "@")
}

// isDigits reports whether a number has digits only, and not too many.
func isDigits(value string, most int) bool {
	return value != "" && len(value) <= most && !strings.ContainsFunc(value, func(c rune) bool { return c < '0' || c > '9' })
}
