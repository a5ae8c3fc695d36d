package list

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lists is the folder of lists that all tests share.
const lists = "../../testdata/lists"

// readList reads one of the lists.
func readList(t *testing.T, name string) []Row {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(lists, name))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := readAll(bytes.NewReader(content), Options{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestListsAreGood reads every list that is not named bad: no row has a problem,
// and no address comes twice with different fields.
func TestListsAreGood(t *testing.T) {
	files, err := os.ReadDir(lists)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasPrefix(file.Name(), "bad-") {
			continue
		}
		t.Run(file.Name(), func(t *testing.T) {
			rows := readList(t, file.Name())
			for _, row := range rows {
				if row.Problem != nil {
					t.Error(row.Problem)
				}
			}
			for _, dup := range duplicatesOf(t, t.TempDir(), 0, rows) {
				if !dup.Kind.Harmless() {
					t.Errorf("%+v", dup)
				}
			}
		})
	}
}

// TestContacts holds all forms of the same list against each other.
func TestContacts(t *testing.T) {
	contacts := readList(t, "contacts.csv")
	if len(contacts) < 13 {
		t.Fatalf("%d rows", len(contacts))
	}
	for _, name := range []string{"contacts.csv.gz", "semicolon.csv", "tabs.tsv", "utf16le.csv", "utf16be.csv", "utf8-bom.csv"} {
		if diff := cmp.Diff(showAll(contacts), showAll(readList(t, name))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	jsonRows := readList(t, "contacts.jsonl")
	if len(jsonRows) != len(contacts) {
		t.Fatalf("%d rows of JSON lines, %d of CSV", len(jsonRows), len(contacts))
	}
	suppressed := 0
	for i, row := range jsonRows {
		if row.Address != contacts[i].Address || row.Suppressed != contacts[i].Suppressed || row.Fields["name"] != contacts[i].Fields["name"] {
			t.Errorf("%s\n%s", show(row), show(contacts[i]))
		}
		if row.Suppressed {
			suppressed++
		}
	}
	if suppressed != 1 {
		t.Errorf("%d suppressed", suppressed)
	}
	want := []Duplicate{{Row: 9, Line: 11, FirstRow: 2, FirstLine: 3, Kind: KindRepeated}}
	if diff := cmp.Diff(want, duplicatesOf(t, t.TempDir(), 0, contacts)); diff != "" {
		t.Error(diff)
	}
}

// TestBadLists says where each problem of the bad lists is.
func TestBadLists(t *testing.T) {
	for name, want := range map[string]map[int]ProblemKind{
		"bad-rows.csv": {
			3: KindNoAddress, 4: KindInvalidAddress, 5: KindInvalidAddress, 6: KindFieldCount, 7: KindFieldCount, 8: KindDuplicate,
			9: KindRepeated, 10: KindCase, 11: KindBadQuote, 12: KindBadEncoding, 13: KindSuppressed, 15: KindOpenQuote,
		},
		"bad-rows.jsonl": {
			2: KindNoAddress, 3: KindInvalidAddress, 4: KindInvalidAddress, 5: KindBadJSON, 6: KindBadJSON, 7: KindBadJSON, 8: KindDuplicate,
		},
	} {
		rows := readList(t, name)
		got := map[int]ProblemKind{}
		for _, row := range rows {
			if row.Problem != nil {
				got[row.Line] = row.Problem.Kind
			}
		}
		for _, dup := range duplicatesOf(t, t.TempDir(), 0, rows) {
			got[dup.Line] = dup.Kind
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
