package list

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mailctl/mailctl/pkg/delivery"
)

func TestParseOrder(t *testing.T) {
	columns := []string{"email", "Last open", "orders", "orders desc", "Name", "name"}
	for text, want := range map[string]Order{
		"":                {},
		"orders":          {Column: "orders"},
		" ORDERS  DESC ":  {Column: "orders", Descending: true},
		"orders asc":      {Column: "orders"},
		"last open desc":  {Column: "Last open", Descending: true},
		"orders desc asc": {Column: "orders desc"},
		"name\tdesc":      {Column: "name", Descending: true},
	} {
		got, err := ParseOrder(text, columns)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for text, hint := range map[string]string{
		"order":     `did you mean "orders"?`,
		"NAME":      `"Name" and "name" differ only in letter case`,
		"desc":      "there are: email",
		"first ASC": "there are: email",
	} {
		_, err := ParseOrder(text, columns)
		if !errors.Is(err, ErrUnknownColumn) || !strings.Contains(strings.Join(delivery.Hints(err), " "), hint) {
			t.Errorf("%q: %v, hint %q", text, err, strings.Join(delivery.Hints(err), " "))
		}
	}
	if got, err := ParseOrder("anything desc", nil); err != nil || got != (Order{"anything", true}) {
		t.Errorf("JSON lines: %+v, %v", got, err)
	}
}

func FuzzParseOrder(f *testing.F) {
	for _, text := range []string{"", "orders", "last open desc", "x asc asc", "desc", " desc asc", "a\tdesc"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, err := ParseOrder(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ParseOrder(o.String(), nil); err != nil || again != o {
			t.Errorf("%q is %+v, written %q, which is %+v, %v", text, o, o, again, err)
		}
	})
}

// ranked returns values in an order; those of equal rank keep their places.
func ranked(t rapid.TB, dir string, o Order, memory int, values []any) []any {
	t.Helper()
	r := NewRanking(o, dir, memory)
	for i, v := range values {
		row := Row{Number: i + 1, Fields: map[string]any{"v": v}}
		if v == "missing" {
			row.Fields = nil
		}
		if err := r.Add(row); err != nil {
			t.Fatal(err)
		}
	}
	sorted := []any{}
	for row, err := range r.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		sorted = append(sorted, values[row-1])
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Fatalf("left behind: %v, %v", left, err)
	}
	return sorted
}

func TestRanking(t *testing.T) {
	long := strings.Repeat("x", 8*textWords)
	for name, tc := range map[string]struct{ values, up, down []any }{
		"numbers": {
			[]any{"10", "9", "-1", " 9.5", "0", "-0", "1e3", "-200"},
			[]any{"-200", "-1", "0", "-0", "9", " 9.5", "10", "1e3"},
			[]any{"1e3", "10", " 9.5", "9", "0", "-0", "-1", "-200"},
		},
		"large integers": {
			[]any{"9007199254740993", "9007199254740992", "-9223372036854775808", int64(9007199254740994), 1e300},
			[]any{"-9223372036854775808", "9007199254740992", "9007199254740993", int64(9007199254740994), 1e300},
			[]any{1e300, int64(9007199254740994), "9007199254740993", "9007199254740992", "-9223372036854775808"},
		},
		"dates": {
			[]any{"2026-11-22", "2025-12-31", "2026-11-22T10:00:00Z", "2026-02-01"},
			[]any{"2025-12-31", "2026-02-01", "2026-11-22", "2026-11-22T10:00:00Z"},
			[]any{"2026-11-22T10:00:00Z", "2026-11-22", "2026-02-01", "2025-12-31"},
		},
		"empty values come last": {
			[]any{"", "b", nil, "2", " ", "missing", "a", []any{}, true, false},
			[]any{"2", "a", "b", false, true, "", nil, " ", "missing", []any{}},
			[]any{true, false, "b", "a", "2", "", nil, " ", "missing", []any{}},
		},
		"long texts": {
			[]any{long + "b", long + "a", long, "x"},
			[]any{"x", long + "b", long + "a", long},
			[]any{long + "b", long + "a", long, "x"},
		},
	} {
		if diff := cmp.Diff(tc.up, ranked(t, t.TempDir(), Order{Column: "v"}, 0, tc.values)); diff != "" {
			t.Errorf("%s, ascending: %s", name, diff)
		}
		if diff := cmp.Diff(tc.down, ranked(t, t.TempDir(), Order{"v", true}, 3, tc.values)); diff != "" {
			t.Errorf("%s, descending: %s", name, diff)
		}
	}
}

// TestRankingAgainstSort compares a Ranking that keeps little in memory with a
// stable sort.
func TestRankingAgainstSort(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.SliceOfN(rapid.Int64Range(-50, 50), 0, 300).Draw(t, "numbers")
		values := make([]any, len(numbers))
		places := make([]int, len(numbers))
		for i, n := range numbers {
			values[i], places[i] = strconv.FormatInt(n, 10), i
		}
		down := rapid.Bool().Draw(t, "descending")
		slices.SortStableFunc(places, func(a, b int) int {
			if down {
				a, b = b, a
			}
			return int(numbers[a] - numbers[b])
		})
		want := []any{}
		for _, i := range places {
			want = append(want, values[i])
		}
		if diff := cmp.Diff(want, ranked(t, dir, Order{"v", down}, rapid.IntRange(1, 20).Draw(t, "memory"), values)); diff != "" {
			t.Fatal(diff)
		}
	})
}
