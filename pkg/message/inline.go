package message

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// ownSheet is the attribute that marks the style sheet of our own document. Its
// rules aim at nothing but the document, so that those that match nothing go.
const ownSheet = "data-own"

// A styled declaration is one that applies to an element, with what decides
// whether it wins (CSS Cascade Level 4, §6).
type styled struct {
	declaration
	specificity [3]int
	rule        int // number of its rule in the document
}

// inlineCSS moves the rules of <style> elements into the style attributes of
// the elements they match, because many mail clients read no style sheets.
//
// What depends on the reader stays in the sheet: at-rules such as @media, rules
// with pseudo-classes, and rules that match nothing here (they may aim at
// elements a client adds). A sheet with a media attribute, or with template
// sections in it, stays whole. A style attribute the author wrote wins over the
// sheet, but for what the sheet calls important.
func inlineCSS(doc *html.Node, t *tokens) {
	var sheets []*html.Node
	var elements []*html.Node
	for n := range doc.Descendants() {
		switch {
		case n.Type != html.ElementNode:
		case n.DataAtom == atom.Style:
			if inlinable(n, t) {
				sheets = append(sheets, n)
			}
		case !isHeadOnly(n):
			elements = append(elements, n)
		}
	}
	parsed := make([][]cssItem, len(sheets))
	styles := map[*html.Node][]styled{}
	rule := 0
	for i, sheet := range sheets {
		parsed[i] = parseSheet(textContent(sheet))
		for _, item := range parsed[i] {
			rule++
			collect(styles, elements, item, rule)
		}
	}
	for _, n := range elements {
		if len(styles[n]) > 0 {
			setStyle(n, styles[n])
		}
	}
	for i, sheet := range sheets {
		keepRest(sheet, parsed[i])
	}
}

// collect notes a rule's declarations for every element it matches.
func collect(styles map[*html.Node][]styled, elements []*html.Node, item cssItem, rule int) {
	for _, s := range item.selectors {
		if s.matcher == nil {
			continue
		}
		for _, n := range elements {
			if !s.matcher.Match(n) {
				continue
			}
			s.matched = true
			for _, d := range item.declarations {
				styles[n] = append(styles[n], styled{d, s.matcher.Specificity(), rule})
			}
		}
	}
}

func inlinable(style *html.Node, t *tokens) bool {
	if media := strings.TrimSpace(strings.ToLower(attribute(style, "media"))); media != "" && media != "all" && media != "screen" {
		return false
	}
	return !t.structural(textContent(style))
}

// isHeadOnly reports whether an element shows nothing, so that styling it is of
// no use.
func isHeadOnly(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Head, atom.Meta, atom.Title, atom.Link, atom.Base, atom.Script, atom.Template:
		return true
	}
	return false
}

// setStyle writes what applies to an element into its style attribute. The order
// settles every conflict: sheet, author's attribute, what the sheet calls
// important. Shorthands and their parts keep the order of the cascade.
func setStyle(n *html.Node, all []styled) {
	slices.SortStableFunc(all, func(a, b styled) int {
		if c := slices.Compare(a.specificity[:], b.specificity[:]); c != 0 {
			return c
		}
		return cmp.Compare(a.rule, b.rule)
	})
	var normal, important []styled
	for _, s := range all {
		if s.important {
			important = append(important, s)
		} else {
			normal = append(normal, s)
		}
	}
	own := strings.TrimRight(strings.TrimSpace(attribute(n, "style")), "; ")
	parts := lastOfEach(slices.DeleteFunc(normal, func(s styled) bool { return sets(own, s.property) }))
	if own != "" {
		parts = append(parts, own)
	}
	parts = append(parts, lastOfEach(important)...)
	setAttribute(n, "style", strings.Join(parts, "; "))
}

// sets reports whether a style attribute gives a value to a property.
func sets(style, property string) bool {
	return slices.ContainsFunc(parseDeclarations(style), func(d declaration) bool { return d.property == property })
}

// lastOfEach keeps, of the declarations of one property, those of the rule that
// comes last. A rule may give a property twice, as a fallback for old clients.
func lastOfEach(all []styled) []string {
	var kept []string
	for i, s := range all {
		overridden := slices.ContainsFunc(all[i+1:], func(later styled) bool {
			return later.property == s.property && later.rule != s.rule
		})
		if !overridden {
			kept = append(kept, s.property+": "+s.value)
		}
	}
	return kept
}

// keepRest leaves in a sheet what was not inlined, and removes an empty sheet.
func keepRest(sheet *html.Node, items []cssItem) {
	var rest []string
	for _, item := range items {
		if item.selectors == nil {
			rest = append(rest, item.text)
			continue
		}
		var unmatched []string
		for _, s := range item.selectors {
			if !s.matched {
				unmatched = append(unmatched, s.text)
			}
		}
		if len(unmatched) > 0 && attribute(sheet, ownSheet) == "" {
			rest = append(rest, strings.Join(unmatched, ", ")+" "+item.text)
		}
	}
	if len(rest) == 0 {
		sheet.Parent.RemoveChild(sheet)
		return
	}
	for child := sheet.FirstChild; child != nil; child = sheet.FirstChild {
		sheet.RemoveChild(child)
	}
	sheet.Attr = slices.DeleteFunc(sheet.Attr, func(a html.Attribute) bool { return a.Key == ownSheet })
	sheet.AppendChild(&html.Node{Type: html.TextNode, Data: "\n" + strings.Join(rest, "\n") + "\n"})
}

func textContent(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Namespace == "" && a.Key == key {
			return a.Val
		}
	}
	return ""
}

func setAttribute(n *html.Node, key, value string) {
	for i, a := range n.Attr {
		if a.Namespace == "" && a.Key == key {
			n.Attr[i].Val = value
			return
		}
	}
	n.Attr = append(n.Attr, html.Attribute{Key: key, Val: value})
}
