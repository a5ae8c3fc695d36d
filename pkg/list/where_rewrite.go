package list

import (
	"reflect"
	"slices"
	"time"

	"github.com/expr-lang/expr/ast"
)

// A rewriter turns an operator between columns and numbers into a call of the
// function that does what is meant in a list, where every value is text. What
// the expression language itself does right stays: numbers beside numbers, and
// text beside a quoted text or a function's.
type rewriter struct{}

// Visit rewrites one node; nodes inside it were visited before.
func (rewriter) Visit(node *ast.Node) {
	binary, ok := (*node).(*ast.BinaryNode)
	if !ok {
		return
	}
	o, ok := operators()[binary.Operator]
	if !ok || !mayBeField(binary.Left) || !o.takes(binary.Right) {
		return
	}
	columns := isField(binary.Left) && isField(binary.Right)
	if !columns && isText(binary.Left) && isText(binary.Right) {
		return
	}
	if isNumber(binary.Left) && isNumber(binary.Right) {
		return
	}
	call := &ast.CallNode{
		Callee:    &ast.IdentifierNode{Value: functionName(binary.Operator, columns)},
		Arguments: []ast.Node{binary.Left, binary.Right},
	}
	call.SetType(o.result)
	ast.Patch(node, call)
}

// A truthRewriter makes a field that is missing false where true or false is
// wanted.
type truthRewriter struct{}

// Visit rewrites one node; nodes inside it were visited before.
func (truthRewriter) Visit(node *ast.Node) {
	switch v := (*node).(type) {
	case *ast.UnaryNode:
		if v.Operator == "!" || v.Operator == "not" {
			asTruth(&v.Node)
		}
	case *ast.ConditionalNode:
		asTruth(&v.Cond)
	case *ast.BinaryNode:
		if slices.Contains([]string{"&&", "and", "||", "or"}, v.Operator) {
			asTruth(&v.Left)
			asTruth(&v.Right)
		}
	}
}

// asTruth wraps a value of which nothing is known in a call of truth.
func asTruth(node *ast.Node) {
	if (*node).Type().Kind() == reflect.Interface {
		call := &ast.CallNode{Callee: &ast.IdentifierNode{Value: truthName}, Arguments: []ast.Node{*node}}
		call.SetType(reflect.TypeFor[bool]())
		ast.Patch(node, call)
	}
}

// isField reports whether a node is a column or a part of one, as it stands.
func isField(node ast.Node) bool {
	switch node.(type) {
	case *ast.IdentifierNode, *ast.MemberNode, *ast.ChainNode, *ast.PointerNode:
		return true
	}
	return false
}

// mayBeField reports whether a node may be text or a number when a row is asked.
func mayBeField(node ast.Node) bool {
	return isText(node) || isNumber(node) || node.Type().Kind() == reflect.Interface
}

func isText(node ast.Node) bool { return node.Type().Kind() == reflect.String }

func isNumber(node ast.Node) bool {
	kind := node.Type().Kind()
	return reflect.Int <= kind && kind <= reflect.Float64 && kind != reflect.Uintptr &&
		node.Type() != reflect.TypeFor[time.Duration]()
}
