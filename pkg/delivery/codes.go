package delivery

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
)

// A CodeInfo describes a basic code (RFC 5321 §4.2) or an enhanced one (RFC 3463).
type CodeInfo struct {
	Code    string // "550", or "X.1.1" for 2.1.1, 4.1.1 and 5.1.1
	Reason  Reason // what it says when nothing else does; empty when it says nothing
	Meaning string
	Ref     string // where it is defined
}

// Codes returns every basic and every enumerated enhanced code, in their order.
func Codes() []CodeInfo {
	t := classifyTables()
	var codes []CodeInfo
	for _, code := range slices.Sorted(maps.Keys(t.basic)) {
		row := t.basic[code]
		codes = append(codes, CodeInfo{strconv.Itoa(code), row.Reason, row.Meaning, row.Ref})
	}
	for _, code := range slices.SortedFunc(maps.Keys(t.enhanced), func(a, b EnhancedCode) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Detail, b.Detail))
	}) {
		row := t.enhanced[code]
		codes = append(codes, CodeInfo{"X" + (EnhancedCode{9, code.Subject, code.Detail}).String()[1:], row.Reason, row.Meaning, row.Ref})
	}
	return codes
}
