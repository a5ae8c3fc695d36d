package send

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLine lets nobody overtake, whoever is done first.
func TestLine(t *testing.T) {
	var l line
	var got []int
	for want := 1; want <= 6; want++ {
		if place := l.place(); place != want {
			t.Fatalf("place %d, want %d", place, want)
		}
	}
	for _, step := range []struct {
		place int
		want  []int
	}{
		{3, nil},
		{1, []int{1}},
		{5, []int{1}},
		{2, []int{1, 2, 3}},
		{4, []int{1, 2, 3, 4, 5}},
		{6, []int{1, 2, 3, 4, 5, 6}},
	} {
		l.done(step.place, func() { got = append(got, step.place) })
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("after place %d: %s", step.place, diff)
		}
	}
	if len(l.early) != 0 {
		t.Errorf("%d are still waited for", len(l.early))
	}
}
