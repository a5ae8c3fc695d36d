package message

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"text/template/parse"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A use is a place where a template names a column.
type use struct {
	column string
	offset int // into the source the tree was parsed from
}

// trees is a parsed template with those it defines, and what is known about them
// without executing them.
type trees struct {
	all   map[string]*parse.Tree
	uses  []use
	exact bool // it cannot fail once the columns it uses are there
	rows  map[string]bool
	calls []string // functions it calls that nobody knows
}

// parseTrees parses template source and fills in the row where functions need it.
func parseTrees(name, source string) (*trees, error) {
	t := &trees{all: map[string]*parse.Tree{}, exact: true, rows: map[string]bool{name: true}}
	tree := parse.New(name)
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(source, "", "", t.all); err != nil {
		return nil, err
	}
	if t.all[name] == nil { // nothing but definitions and white space
		tree.Root = &parse.ListNode{NodeType: parse.NodeList}
		t.all[name] = tree
	}
	t.inspect()
	return t, nil
}

// inspect walks all trees. Templates that are handed the row are walked after
// the one that calls them, so that their dot is known.
func (t *trees) inspect() {
	walked := map[string]bool{}
	for again := true; again; {
		again = false
		for _, name := range slices.Sorted(maps.Keys(t.all)) {
			if t.rows[name] && !walked[name] {
				walked[name] = true
				again = true
				t.list(t.all[name].Root, true, true)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.all)) {
		if !walked[name] {
			t.list(t.all[name].Root, false, false)
		}
	}
}

// list walks nodes. dot and root say whether . and $ are the row.
func (t *trees) list(list *parse.ListNode, dot, root bool) {
	if list == nil {
		return
	}
	for _, n := range list.Nodes {
		t.node(n, dot, root)
	}
}

func (t *trees) node(n parse.Node, dot, root bool) {
	switch n := n.(type) {
	case *parse.ActionNode:
		t.pipe(n.Pipe, dot, root)
	case *parse.IfNode:
		t.pipe(n.Pipe, dot, root)
		t.list(n.List, dot, root)
		t.list(n.ElseList, dot, root)
	case *parse.WithNode:
		t.pipe(n.Pipe, dot, root)
		t.list(n.List, false, root)
		t.list(n.ElseList, dot, root)
	case *parse.RangeNode:
		t.exact = false
		t.pipe(n.Pipe, dot, root)
		t.list(n.List, false, root)
		t.list(n.ElseList, dot, root)
	case *parse.TemplateNode:
		t.include(n, dot, root)
	}
}

// include notes that another template is executed, and whether it gets the row.
func (t *trees) include(n *parse.TemplateNode, dot, root bool) {
	t.pipe(n.Pipe, dot, root)
	handsRow := n.Pipe != nil && len(n.Pipe.Cmds) == 1 && len(n.Pipe.Cmds[0].Args) == 1 && isRow(n.Pipe.Cmds[0].Args[0], dot, root)
	if handsRow && t.all[n.Name] != nil {
		t.rows[n.Name] = true
		return
	}
	t.exact = false
}

func isRow(n parse.Node, dot, root bool) bool {
	switch n := n.(type) {
	case *parse.DotNode:
		return dot
	case *parse.VariableNode:
		return root && len(n.Ident) == 1 && n.Ident[0] == "$"
	}
	return false
}

func (t *trees) pipe(p *parse.PipeNode, dot, root bool) {
	if p == nil {
		return
	}
	for _, c := range p.Cmds {
		t.command(c, dot, root)
	}
}

func (t *trees) command(c *parse.CommandNode, dot, root bool) {
	if f, ok := c.Args[0].(*parse.IdentifierNode); ok {
		t.call(f, c, root)
	} else if len(c.Args) > 1 {
		t.exact = false // something that is no function is given arguments
	}
	for i, argument := range c.Args {
		if f, ok := argument.(*parse.IdentifierNode); !ok {
			t.argument(argument, dot, root)
		} else if i > 0 { // a function without arguments of its own
			t.exact = false
			t.known(f)
		}
	}
}

// known notes a function nobody knows.
func (t *trees) known(f *parse.IdentifierNode) {
	if !isFunction(f.Ident) {
		t.calls = append(t.calls, f.Ident)
	}
}

// call inspects a function call. field and has are given the row.
func (t *trees) call(f *parse.IdentifierNode, c *parse.CommandNode, root bool) {
	t.known(f)
	if f.Ident != "field" && f.Ident != "has" {
		t.exact = t.exact && slices.Contains(totalFunctions, f.Ident)
		return
	}
	column := ""
	if len(c.Args) == 2 {
		if s, ok := c.Args[1].(*parse.StringNode); ok {
			column = s.Text
		}
	}
	if len(c.Args) <= 2 {
		row := &parse.VariableNode{NodeType: parse.NodeVariable, Pos: f.Pos, Ident: []string{"$"}}
		c.Args = slices.Insert(c.Args, 1, parse.Node(row))
	}
	if f.Ident == "has" {
		return
	}
	if root && column != "" {
		t.uses = append(t.uses, use{column, int(f.Pos)})
		return
	}
	t.exact = false
}

func (t *trees) argument(n parse.Node, dot, root bool) {
	switch n := n.(type) {
	case *parse.FieldNode:
		t.field(n.Ident, int(n.Pos), dot)
	case *parse.VariableNode:
		if len(n.Ident) > 1 {
			t.field(n.Ident[1:], int(n.Pos), root && n.Ident[0] == "$")
		}
	case *parse.ChainNode:
		t.exact = false
		t.argument(n.Node, dot, root)
	case *parse.PipeNode:
		t.pipe(n, dot, root)
	}
}

// field notes a chain of names behind a dot; ofRow says that the first is a
// column.
func (t *trees) field(names []string, offset int, ofRow bool) {
	if !ofRow || len(names) > 1 {
		t.exact = false
	}
	if ofRow {
		t.uses = append(t.uses, use{names[0], offset})
	}
}

// unknownFunction returns an error for the first function nobody knows.
func (t *trees) unknownFunction() error {
	if len(t.calls) == 0 {
		return nil
	}
	name := t.calls[0]
	err := fmt.Errorf("%w: there is no function %s", ErrTemplate, strconv.Quote(name))
	if near := nearest(name, functionNames()); near != "" {
		return delivery.Hint(err, "did you mean "+near+"?")
	}
	return delivery.Hint(err, `columns are written with a dot, {{.name}}; one with a space in it is {{field "First name"}}`)
}
