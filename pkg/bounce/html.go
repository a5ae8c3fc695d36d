package bounce

import (
	"strings"

	"golang.org/x/net/html"
)

// looksLikeHTML reports whether text that calls itself plain is a page.
func looksLikeHTML(text string) bool {
	start := strings.ToLower(text[:min(len(text), 500)])
	return strings.Contains(start, "<html") || strings.Contains(start, "<!doctype html")
}

// blocks are the elements that begin a line.
var blocks = map[string]bool{
	"p": true, "div": true, "br": true, "tr": true, "table": true, "li": true, "ul": true, "ol": true, "hr": true, "pre": true,
	"h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "td": true, "th": true, "blockquote": true,
}

// plainText returns the text of a page, a line for each block.
func plainText(page string) string {
	var b strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(page))
	hidden, pre := "", false
	for {
		switch kind := tokens.Next(); kind {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if hidden != "" {
				continue
			}
			text := string(tokens.Text())
			if !pre {
				text = spaces.Replace(text)
			}
			b.WriteString(text)
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			raw, _ := tokens.TagName()
			name := string(raw)
			if name == "style" || name == "script" || name == "title" {
				hidden = ""
				if kind == html.StartTagToken {
					hidden = name
				}
			}
			if name == "pre" {
				pre = kind == html.StartTagToken
			}
			switch {
			case blocks[name]:
				b.WriteByte('\n')
			case addressTag(name) && kind == html.StartTagToken:
				b.WriteString("<" + name + ">")
			}
		}
	}
}

// spaces turns line ends, which mean nothing outside pre, into spaces.
var spaces = strings.NewReplacer("\n", " ", "\t", " ")

// addressTag reports whether a tag is an address that nobody escaped.
func addressTag(name string) bool { return strings.Contains(name, "@") }
