package message

import (
	"strings"

	"github.com/andybalholm/cascadia"
	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

// A cssItem is one statement of a style sheet: a rule with selectors, or
// anything else kept word for word (at-rules, and rules we cannot read).
type cssItem struct {
	text         string // as it was written; for a rule, the block with its braces
	selectors    []*cssSelector
	declarations []declaration
}

// A cssSelector is one selector of a rule's list.
type cssSelector struct {
	text    string
	matcher cascadia.Sel // nil when it is not to be inlined
	matched bool         // an element had it
}

// A declaration is one "property: value" of a rule.
type declaration struct {
	property  string // lower-case
	value     string // without "!important"
	important bool
}

// parseSheet reads a style sheet (CSS Syntax Level 3, §5). It never fails: what
// it cannot read it keeps as it is.
func parseSheet(source string) []cssItem {
	p := &cssParser{lexer: css.NewLexer(parse.NewInputString(source))}
	var items []cssItem
	for p.advance() {
		switch p.kind {
		case css.WhitespaceToken, css.CommentToken, css.CDOToken, css.CDCToken, css.SemicolonToken:
		case css.AtKeywordToken:
			items = append(items, cssItem{text: p.atRule()})
		default:
			items = append(items, p.rule())
		}
	}
	return items
}

type cssParser struct {
	lexer *css.Lexer
	kind  css.TokenType
	text  string
}

// advance reads the next token; false at the end of the sheet.
func (p *cssParser) advance() bool {
	kind, data := p.lexer.Next()
	p.kind, p.text = kind, string(data)
	return kind != css.ErrorToken
}

// atRule reads an at-rule to its semicolon or the end of its block.
func (p *cssParser) atRule() string {
	var b strings.Builder
	depth := 0
	for ok := true; ok; ok = p.advance() {
		b.WriteString(p.text)
		switch p.kind {
		case css.SemicolonToken:
			if depth == 0 {
				return b.String()
			}
		case css.LeftBraceToken:
			depth++
		case css.RightBraceToken:
			if depth--; depth <= 0 {
				return b.String()
			}
		}
	}
	return b.String()
}

// rule reads a qualified rule: selectors and a block.
func (p *cssParser) rule() cssItem {
	var prelude, block strings.Builder
	for ok := true; ok && p.kind != css.LeftBraceToken; ok = p.advance() {
		if p.kind != css.CommentToken {
			prelude.WriteString(p.text)
		}
	}
	depth := 0
	for ok := p.kind == css.LeftBraceToken; ok; ok = p.advance() {
		if p.kind != css.CommentToken {
			block.WriteString(p.text)
		}
		if p.kind == css.LeftBraceToken {
			depth++
		}
		if p.kind == css.RightBraceToken {
			if depth--; depth == 0 {
				break
			}
		}
	}
	item := cssItem{text: block.String()}
	inner := strings.TrimSuffix(strings.TrimPrefix(item.text, "{"), "}")
	if strings.Contains(inner, "{") { // nested rules stay as they are
		item.text = strings.TrimSpace(prelude.String()) + " " + item.text
		return item
	}
	item.selectors = parseSelectors(prelude.String())
	item.declarations = parseDeclarations(inner)
	return item
}

// parseSelectors reads a selector list. Selectors with pseudo-classes and
// pseudo-elements depend on what happens in the reader's mail client, or on how
// often a section is repeated: they are not matched here.
func parseSelectors(list string) []*cssSelector {
	var selectors []*cssSelector
	for _, text := range splitTop(list, css.CommaToken) {
		s := &cssSelector{text: strings.TrimSpace(text)}
		if s.text == "" {
			continue
		}
		if !strings.Contains(s.text, ":") {
			if matcher, err := cascadia.Parse(s.text); err == nil {
				s.matcher = matcher
			}
		}
		selectors = append(selectors, s)
	}
	return selectors
}

// parseDeclarations reads the inside of a block.
func parseDeclarations(block string) []declaration {
	var declarations []declaration
	for _, text := range splitTop(block, css.SemicolonToken) {
		property, value, ok := strings.Cut(text, ":")
		property = strings.ToLower(strings.TrimSpace(property))
		value = strings.TrimSpace(value)
		if !ok || property == "" || value == "" {
			continue
		}
		d := declaration{property: property, value: value}
		if bang := strings.LastIndexByte(value, '!'); bang >= 0 && strings.EqualFold(strings.TrimSpace(value[bang+1:]), "important") {
			d.value, d.important = strings.TrimSpace(value[:bang]), true
		}
		declarations = append(declarations, d)
	}
	return declarations
}

// splitTop cuts text at every separator that stands outside brackets.
func splitTop(text string, separator css.TokenType) []string {
	var parts []string
	var b strings.Builder
	lexer := css.NewLexer(parse.NewInputString(text))
	depth := 0
	for {
		kind, data := lexer.Next()
		switch kind {
		case css.ErrorToken:
			return append(parts, b.String())
		case css.FunctionToken, css.LeftParenthesisToken, css.LeftBracketToken:
			depth++
		case css.RightParenthesisToken, css.RightBracketToken:
			depth--
		case css.CommentToken:
			continue
		}
		if kind == separator && depth <= 0 {
			parts = append(parts, b.String())
			b.Reset()
			continue
		}
		b.Write(data)
	}
}
