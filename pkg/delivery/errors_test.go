package delivery

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHints(t *testing.T) {
	cause := errors.New("cause")
	inner := Hint(cause, "inner")
	outer := Hint(fmt.Errorf("outer: %w", inner), "outer")
	if outer.Error() != "outer: cause" || !errors.Is(outer, cause) {
		t.Errorf("a hint changes its error: %v", outer)
	}
	tests := []struct {
		name string
		err  error
		want []string
	}{
		{"nil", nil, nil},
		{"none", cause, nil},
		{"one", inner, []string{"inner"}},
		{"outermost first", outer, []string{"outer", "inner"}},
		{"joined", errors.Join(outer, Hint(cause, "other")), []string{"outer", "inner", "other"}},
		{"two of one", fmt.Errorf("%w, %w", inner, inner), []string{"inner"}},
		{"behind a hint", Hint(errors.Join(inner, cause), "front"), []string{"front", "inner"}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, Hints(test.err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	if Hint(nil, "x") != nil {
		t.Error("a hint makes an error of nil")
	}
	if Hint(cause, "") != cause { //nolint:errorlint // the very same error
		t.Error("an empty hint is attached")
	}
}
