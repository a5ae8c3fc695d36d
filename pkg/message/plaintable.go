package message

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// table adds a table of data in columns. A table that only arranges the page is
// read from cell to cell.
func (w *plainWriter) table(n *html.Node) {
	if !isData(n) {
		w.around(n, codeLine, codeLine)
		return
	}
	w.caption(n)
	w.out.static(string(codeTable))
	w.rows(n)
	w.out.static(string(codeTableEnd))
}

func (w *plainWriter) caption(table *html.Node) {
	for c := table.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == atom.Caption {
			w.around(c, codeParagraph, codeParagraph)
		}
	}
}

// rows adds the rows below a node, with the sections between them.
func (w *plainWriter) rows(parent *html.Node) {
	for n := parent.FirstChild; n != nil; n = n.NextSibling {
		switch {
		case n.Type == html.TextNode, n.DataAtom == atom.Caption:
		case n.Type == html.CommentNode:
			w.node(n)
		case isHidden(n):
			w.skip(n)
		case n.DataAtom == atom.Td, n.DataAtom == atom.Th:
			w.sections(n)
			w.cell(n)
		case n.DataAtom == atom.Tr:
			w.sections(n)
			w.out.static(string(codeRow))
			w.rows(n)
			if isHeadRow(n) {
				w.out.static(string(codeHeadRowsEnd))
			}
		default:
			w.sections(n)
			w.rows(n)
		}
	}
}

func (w *plainWriter) cell(n *html.Node) {
	style := strings.ReplaceAll(attribute(n, "style"), " ", "")
	if attribute(n, "align") == "right" || strings.Contains(style, "text-align:right") {
		w.out.static(string(codeCellRight))
	} else {
		w.out.static(string(codeCell))
	}
	w.children(n)
}

// isHeadRow reports whether a row stands in the table's head, or is its first
// one and made of header cells.
func isHeadRow(row *html.Node) bool {
	if row.Parent != nil && row.Parent.DataAtom == atom.Thead {
		return true
	}
	for p := row.PrevSibling; p != nil; p = p.PrevSibling {
		if p.DataAtom == atom.Tr {
			return false
		}
	}
	cells := 0
	for c := row.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == atom.Td {
			return false
		}
		if c.DataAtom == atom.Th {
			cells++
		}
	}
	return cells > 0 && (row.Parent == nil || row.Parent.PrevSibling == nil)
}

// isData reports whether a table holds data: it has a row of more than one cell,
// and no cell holds more than running text. Mails use most tables for layout.
func isData(table *html.Node) bool {
	if attribute(table, "role") == "presentation" || attribute(table, "role") == "none" {
		return false
	}
	columns := false
	for n := range table.Descendants() {
		switch n.DataAtom {
		case atom.Table, atom.P, atom.Div, atom.Ul, atom.Ol, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6,
			atom.Pre, atom.Blockquote, atom.Img, atom.Hr:
			return false
		case atom.Td, atom.Th:
			columns = columns || hasCellBefore(n)
		}
	}
	return columns
}

func hasCellBefore(cell *html.Node) bool {
	for p := cell.PrevSibling; p != nil; p = p.PrevSibling {
		if p.DataAtom == atom.Td || p.DataAtom == atom.Th {
			return true
		}
	}
	return false
}
