package list

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// duplicatesOf runs rows through a Duplicates that keeps few of them in memory.
func duplicatesOf(t rapid.TB, dir string, memory int, rows []Row) []Duplicate {
	t.Helper()
	d := NewDuplicates(dir, memory)
	for _, row := range rows {
		if err := d.Add(row); err != nil {
			t.Fatal(err)
		}
	}
	var found []Duplicate
	err := d.Each(func(dup Duplicate) error {
		found = append(found, dup)
		return nil
	})
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Fatalf("left behind: %v, %v", left, err)
	}
	return found
}

// expected is the same with maps.
func expected(rows []Row) []Duplicate {
	byKey, byFold := map[string]Row{}, map[string]Row{}
	var found []Duplicate
	for _, row := range rows {
		if row.Address.IsZero() {
			continue
		}
		key := row.Address.Key()
		first, again := byKey[key]
		kind := KindRepeated
		switch fold, seen := byFold[strings.ToLower(key)]; {
		case again && !cmp.Equal(first.Fields, row.Fields):
			kind = KindDuplicate
		case again:
		case seen:
			first, again, kind = fold, true, KindCase
		default:
			byFold[strings.ToLower(key)] = row
		}
		if _, known := byKey[key]; !known {
			byKey[key] = row
		}
		if again {
			found = append(found, Duplicate{row.Number, row.Line, first.Number, first.Line, kind})
		}
	}
	return found
}

