package message

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
)

// equal reports whether a equals one of the others. A column of a list is text,
// so that text that looks like a number equals that number: {{if eq .orders 3}}.
// Two texts are equal only when every character is.
func equal(a any, others ...any) bool {
	for _, b := range others {
		if equalTo(a, b) {
			return true
		}
	}
	return false
}

func notEqual(a, b any) bool { return !equalTo(a, b) }

func equalTo(a, b any) bool {
	_, aNumber := numeric(a)
	_, bNumber := numeric(b)
	if aNumber || bNumber {
		x, errX := toNumber(a)
		y, errY := toNumber(b)
		return errX == nil && errY == nil && x == y
	}
	if x, ok := a.(bool); ok {
		if y, ok := b.(bool); ok {
			return x == y
		}
	}
	return textOf(a) == textOf(b)
}

func less(a, b any) (bool, error) {
	c, err := compare("lt", a, b)
	return c < 0 && err == nil, err
}

func lessOrEqual(a, b any) (bool, error) {
	c, err := compare("le", a, b)
	return c <= 0 && err == nil, err
}

func greater(a, b any) (bool, error) {
	c, err := compare("gt", a, b)
	return c > 0 && err == nil, err
}

func greaterOrEqual(a, b any) (bool, error) {
	c, err := compare("ge", a, b)
	return c >= 0 && err == nil, err
}

// compare orders two values: as numbers when both look like one, else as text,
// so that dates written year first compare as dates. An empty text is less than
// every number.
func compare(name string, a, b any) (int, error) {
	x, errX := toNumber(a)
	y, errY := toNumber(b)
	switch {
	case errX == nil && errY == nil:
		return cmp.Compare(x, y), nil
	case isScalar(a) && isScalar(b) && (!isNumber(a) && !isNumber(b) || textOf(a) == "" || textOf(b) == ""):
		return strings.Compare(textOf(a), textOf(b)), nil
	}
	return 0, fmt.Errorf("%s: %q and %q %w", name, shorten(textOf(a)), shorten(textOf(b)), errComparison)
}

func isNumber(value any) bool {
	_, ok := numeric(value)
	return ok
}

func isScalar(value any) bool {
	v := reflect.ValueOf(value)
	return !v.IsValid() || v.Kind() == reflect.String || v.Kind() == reflect.Bool || isNumber(value)
}
