package delivery

import (
	"strings"
	"unicode/utf8"
)

// Nearest returns the name most like the given one, without regard to case, or
// "" when none is close enough to be a slip of the hand. It is what a [Hint]
// about an unknown name proposes.
func Nearest(name string, names []string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	length := utf8.RuneCountInString(name)
	best, found := length/2+1, ""
	for _, candidate := range names {
		if utf8.RuneCountInString(candidate) > 2*length+2 {
			continue
		}
		if d := editDistance(name, strings.ToLower(candidate)); d < best {
			best, found = d, candidate
		}
	}
	return found
}

// editDistance counts the letters to insert, remove or replace to turn a into b
// (Levenshtein), keeping one row of the table.
func editDistance(a, b string) int {
	to := []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range []rune(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range to {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(row[j+1]+1, row[j]+1, cost)
		}
	}
	return row[len(to)]
}
