package message

import (
	_ "embed" // the document around a Markdown message
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
)

var (
	//go:embed document.html
	documentHTML string
	//go:embed document.css
	documentCSS string
)

// defaultLang is the language of a Markdown message whose front matter does not
// say another.
const defaultLang = "en"

// languageTag matches the tags of RFC 5646 that matter here.
var languageTag = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)

// wrap puts the HTML of a Markdown message into a document of our own: one
// column, at most 600 pixels wide, in the reader's own font and, where the client
// can, dark colours. Everything but the dark colours is inlined later.
func wrap(content, lang, title string) (string, error) {
	if lang == "" {
		lang = defaultLang
	}
	if !languageTag.MatchString(lang) {
		return "", fmt.Errorf("%w: lang %q is no language tag such as \"en\" or \"pt-BR\"", ErrFrontMatter, shorten(lang))
	}
	direction, style := "", documentCSS
	if rightToLeft(lang) {
		direction, style = ` dir="rtl"`, mirrored.Replace(style)
	}
	return strings.NewReplacer(
		"{lang}", lang,
		"{dir}", direction,
		"{title}", html.EscapeString(title),
		"{style}", style,
		"{content}", content,
	).Replace(documentHTML), nil
}

// rightToLeft reports whether a language is written so: by its script where the tag
// names one (RFC 5646 §2.2.3), else by the one it is usually written in.
func rightToLeft(lang string) bool {
	subtags := strings.Split(strings.ToLower(lang), "-")
	for _, subtag := range subtags[1:] {
		if len(subtag) == len("arab") && subtag[0] >= 'a' {
			return slices.Contains([]string{"adlm", "arab", "hebr", "nkoo", "rohg", "syrc", "thaa"}, subtag)
		}
	}
	return slices.Contains([]string{"ar", "arc", "ckb", "dv", "fa", "he", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"}, subtags[0])
}

// mirrored turns the sides of our style sheet round. Mail programs know left and right
// better than start and end.
var mirrored = strings.NewReplacer(
	"padding-left:", "padding-right:", "border-left:", "border-right:", "text-align: left", "text-align: right",
	"0 0 0 14px", "0 14px 0 0", "6px 18px 6px 0", "6px 0 6px 18px",
)

// documentStart matches what only whole documents have.
var documentStart = regexp.MustCompile(`(?i)<(!doctype|html|head|body)[\s>]`)

// whole makes a document of an HTML fragment, so that what it begins with, also
// an action, stands in the body.
func whole(source string) string {
	if documentStart.MatchString(source) {
		return source
	}
	return "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n</head>\n<body>\n" + source + "</body></html>"
}
