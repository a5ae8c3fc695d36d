package message

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// kindActionBlock is the node kind of a line that holds only structural actions.
var kindActionBlock = ast.NewNodeKind("ActionBlock")

// An actionBlock is a line of nothing but structural actions.
type actionBlock struct {
	ast.BaseBlock
	actions []*action
	text    []byte // the tokens as they stood in the source
}

func (n *actionBlock) Kind() ast.NodeKind { return kindActionBlock }

func (n *actionBlock) Dump(source []byte, level int) {
	ast.DumpHelper(n, source, level, map[string]string{"Text": string(n.text)}, nil)
}

// actionBlocks teaches goldmark the action block: it parses it, moves it to
// where it belongs in lists and tables, and renders it.
type actionBlocks struct {
	tokens *tokens
}

func (b *actionBlocks) Trigger() []byte { return []byte{b.tokens.prefix[0]} }

func (b *actionBlocks) Open(_ ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	actions := b.structuralOnly(line)
	if actions == nil || b.betweenRows(actions, pc.LastOpenedBlock().Node, reader.Source()) {
		return nil, parser.NoChildren
	}
	reader.Advance(segment.Len() - 1)
	return &actionBlock{actions: actions, text: bytes.TrimSpace(line)}, parser.NoChildren
}

func (b *actionBlocks) structuralOnly(line []byte) []*action {
	actions := b.tokens.only(string(line))
	for _, a := range actions {
		if a.kind == actionOutput {
			return nil
		}
	}
	return actions
}

// betweenRows reports whether actions stand between the rows of a table: the
// open paragraph has a delimiter row, and they close no section that was opened
// before it.
func (b *actionBlocks) betweenRows(actions []*action, open ast.Node, source []byte) bool {
	if open == nil || !ast.IsParagraph(open) {
		return false
	}
	table, depth := false, 0
	lines := open.Lines()
	for i := range lines.Len() {
		segment := lines.At(i)
		line := segment.Value(source)
		if i > 0 && isDelimiterRow(line) {
			table = true
		}
		depth = depthBehind(depth, b.structuralOnly(line))
	}
	return table && depthBehind(depth, actions) >= 0
}

func isDelimiterRow(line []byte) bool {
	rest := bytes.Trim(line, "-:| \t\n")
	return len(rest) == 0 && bytes.IndexByte(line, '-') >= 0 && bytes.IndexByte(line, '|') >= 0
}

func (b *actionBlocks) Continue(ast.Node, text.Reader, parser.Context) parser.State {
	return parser.Close
}

func (b *actionBlocks) Close(ast.Node, text.Reader, parser.Context) {}

func (b *actionBlocks) CanInterruptParagraph() bool { return true }

func (b *actionBlocks) CanAcceptIndentedLine() bool { return false }

// RegisterFuncs tells goldmark how an action block is rendered: as its tokens.
func (b *actionBlocks) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(kindActionBlock, func(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if n, ok := node.(*actionBlock); ok && entering {
			_, _ = w.Write(n.text) // an error stays in the writer and is returned when it is flushed
			_ = w.WriteByte('\n')
		}
		return ast.WalkSkipChildren, nil
	})
}

// Transform moves actions to where they belong: out of table rows made of
// nothing else, and into the list whose items they enclose.
func (b *actionBlocks) Transform(doc *ast.Document, reader text.Reader, _ parser.Context) {
	var tables []*extast.Table
	var parents []ast.Node
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the function returns no error
		if !entering {
			return ast.WalkContinue, nil
		}
		if table, ok := n.(*extast.Table); ok {
			tables = append(tables, table)
		}
		if hasActionBlock(n) {
			parents = append(parents, n)
		}
		return ast.WalkContinue, nil
	})
	for _, table := range tables {
		b.freeRows(table, reader.Source())
	}
	for _, parent := range parents {
		joinLists(parent)
	}
}

func hasActionBlock(parent ast.Node) bool {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if n.Kind() == kindActionBlock {
			return true
		}
	}
	return false
}

// freeRows replaces every row of a table that holds only structural actions by
// those actions.
func (b *actionBlocks) freeRows(table *extast.Table, source []byte) {
	for row := table.FirstChild(); row != nil; {
		next := row.NextSibling()
		if block := b.rowBlock(row, source); block != nil {
			table.ReplaceChild(table, row, block)
		}
		row = next
	}
}

// rowBlock returns the actions of a row that holds only structural ones.
func (b *actionBlocks) rowBlock(row ast.Node, source []byte) *actionBlock {
	if row.Kind() != extast.KindTableRow {
		return nil
	}
	var line []byte
	for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
		for i := range cell.Lines().Len() {
			segment := cell.Lines().At(i)
			line = append(line, segment.Value(source)...)
		}
	}
	actions := b.structuralOnly(line)
	if actions == nil {
		return nil
	}
	return &actionBlock{actions: actions, text: bytes.TrimSpace(line)}
}

// depthBehind returns how many sections are open behind the actions, or a
// negative number when they close or divide one that was opened earlier.
func depthBehind(depth int, actions []*action) int {
	for _, a := range actions {
		switch {
		case a.opens():
			depth++
		case a.word == "end":
			depth--
		case a.word == "else" && depth == 0:
			return -1
		}
		if depth < 0 {
			return depth
		}
	}
	return depth
}