func TestDuplicatesAgainstMap(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		people := rapid.IntRange(1, 60).Draw(t, "people")
		n := rapid.IntRange(0, 100).Draw(t, "rows")
		rows := make([]Row, n)
		for i := range rows {
			local := fmt.Sprint("p", rapid.IntRange(1, people).Draw(t, "person"))
			if rapid.IntRange(0, 9).Draw(t, "upper") == 0 {
				local = strings.ToUpper(local)
			}
			rows[i] = Row{
				Number: i + 1, Line: 2*i + 2,
				Address: delivery.Address{Local: local, Domain: "a.example"},
				Fields:  map[string]any{"name": local, "n": int64(rapid.IntRange(0, 3).Draw(t, "n") / 3)},
			}
		}
		memory := rapid.SampledFrom([]int{1, 2, 3, 10, 1000}).Draw(t, "memory")
		got, want := duplicatesOf(t, dir, memory, rows), expected(rows)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

// rowsOf makes rows of addresses, each with its number as line and one field.
func rowsOf(t *testing.T, lines ...string) []Row {
	t.Helper()
	rows := make([]Row, len(lines))
	for i, line := range lines {
		text, name, _ := strings.Cut(line, " ")
		address, err := delivery.ParseAddress(text)
		if err != nil {
			t.Fatal(err)
		}
		rows[i] = Row{Number: i + 1, Line: i + 2, Address: address, Fields: map[string]any{"email": text, "name": name}, email: "email"}
	}
	return rows
}

func TestDuplicates(t *testing.T) {
	rows := rowsOf(t,
		"anna@a.example Anna", // row 1, line 2
		"bert@a.example Bert",
		"anna@A.example Anna",  // the domain's case means nothing
		"Anna@a.example Anna",  // the local part's may
		"anna@a.example Other", // another field
		"ANNA@a.example x",
		"Anna@a.example Anna",
		"info@bücher.example x",
		"info@xn--bcher-kva.example x",
	)
	want := []Duplicate{
		{3, 4, 1, 2, KindRepeated},
		{4, 5, 1, 2, KindCase},
		{5, 6, 1, 2, KindDuplicate},
		{6, 7, 1, 2, KindCase},
		{7, 8, 4, 5, KindRepeated},
		{9, 10, 8, 9, KindRepeated},
	}
	for _, memory := range []int{0, 1, 2, 5} {
		if diff := cmp.Diff(want, duplicatesOf(t, t.TempDir(), memory, rows)); diff != "" {
			t.Errorf("%d rows in memory: %s", memory, diff)
		}
	}
}

func TestDuplicatesProblem(t *testing.T) {
	for kind, want := range map[ProblemKind]string{
		KindRepeated:  `c.csv:9: the row repeats line 3`,
		KindDuplicate: `c.csv:9: the address was on line 3 already, with other fields`,
		KindCase:      `c.csv:9: the address differs only in letter case from the one on line 3`,
	} {
		p := Duplicate{Row: 8, Line: 9, FirstRow: 2, FirstLine: 3, Kind: kind}.Problem("c.csv")
		if p.Error() != want || p.Kind != kind || p.First != 3 || p.Line != 9 {
			t.Errorf("%+v\n%v", *p, p)
		}
		if kind.Harmless() == (kind == KindDuplicate) {
			t.Errorf("%s: harmless %v", kind, kind.Harmless())
		}
	}
}

// TestDuplicatesMergeOfMerges keeps one row in memory, so that runs of runs are
// merged.
func TestDuplicatesMergeOfMerges(t *testing.T) {
	rows := make([]Row, 0, 2*fanIn*fanIn+10)
	for i := range cap(rows) {
		address := delivery.Address{Local: fmt.Sprint("p", i%(cap(rows)-3)), Domain: "a.example"}
		rows = append(rows, Row{Number: i + 1, Line: i + 2, Address: address})
	}
	want := expected(rows)
	if got := duplicatesOf(t, t.TempDir(), 1, rows); len(got) != 3 || !cmp.Equal(want, got) {
		t.Fatal(cmp.Diff(want, got))
	}
}

func TestDuplicatesFail(t *testing.T) {
	t.Run("no folder", func(t *testing.T) {
		d := NewDuplicates(t.TempDir()+"/none", 1)
		rows := rowsOf(t, "a@a.example x", "b@a.example x")
		err := errors.Join(d.Add(rows[0]), d.Add(rows[1]))
		if !errors.Is(err, os.ErrNotExist) || len(delivery.Hints(err)) == 0 {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("a field that is no JSON", func(t *testing.T) {
		row := rowsOf(t, "a@a.example x")[0]
		row.Fields["x"] = make(chan int)
		if err := NewDuplicates(t.TempDir(), 0).Add(row); !errors.Is(err, ErrFields) {
			t.Fatal(err)
		}
	})
	t.Run("the file is gone", func(t *testing.T) {
		d := NewDuplicates(t.TempDir(), 1)
		rows := rowsOf(t, "a@a.example x", "a@a.example x", "a@a.example x")
		if err := errors.Join(d.Add(rows[0]), d.Add(rows[1])); err != nil {
			t.Fatal(err)
		}
		if err := d.rows.file.Close(); err != nil {
			t.Fatal(err)
		}
		if err := d.Add(rows[2]); !errors.Is(err, os.ErrClosed) || len(delivery.Hints(err)) == 0 {
			t.Error(err)
		}
		if err := d.Each(func(Duplicate) error { return nil }); !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
		if err := d.Close(); !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
	})
	t.Run("the caller stops", func(t *testing.T) {
		d := NewDuplicates(t.TempDir(), 2)
		for _, row := range rowsOf(t, "a@a.example x", "a@a.example x", "a@a.example x", "a@a.example x") {
			if err := d.Add(row); err != nil {
				t.Fatal(err)
			}
		}
		stop, calls := errors.New("stop"), 0
		err := d.Each(func(Duplicate) error { calls++; return stop })
		if !errors.Is(err, stop) || calls != 1 {
			t.Fatalf("%v after %d calls", err, calls)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestDuplicatesFileIsPrivate(t *testing.T) {
	s := &sorter{dir: t.TempDir(), limit: 1}
	for i := range uint64(3) {
		if err := s.add(entry{i}); err != nil {
			t.Fatal(err)
		}
	}
	info, err := s.file.Stat()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
}

func TestDuplicatesSkipsRowsWithoutAddress(t *testing.T) {
	rows := []Row{{Number: 1, Line: 2, Problem: &Problem{}}, {Number: 2, Line: 3, Problem: &Problem{}}}
	if got := duplicatesOf(t, t.TempDir(), 0, rows); len(got) != 0 {
		t.Fatal(got)
	}
}
