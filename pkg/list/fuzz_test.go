package list

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzReader reads anything. What it makes rows of is written as CSV and as JSON
// lines, and reads the same again.
func FuzzReader(f *testing.F) {
	files, err := os.ReadDir(lists)
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(lists, file.Name()))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	for _, seed := range []string{
		"", "\n", "email\r\ra@x.example", "email;n;\na@x.example;\"1\r\n2\";\n", "email,n\n\"a@x.example\"x,\"\n", "\xff\xfee\x00", "\xfe\xff\x00e", "{\"email\":1}\n{", "email\n\"",
		"\x1f\x8b", "email,\"n\"\"m\"\na@x.example,\"\"\"\"\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		opt := Options{MaxField: 1000, MaxRow: 2000, MaxColumns: 20}
		r, err := NewReader(bytes.NewReader(content), opt)
		if err != nil {
			return
		}
		var good []Row
		for last, count := 0, 0; ; count++ {
			row, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return
			}
			if row.Line <= last || row.Number != count+1 || (row.Problem == nil) == row.Address.IsZero() {
				t.Fatalf("row %d of line %d behind line %d: %+v", row.Number, row.Line, last, row)
			}
			last = row.Line
			if row.Problem == nil {
				good = append(good, row)
			}
		}
		compare(t, "JSON lines", good, writeJSON(t, good))
		if columns := r.Columns(); columns != nil {
			compare(t, "CSV", good, writeCSV(t, columns, good))
		}
	})
}

// compare reads a list and wants the given addresses and fields.
func compare(t *testing.T, format string, want []Row, content []byte) {
	t.Helper()
	if len(want) == 0 {
		return
	}
	got, err := readAll(bytes.NewReader(content), Options{})
	if err != nil {
		t.Fatalf("%s: %v\n%q", format, err, content)
	}
	if len(got) != len(want) {
		t.Fatalf("%s: %d rows, want %d\n%q", format, len(got), len(want), content)
	}
	for i, row := range got {
		if row.Address != want[i].Address || row.Suppressed != want[i].Suppressed || !cmp.Equal(row.Fields, want[i].Fields) {
			t.Fatalf("%s: %s\nwant %s", format, show(row), show(want[i]))
		}
	}
}

func writeJSON(t *testing.T, rows []Row) []byte {
	t.Helper()
	var b []byte
	for _, row := range rows {
		line, err := EncodeFields(row.Fields)
		if err != nil {
			t.Fatal(err)
		}
		b = append(append(b, line...), '\n')
	}
	return b
}

// writeCSV writes rows with encoding/csv.
func writeCSV(t *testing.T, columns []string, rows []Row) []byte {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write(columns); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		record := make([]string, len(columns))
		for i, name := range columns {
			record[i], _ = row.Fields[name].(string)
		}
		if err := w.Write(record); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return b.Bytes()
}

// FuzzWhere compiles any expression and asks it one row.
func FuzzWhere(f *testing.F) {
	for _, seed := range []string{
		`country == "DE" && orders > 3`, `orders in 1..5`, `row["first name"] matches "^A"`, `let x = orders; x + 1 > returns`, `any(row, # == 1)`, `not absent`, `orders ** 99 % 3`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, expression string) {
		for _, columns := range [][]string{{"email", "country", "orders", "returns", "first name"}, nil} {
			filter, err := newFilter(expression, columns)
			if err != nil {
				continue
			}
			_, _ = filter.match(map[string]any{"email": "a@x.example", "country": "DE", "orders": "5", "returns": "", "first name": "Anna"})
		}
	})
}
