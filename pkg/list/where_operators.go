package list

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm/runtime"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A role is what an operator does, as far as it matters to text.
type role int

const (
	equality   role = iota // text that is no number equals none
	order                  // nothing is before or behind what is empty
	arithmetic             // both sides must be numbers
	membership             // the right side is a list of values to equal
)

// An operator is one of the expression language's with values of a list in mind.
type operator struct {
	role   role
	result reflect.Type
	apply  func(a, b any) any
}

// operators returns those that [rewriter] rewrites.
func operators() map[string]operator {
	truth, value := reflect.TypeFor[bool](), reflect.TypeFor[any]()
	return map[string]operator{
		"==": {equality, truth, func(a, b any) any { return runtime.Equal(a, b) }},
		"!=": {equality, truth, func(a, b any) any { return !runtime.Equal(a, b) }},
		"<":  {order, truth, func(a, b any) any { return runtime.Less(a, b) }},
		"<=": {order, truth, func(a, b any) any { return runtime.LessOrEqual(a, b) }},
		">":  {order, truth, func(a, b any) any { return runtime.More(a, b) }},
		">=": {order, truth, func(a, b any) any { return runtime.MoreOrEqual(a, b) }},
		"+":  {arithmetic, value, runtime.Add},
		"-":  {arithmetic, value, runtime.Subtract},
		"*":  {arithmetic, value, runtime.Multiply},
		"/":  {arithmetic, value, func(a, b any) any { return runtime.Divide(a, b) }},
		"%":  {arithmetic, value, func(a, b any) any { return runtime.Modulo(a, b) }},
		"**": {arithmetic, value, func(a, b any) any { return runtime.Exponent(a, b) }},
		"^":  {arithmetic, value, func(a, b any) any { return runtime.Exponent(a, b) }},
		"in": {membership, truth, nil},
	}
}

// takes reports whether the operator should be rewritten for this right side.
func (o operator) takes(right ast.Node) bool {
	if o.role != membership {
		return mayBeField(right)
	}
	kind := right.Type().Kind()
	return kind == reflect.Slice || kind == reflect.Array || kind == reflect.Interface
}

// call applies the operator. Columns says that both sides are columns as they
// stand.
func (o operator) call(a, b any, columns bool) (any, error) {
	if o.role == membership {
		return contains(b, a)
	}
	if o.role == order && (a == nil || b == nil) {
		return false, nil
	}
	x, y, stray := reconcile(a, b, columns)
	switch {
	case stray == nil:
		return o.apply(x, y), nil
	case o.role == equality:
		return o.apply(a, b), nil
	case o.role == order && strings.TrimSpace(*stray) == "":
		return false, nil
	}
	return nil, delivery.Hint(fmt.Errorf("%q is not a number", shorten(*stray)),
		"numbers look like 3, -3 or 3.5; correct the row, or leave such rows out in the expression")
}

// reconcile makes a number of text that stands beside one. Two columns become
// numbers together when both look like plain ones. Stray is the text that should
// have been a number and is none.
func reconcile(a, b any, columns bool) (x, y any, stray *string) {
	left, leftIsText := a.(string)
	right, rightIsText := b.(string)
	switch {
	case leftIsText && rightIsText && columns:
		m, mok := plainNumber(left)
		n, nok := plainNumber(right)
		if mok && nok {
			return m, n, nil
		}
	case leftIsText && !rightIsText && b != nil:
		n, ok := number(left)
		if !ok {
			return nil, nil, &left
		}
		return n, b, nil
	case rightIsText && !leftIsText && a != nil:
		n, ok := number(right)
		if !ok {
			return nil, nil, &right
		}
		return a, n, nil
	}
	return a, b, nil
}

// number reads text as a decimal number: an int64 when it is one, else a float64.
func number(text string) (any, bool) {
	text = strings.TrimSpace(text)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	if strings.Trim(text, "0123456789.+-eE") != "" { // "inf", "0x1p4", "1_000"
		return nil, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

// plainNumber is number for text that cannot be a code of digits, such as a
// postal code or a telephone number: no sign but a minus, no leading zeros, no
// exponent, and an integer only when it is exact.
func plainNumber(text string) (any, bool) {
	digits := strings.TrimPrefix(text, "-")
	whole, fraction, decimal := strings.Cut(digits, ".")
	if whole == "" || len(whole) > 1 && whole[0] == '0' || strings.Trim(whole+fraction, "0123456789") != "" {
		return nil, false
	}
	n, ok := number(text)
	if _, exact := n.(int64); !exact && !decimal {
		return nil, false
	}
	return n, ok
}

// contains reports whether a list holds a value, compared as == compares. In
// anything but a list it is up to the expression language.
func contains(list, value any) (any, error) {
	values := reflect.ValueOf(list)
	if kind := values.Kind(); kind != reflect.Slice && kind != reflect.Array {
		return runtime.In(value, list), nil
	}
	for i := range values.Len() {
		element := values.Index(i).Interface()
		if x, y, stray := reconcile(value, element, false); stray == nil && runtime.Equal(x, y) {
			return true, nil
		}
	}
	return false, nil
}

// truthName is the function that reads nil as false. Like the names of the other
// functions it cannot be written in an expression.
const truthName = "true or false"

// functionName is the name of the function that does an operator's work.
func functionName(operator string, columns bool) string {
	if columns {
		return "column " + operator + " column"
	}
	return "text " + operator
}

// functions returns the functions that rewritten expressions call.
func functions() []expr.Option {
	options := []expr.Option{expr.Function(truthName, func(values ...any) (any, error) {
		return truth(values[0])
	}, new(func(any) bool))}
	for symbol, o := range operators() {
		var signature any = new(func(any, any) bool)
		if o.role == arithmetic {
			signature = new(func(any, any) any)
		}
		for _, columns := range []bool{false, true} {
			options = append(options, expr.Function(functionName(symbol, columns), func(values ...any) (any, error) {
				return o.call(values[0], values[1], columns)
			}, signature))
		}
	}
	return options
}

// truth returns a bool as it is, and nil, of a field that is missing, as false.
func truth(value any) (bool, error) {
	switch v := value.(type) {
	case nil:
		return false, nil
	case bool:
		return v, nil
	default:
		return false, fmt.Errorf("%q is neither true nor false", shorten(fmt.Sprint(v)))
	}
}
