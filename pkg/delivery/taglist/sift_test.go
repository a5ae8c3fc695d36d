package taglist

import (
	"slices"
	"strconv"
	"testing"
)

func TestSift(t *testing.T) {
	records, others := Sift([]string{"3", "a", "1", "b"}, strconv.Atoi)
	if !slices.Equal(records, []int{3, 1}) || !slices.Equal(others, []int{0, 0}) {
		t.Errorf("%v and %v", records, others)
	}
}
