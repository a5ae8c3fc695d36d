package warmup

import (
	"cmp"
	"slices"
)

// divide divides a whole number into parts by weight, so that the parts add up to
// the whole. Every part is its exact share rounded down; what is left over goes to
// the parts that lost most by that (the method of the largest remainder). Of equal
// claims the smaller weight comes first, then the earlier one.
//
// Weights must not be negative; total and weights are at most [MaxTotal]. When
// all weights are zero, so are all parts.
func divide(total int, weights []int) []int {
	parts := make([]int, len(weights))
	sum := 0
	for _, w := range weights {
		sum += w
	}
	if sum == 0 {
		return parts
	}
	left, order := total, make([]int, len(weights))
	for i, w := range weights {
		parts[i], order[i] = total*w/sum, i
		left -= parts[i]
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Or(cmp.Compare(total*weights[j]%sum, total*weights[i]%sum), cmp.Compare(weights[i], weights[j]))
	})
	for _, i := range order[:left] {
		parts[i]++
	}
	return parts
}

// apportion divides like [divide], but by the method of Webster (Sainte-Laguë):
// every part is its exact share, rounded. It is monotone, which the other is not:
// no part shrinks when the whole grows. So the parts of a growing whole can be
// handed out bit by bit.
func apportion(total int, weights []int) []int {
	parts := make([]int, len(weights))
	sum := 0
	for _, w := range weights {
		sum += w
	}
	if sum == 0 {
		return parts
	}
	left := total
	for i, w := range weights {
		// The exact share rounded to the nearest, halves down.
		whole, rest := total*w/sum, total*w%sum
		if 2*rest > sum {
			whole++
		}
		parts[i] = whole
		left -= whole
	}
	for ; left > 0; left-- {
		parts[nextClaim(parts, weights)]++
	}
	for ; left < 0; left++ {
		parts[lastClaim(parts, weights)]--
	}
	return parts
}

// nextClaim returns the part that gets the next unit.
func nextClaim(parts, weights []int) int {
	best := -1
	for i, w := range weights {
		if w > 0 && (best < 0 || precedes(weights, i, parts[i], best, parts[best])) {
			best = i
		}
	}
	return best
}

// lastClaim returns the part that got its last unit after all others.
func lastClaim(parts, weights []int) int {
	worst := -1
	for i := range weights {
		if parts[i] > 0 && (worst < 0 || precedes(weights, worst, parts[worst]-1, i, parts[i]-1)) {
			worst = i
		}
	}
	return worst
}

// precedes reports whether part i, which has m units, gets another one before
// part j, which has n. Claims are the weights divided by 2m+1.
func precedes(weights []int, i, m, j, n int) bool {
	a, b := weights[i]*(2*n+1), weights[j]*(2*m+1)
	switch {
	case a != b:
		return a > b
	case weights[i] != weights[j]:
		return weights[i] < weights[j]
	default:
		return i < j
	}
}
