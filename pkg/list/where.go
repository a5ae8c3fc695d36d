package list

import (
	"errors"
	"fmt"
	"slices"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Bounds of an expression: the nodes it may have, and the values it may make
// while one row is asked.
const (
	maxNodes     = 10_000
	memoryBudget = 100_000
)

// rowName is what the expression calls the row as a whole: row["first name"].
const rowName = "row"

// A filter is a compiled [Options.Where].
type filter struct {
	program *vm.Program
	machine vm.VM
	names   []string       // what the expression uses
	values  map[string]any // their values; used again for every row
}

// newFilter compiles an expression over the given columns; without any, every
// name is taken for a field that rows may have.
func newFilter(expression string, columns []string) (*filter, error) {
	known := map[string]any{rowName: map[string]any{}}
	for _, column := range columns {
		if column != rowName {
			known[column] = ""
		}
	}
	found := &names{}
	options := []expr.Option{
		expr.Env(known), expr.AsBool(), expr.MaxNodes(maxNodes),
		expr.DisableBuiltin("now"), // the same list and expression choose the same rows at any time
		expr.Patch(found), expr.Patch(rewriter{}), expr.Patch(truthRewriter{}),
	}
	if columns == nil {
		options = append(options, expr.AllowUndefinedVariables())
	} else {
		options = append(options, expr.WarnOnAny()) // a column is text, so that a bool shows before the first row
	}
	program, err := expr.Compile(expression, append(options, functions()...)...)
	if unknown := found.check(columns); unknown != nil {
		return nil, fmt.Errorf("%w: %w", ErrWhere, unknown)
	}
	if err != nil {
		return nil, whereError(err)
	}
	return &filter{
		program: program,
		machine: vm.VM{MemoryBudget: memoryBudget},
		names:   found.used(),
		values:  make(map[string]any),
	}, nil
}

// match reports whether a row satisfies the expression.
func (f *filter) match(fields map[string]any) (bool, error) {
	for _, name := range f.names {
		f.values[name] = fields[name]
		if name == rowName {
			f.values[name] = fields
		}
	}
	answer, err := f.machine.Run(f.program, f.values)
	if err != nil {
		return false, fmt.Errorf("the expression has no answer: %w", cause(err))
	}
	wanted, err := truth(answer)
	if err != nil {
		return false, fmt.Errorf("the expression has no answer: %w", err)
	}
	return wanted, nil
}

// whereError is a mistake in the expression, on one line.
func whereError(err error) error {
	const hint = `it must be true or false for a row, like: country == "DE" && orders > 3`
	if at, ok := errors.AsType[*file.Error](err); ok {
		err = fmt.Errorf("%s at column %d", at.Message, at.Column+1)
		if at.Line > 1 {
			err = fmt.Errorf("%w of line %d", err, at.Line)
		}
	}
	return delivery.Hint(fmt.Errorf("%w: %w", ErrWhere, err), hint)
}

// cause takes the position in the expression off an error, which is the same for
// every row.
func cause(err error) error {
	at, ok := errors.AsType[*file.Error](err)
	if !ok {
		return err
	}
	if at.Prev != nil {
		return at.Prev
	}
	return errors.New(at.Message)
}

// names collects what an expression refers to.
type names struct {
	identifiers []string // read as values
	members     []string // row["…"]
	called      []string // called as functions
	declared    []string // made by let
}

// Visit notes one node; nodes inside it were visited before.
func (n *names) Visit(node *ast.Node) {
	switch v := (*node).(type) {
	case *ast.IdentifierNode:
		n.identifiers = append(n.identifiers, v.Value)
	case *ast.VariableDeclaratorNode:
		n.declared = append(n.declared, v.Name)
	case *ast.CallNode:
		if callee, ok := v.Callee.(*ast.IdentifierNode); ok {
			n.called = append(n.called, callee.Value)
		}
	case *ast.MemberNode:
		object, isName := v.Node.(*ast.IdentifierNode)
		member, isText := v.Property.(*ast.StringNode)
		if isName && isText && object.Value == rowName {
			n.members = append(n.members, member.Value)
		}
	}
}

// used returns the names whose values the expression needs.
func (n *names) used() []string {
	used := slices.DeleteFunc(slices.Clone(n.identifiers), func(name string) bool {
		return slices.Contains(n.declared, name)
	})
	slices.Sort(used)
	return slices.Compact(used)
}

// check returns an error for the first name that means nothing.
func (n *names) check(columns []string) error {
	for _, name := range n.called {
		if !slices.Contains(columns, name) {
			return fmt.Errorf("no such function: %q", name)
		}
	}
	if len(n.called) > 0 {
		return fmt.Errorf("%q is a column here and hides the function of that name", n.called[0])
	}
	if columns == nil {
		return nil
	}
	for _, name := range slices.Concat(n.used(), n.members) {
		if name == rowName || slices.Contains(columns, name) {
			continue
		}
		hint := "there are: " + enumerate(columns)
		if near := delivery.Nearest(name, columns); near != "" {
			hint = fmt.Sprintf("did you mean %q? %s", near, hint)
		}
		return delivery.Hint(fmt.Errorf("%w: %q", ErrUnknownColumn, name), hint)
	}
	return nil
}
