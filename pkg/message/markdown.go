package message

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// markdown turns Markdown in which tokens stand for the actions into HTML with
// the same tokens. It knows tables, strikethrough, task lists and bare links as
// GitHub does. HTML inside it is left as it is: the author is trusted, and row
// values come in later and escaped.
//
// A line of nothing but {{if}}, {{range}}, {{end}} and their like is a block of
// its own, so that it makes no paragraph; around list items and table rows it
// stays between them.
func markdown(source string, t *tokens) (string, error) {
	blocks := &actionBlocks{tokens: t}
	md := goldmark.New(
		goldmark.WithExtensions(extension.GFM),
		goldmark.WithParserOptions(
			parser.WithBlockParsers(util.Prioritized(blocks, 50)),
			parser.WithASTTransformers(util.Prioritized(blocks, 900)),
		),
		goldmark.WithRendererOptions(
			html.WithUnsafe(),
			renderer.WithNodeRenderers(util.Prioritized(blocks, 50)),
		),
	)
	var out bytes.Buffer
	if err := md.Convert([]byte(ownLines(source, t)), &out); err != nil {
		return "", fmt.Errorf("convert Markdown: %w", err)
	}
	return out.String(), nil
}

// blockStart matches what begins a table row, a list item, a heading or a quote.
var blockStart = regexp.MustCompile(`^(\||[-*+] |#{1,6} |[0-9]{1,9}[.)] |> )`)

// ownLines gives structural actions that share a line with the beginning of a
// block, or with the end of a table row, a line of their own.
func ownLines(source string, t *tokens) string {
	var b strings.Builder
	for line := range strings.Lines(source) {
		head, rest := t.leading(line)
		if head == "" || !blockStart.MatchString(rest) {
			head, rest = "", line
		}
		row, tail := t.trailing(strings.TrimRight(rest, " \t\n"))
		if tail == "" || !strings.HasPrefix(row, "|") || !strings.HasSuffix(row, "|") {
			row, tail = rest, ""
		}
		if head != "" {
			b.WriteString(head + "\n")
		}
		b.WriteString(row)
		if tail != "" {
			b.WriteString("\n" + tail + "\n")
		}
	}
	return b.String()
}

// leading cuts a line behind the structural tokens it begins with.
func (t *tokens) leading(line string) (head, rest string) {
	rest = line
	for {
		next := strings.TrimLeft(rest, " \t")
		a := t.at(next)
		if a == nil || a.kind == actionOutput {
			return head, next
		}
		head += next[:t.length()]
		rest = next[t.length():]
	}
}

// trailing cuts a line before the structural tokens it ends with.
func (t *tokens) trailing(line string) (rest, tail string) {
	rest = line
	for {
		next := strings.TrimRight(rest, " \t")
		if len(next) < t.length() {
			return next, tail
		}
		at := len(next) - t.length()
		a := t.at(next[at:])
		if a == nil || a.kind == actionOutput {
			return next, tail
		}
		tail = next[at:] + tail
		rest = next[:at]
	}
}

// at returns the action of the token that text begins with, or nil.
func (t *tokens) at(text string) *action {
	if !strings.HasPrefix(text, t.prefix) {
		return nil
	}
	return t.parse(text)
}
