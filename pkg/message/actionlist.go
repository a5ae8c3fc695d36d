package message

import (
	"github.com/yuin/goldmark/ast"
)

// joinLists puts the sections between list items into the list. Markdown reads
//
//	{{range .items}}
//	- {{.}}
//	{{end}}
//
// as a list between two actions, so that every round would make a list of its
// own; what is meant is one list with the range inside it.
func joinLists(parent ast.Node) {
	for n := parent.FirstChild(); n != nil; {
		run, next := listRun(n)
		if len(run) > 1 && worthJoining(run) {
			mergeRun(parent, run)
		}
		n = next
	}
}

// listRun collects the longest run of siblings from n that are lists of one
// kind and whole sections holding nothing but such lists. next is where to go
// on looking.
func listRun(n ast.Node) (run []ast.Node, next ast.Node) {
	var marker byte
	var pending []ast.Node
	depth := 0
	for next = n; next != nil; next = next.NextSibling() {
		switch node := next.(type) {
		case *ast.List:
			if marker != 0 && node.Marker != marker {
				return run, advance(n, next, run)
			}
			marker = node.Marker
		case *actionBlock:
			depth = depthBehind(depth, node.actions)
		default:
			depth = -1
		}
		if depth < 0 {
			return run, advance(n, next, run)
		}
		pending = append(pending, next)
		if depth == 0 {
			run = append(run, pending...)
			pending = nil
		}
	}
	return run, advance(n, nil, run)
}

// advance returns where the search goes on: behind the run, or one node further
// when there was none.
func advance(start, stop ast.Node, run []ast.Node) ast.Node {
	if len(run) == 0 {
		return start.NextSibling()
	}
	last := run[len(run)-1].NextSibling()
	if last == nil {
		return stop
	}
	return last
}

// worthJoining reports whether a run is more than one list with a condition
// around it: that one keeps its actions outside, so that no empty list is left.
func worthJoining(run []ast.Node) bool {
	lists, outside := 0, false
	depth := 0
	for _, n := range run {
		switch node := n.(type) {
		case *ast.List:
			lists++
			outside = outside || depth == 0
		case *actionBlock:
			for _, a := range node.actions {
				if a.word == "range" && depth == 0 {
					outside = true
				}
				depth = depthBehind(depth, []*action{a})
			}
		}
	}
	return lists > 0 && outside
}

// mergeRun moves everything in the run into its first list, in order.
func mergeRun(parent ast.Node, run []ast.Node) {
	var list *ast.List
	for _, n := range run {
		if l, ok := n.(*ast.List); ok {
			list = l
			break
		}
	}
	before := list.FirstChild()
	seen := false
	for _, n := range run {
		switch {
		case n == ast.Node(list):
			seen = true
		case n.Kind() == kindActionBlock:
			parent.RemoveChild(parent, n)
			place(list, n, before, seen)
		default:
			other, _ := n.(*ast.List)
			list.IsTight = list.IsTight && other.IsTight
			for item := other.FirstChild(); item != nil; {
				next := item.NextSibling()
				other.RemoveChild(other, item)
				list.AppendChild(list, item)
				item = next
			}
			parent.RemoveChild(parent, n)
		}
	}
}

// place puts an action into a list: at its end, or before its first own item
// when the action stood before the list.
func place(list *ast.List, n, first ast.Node, behind bool) {
	if behind {
		list.AppendChild(list, n)
		return
	}
	list.InsertBefore(list, first, n)
}
