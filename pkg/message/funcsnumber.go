package message

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// A decimal number prints without an exponent: 1000000, not 1e+06.
type number float64

func (n number) String() string { return strconv.FormatFloat(float64(n), 'f', -1, 64) }

var (
	errNotNumber  = errors.New("not a number")
	errDivision   = errors.New("division by zero")
	errComparison = errors.New("cannot be compared")
)

// toNumber returns a value as a number: numbers, and text that looks like one.
func toNumber(value any) (number, error) {
	n, ok := numeric(value)
	if !ok {
		n, ok = parseNumber(textOf(value))
	}
	if !ok {
		return 0, fmt.Errorf("%q: %w", shorten(textOf(value)), errNotNumber)
	}
	return n, nil
}

// numeric returns a value that is a number already.
func numeric(value any) (number, bool) {
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid():
		return 0, false
	case v.CanInt():
		return number(v.Int()), true
	case v.CanUint():
		return number(v.Uint()), true
	case v.CanFloat():
		return number(v.Float()), true
	}
	return 0, false
}

// parseNumber reads a decimal number as people write it in lists.
func parseNumber(s string) (number, bool) {
	s = strings.TrimSpace(s)
	if s == "" || strings.Trim(s, "+-.0123456789eE") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) {
		return 0, false
	}
	return number(f), true
}

// formatNumber prints a number with a fixed number of decimals and its thousands
// apart: {{number 2 .amount}} is 1,234.50. Between the two may stand the signs to
// use for thousands and decimals: {{number 2 ".," .amount}} is 1.234,50.
func formatNumber(decimals int, arguments ...any) (string, error) {
	group, point := ",", "."
	switch len(arguments) {
	case 1:
	case 2:
		signs := []rune(textOf(arguments[0]))
		if len(signs) != 2 {
			return "", fmt.Errorf("number: %q: want two signs, such as \".,\"", textOf(arguments[0]))
		}
		group, point = string(signs[0]), string(signs[1])
	default:
		return "", errors.New("number: want decimals, signs if you like, and a value")
	}
	n, err := toNumber(arguments[len(arguments)-1])
	if err != nil {
		return "", fmt.Errorf("number %w", err)
	}
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(float64(n), 'f', min(max(decimals, 0), 20), 64), ".")
	whole = groupThousands(whole, group)
	if fraction != "" {
		whole += point + fraction
	}
	return whole, nil
}

func groupThousands(digits, sign string) string {
	start := 0
	if strings.HasPrefix(digits, "-") {
		start = 1
	}
	for i := len(digits) - 3; i > start; i -= 3 {
		digits = digits[:i] + sign + digits[i:]
	}
	return digits
}

// plural returns one when count is 1, and many otherwise.
func plural(count, one, many any) (string, error) {
	n, err := toNumber(count)
	if err != nil {
		return "", fmt.Errorf("plural %w", err)
	}
	if n == 1 {
		return textOf(one), nil
	}
	return textOf(many), nil
}

func add(a, b any) (number, error) {
	return calculate("add", a, b, func(x, y number) (number, error) { return x + y, nil })
}

func sub(a, b any) (number, error) {
	return calculate("sub", a, b, func(x, y number) (number, error) { return x - y, nil })
}

func mul(a, b any) (number, error) {
	return calculate("mul", a, b, func(x, y number) (number, error) { return x * y, nil })
}

func div(a, b any) (number, error) {
	return calculate("div", a, b, func(x, y number) (number, error) {
		if y == 0 {
			return 0, errDivision
		}
		return x / y, nil
	})
}

func calculate(name string, a, b any, operation func(x, y number) (number, error)) (number, error) {
	x, err := toNumber(a)
	if err != nil {
		return 0, fmt.Errorf("%s %w", name, err)
	}
	y, err := toNumber(b)
	if err != nil {
		return 0, fmt.Errorf("%s %w", name, err)
	}
	n, err := operation(x, y)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return n, nil
}
