package list

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// inputOf returns an input that sees a text through a buffer of few octets.
func inputOf(text string, buffer int) *input {
	in := newInput(strings.NewReader(text))
	in.buf = in.buf[:buffer]
	return in
}

// scanAll prints all records of a text, seen through a buffer of few octets.
func scanAll(t rapid.TB, text string, buffer int) []string {
	t.Helper()
	s := scanner{in: inputOf(text, buffer), delimiter: ',', opt: Options{}.withDefaults()}
	var records []string
	for {
		rec, err := s.next()
		if errors.Is(err, io.EOF) {
			return append(records, fmt.Sprintf("end on line %d", s.in.line))
		}
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, fmt.Sprintf("%d-%d %q %v", rec.line, rec.last, rec.fields(), rec.err))
	}
}

// TestScannerInPieces holds records that are cut by the ends of the buffer
// against records that are not.
func TestScannerInPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("aé,,\"\"\"\r\n\n"))).Draw(t, "text")
		whole := scanAll(t, text, 64<<10)
		for buffer := 1; buffer <= 3; buffer++ {
			if diff := cmp.Diff(whole, scanAll(t, text, buffer)); diff != "" {
				t.Fatalf("with %d octets: %s", buffer, diff)
			}
		}
	})
}

// TestScannerAgainstStandardLibrary reads what encoding/csv has written.
func TestScannerAgainstStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		field := rapid.StringOf(rapid.SampledFrom([]rune("abé, \"\n;")))
		var text strings.Builder
		w := csv.NewWriter(&text)
		w.UseCRLF = rapid.Bool().Draw(t, "CRLF")
		var want [][]string
		for range rapid.IntRange(0, 5).Draw(t, "rows") {
			row := rapid.SliceOfN(field, 1, 4).Draw(t, "row")
			if err := w.Write(row); err != nil {
				t.Fatal(err)
			}
			if strings.TrimSpace(strings.Join(row, "")) != "" {
				want = append(want, row)
			}
		}
		w.Flush()
		s := scanner{in: inputOf(text.String(), 7), delimiter: ',', opt: Options{}.withDefaults()}
		var got [][]string
		for {
			rec, err := s.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || rec.err != nil {
				t.Fatal(err, rec.err)
			}
			fields := rec.fields()
			for i := range fields { // with UseCRLF, encoding/csv writes a quoted LF as CRLF
				fields[i] = strings.ReplaceAll(fields[i], "\r\n", "\n")
			}
			got = append(got, fields)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q: %s", text.String(), diff)
		}
	})
}

// TestJSONLinesInPieces is TestScannerInPieces for JSON lines.
func TestJSONLinesInPieces(t *testing.T) {
	scan := func(text string, buffer int) (lines []string) {
		j := jsonLines{in: inputOf(text, buffer), opt: Options{MaxRow: 10}.withDefaults()}
		for {
			line := j.in.line
			complete, err := j.readLine()
			if err != nil {
				return append(lines, err.Error())
			}
			lines = append(lines, fmt.Sprint(line, complete))
			if complete {
				lines = append(lines, string(j.line))
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("aaaaaaaa\r\n"))).Draw(t, "text")
		for buffer := 1; buffer <= 3; buffer++ {
			if diff := cmp.Diff(scan(text, 64<<10), scan(text, buffer)); diff != "" {
				t.Fatalf("with %d octets: %s", buffer, diff)
			}
		}
	})
}

// TestScannerForgets holds the memory that a row beyond the bounds leaves behind
// against the bounds.
func TestScannerForgets(t *testing.T) {
	for name, text := range map[string]io.Reader{
		"a quote that never closes": io.MultiReader(strings.NewReader(`a,"`), &endless{text: "bc\n", left: 8 << 20}),
		"a field without end":       io.MultiReader(strings.NewReader(`a,`), &endless{text: "bc", left: 8 << 20}),
		"fields without end":        &endless{text: "a,", left: 8 << 20},
		"broken quotes without end": &endless{text: `"a"b,`, left: 8 << 20},
	} {
		s := scanner{in: newInput(text), delimiter: ',', opt: Options{MaxField: 1000, MaxRow: 2000, MaxColumns: 10}.withDefaults()}
		rec, err := s.next()
		if err != nil || rec.err == nil {
			t.Fatalf("%s: %v, %v", name, err, rec)
		}
		if cap(rec.text) > 10_000 || cap(rec.ends) > 100 {
			t.Errorf("%s: keeps %d octets and %d fields", name, cap(rec.text), cap(rec.ends))
		}
		if _, err := s.next(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// endless repeats a text, up to a number of octets.
type endless struct {
	text string
	left int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := 0
	for n+len(e.text) <= len(p) {
		n += copy(p[n:], e.text)
	}
	e.left -= n
	return n, nil
}
