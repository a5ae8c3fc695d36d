package sink

import (
	"fmt"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// unknownWord is the error for a word that is none of those that may stand in
// its place. Its hint is the word that was probably meant, or all of them.
func unknownWord(kind, word string, known []string) error {
	hint := "use one of: " + strings.Join(known, ", ")
	if near := nearest(word, known); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return delivery.Hint(fmt.Errorf("unknown %s %q", kind, word), hint)
}

// nearest returns the known word with the fewest edits to the given one, or
// nothing when all need more than a third of its length.
func nearest(word string, known []string) string {
	best, fewest := "", max(1, len(word)/3)+1
	for _, k := range known {
		if n := edits(strings.ToLower(word), k); n < fewest {
			best, fewest = k, n
		}
	}
	return best
}

// edits counts the octets to insert, remove, replace or swap with their neighbour
// to get from one word to the other; long words are cut.
func edits(a, b string) int {
	const longest = 64
	a, b = a[:min(len(a), longest)], b[:min(len(b), longest)]
	width := len(b) + 1
	d := make([]int, (len(a)+1)*width) // d[i*width+j]: from the first i octets of a to the first j of b
	for k := range d {
		i, j := k/width, k%width
		if i == 0 || j == 0 {
			d[k] = i + j
			continue
		}
		cost := 1
		if a[i-1] == b[j-1] {
			cost = 0
		}
		d[k] = min(d[k-width]+1, d[k-1]+1, d[k-width-1]+cost)
		if i >= 2 && j >= 2 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
			d[k] = min(d[k], d[k-2*width-2]+1)
		}
	}
	return d[len(d)-1]
}
