package message

import (
	htmltemplate "html/template"
	"slices"
)

// ownFunctions returns the functions that templates may call besides the
// built-in ones. None can reach files, the environment, the clock or the
// network. The package document lists them for authors.
func ownFunctions() map[string]any {
	return map[string]any{
		"field": field, "has": has, "default": fallback,
		"upper": upper, "lower": lower, "title": title, "trim": trim, "first": firstWord,
		"truncate": truncate, "replace": replace, "split": split, "join": joinList,
		"contains": contains, "hasPrefix": hasPrefix, "hasSuffix": hasSuffix,
		"plural": plural, "number": formatNumber, "add": add, "sub": sub, "mul": mul, "div": div,
		"date": formatDate,
		"eq":   equal, "ne": notEqual, "lt": less, "le": lessOrEqual, "gt": greater, "ge": greaterOrEqual,
		urlPartFunction: urlPart, urlWholeFunction: urlWhole,
	}
}

// callable returns what a template is executed with: the own functions, and the
// one that prints conditional comments.
func callable(raw []htmltemplate.HTML) map[string]any {
	calls := ownFunctions()
	calls[rawFunction] = func(n int) htmltemplate.HTML {
		if n < 0 || n >= len(raw) {
			return ""
		}
		return raw[n]
	}
	return calls
}

// builtinFunctions are the functions of text/template that templates may call.
// "call" is not among them: no value of a row can be called.
var builtinFunctions = []string{"and", "or", "not", "len", "index", "slice", "print", "printf", "println", "html", "js", "urlquery"}

// totalFunctions work for any arguments, so that a template that calls no other
// cannot fail once its fields are there. printf is not one: it may print a
// million spaces.
var totalFunctions = []string{
	"has", "default", "upper", "lower", "title", "trim", "first", "truncate", "replace", "split", "contains",
	"hasPrefix", "hasSuffix", "eq", "ne", urlPartFunction, urlWholeFunction, rawFunction,
	"and", "or", "not", "print", "println", "html", "js", "urlquery",
}

// functionNames returns the functions an author may call, sorted.
func functionNames() []string {
	names := slices.Clone(builtinFunctions)
	for name := range ownFunctions() {
		if name[0] != '_' {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// isFunction reports whether a template, ours or the author's, may call name.
func isFunction(name string) bool {
	_, own := ownFunctions()[name]
	return own || name == rawFunction || slices.Contains(builtinFunctions, name)
}
