package arch

import (
	"go/ast"
	"go/token"
	"path"
	"strconv"
	"strings"
)

// A ban says what no file but a test may use.
type ban struct {
	pkg   string // import path
	names string // of the functions and variables, path.Match pattern
	in    string // packages that it binds, pattern as in arrows; "*" for all
	but   string // packages that it spares, or ""
	why   string
}

var bans = []ban{
	{pkg: "os", names: "Exit", in: "*", but: "cmd", why: "only main ends the process"},
	{pkg: "log", names: "Fatal*", in: "*", but: "cmd", why: "only main ends the process"},
	{pkg: "time", names: "Sleep", in: "*", why: "waiting is a select on a timer and the context"},
	{pkg: "fmt", names: "Print*", in: "pkg", why: "the core returns data"},
	{pkg: "os", names: "Std*", in: "pkg", why: "the core returns data"},
	{pkg: "os", names: "Getenv", in: "pkg", why: "the environment is handed in"},
	{pkg: "os", names: "LookupEnv", in: "pkg", why: "the environment is handed in"},
	{pkg: "os", names: "Environ", in: "pkg", why: "the environment is handed in"},
	{pkg: "time", names: "Now", in: "pkg", why: "the clock is handed in"},
	{pkg: "time", names: "Since", in: "pkg", why: "the clock is handed in"},
	{pkg: "time", names: "Until", in: "pkg", why: "the clock is handed in"},
}

// A finding is one thing that a file may not do.
type finding struct {
	pos  token.Pos
	what string
}

// judgeCode finds what a file that is no test may not do. The clock may be named
// as the default of a parameter and read for a deadline, which the kernel keeps:
// only other calls of it are found.
func judgeCode(from string, file *ast.File) []finding {
	imported := importNames(file)
	deadline := map[ast.Node]bool{}
	value := map[ast.Node]bool{}
	var found []finding
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				found = append(found, finding{n.Pos(), "func init: nothing happens behind the caller's back"})
			}
		case *ast.CallExpr:
			markDeadline(n, deadline)
		case *ast.AssignStmt:
			mark(n.Rhs, value)
		case *ast.KeyValueExpr:
			mark([]ast.Expr{n.Value}, value)
		case *ast.ReturnStmt:
			mark(n.Results, value)
		case *ast.SelectorExpr:
			name, ok := n.X.(*ast.Ident)
			clock := deadline[n] || (value[n] && n.Sel.Name == "Now")
			if ok && !clock {
				found = append(found, judgeName(from, n, imported[name.Name])...)
			}
		}
		return true
	})
	return found
}

// judgeName holds one name of another package against the bans.
func judgeName(from string, n *ast.SelectorExpr, pkg string) []finding {
	for _, b := range bans {
		if b.pkg != pkg || !within(from, b.in) || (b.but != "" && within(from, b.but)) {
			continue
		}
		if ok, _ := path.Match(b.names, n.Sel.Name); ok {
			return []finding{{n.Pos(), pkg + "." + n.Sel.Name + ": " + b.why}}
		}
	}
	return nil
}

// markDeadline marks all that stands inside the argument of a call that sets a deadline.
func markDeadline(call *ast.CallExpr, marked map[ast.Node]bool) {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !strings.HasPrefix(method.Sel.Name, "Set") || !strings.HasSuffix(method.Sel.Name, "Deadline") {
		return
	}
	for _, arg := range call.Args {
		ast.Inspect(arg, func(n ast.Node) bool {
			marked[n] = true
			return true
		})
	}
}

func mark(nodes []ast.Expr, marked map[ast.Node]bool) {
	for _, n := range nodes {
		marked[n] = true
	}
}

// importNames maps the names under which a file knows packages to their paths.
func importNames(file *ast.File) map[string]string {
	names := map[string]string{}
	for _, spec := range file.Imports {
		to, _ := strconv.Unquote(spec.Path.Value)
		name := path.Base(to)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = to
	}
	return names
}
