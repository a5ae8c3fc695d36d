package bounce

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// An expected row is one line of testdata/bounces/expected.csv: one recipient of
// one message. Values that are as good as each other are parted by "|".
type expected struct{ file, kind, recipient, code, enhanced, reason, bounce string }

const bounces = "../../testdata/bounces"

// TestMessages reads every message of testdata/bounces and compares the reports
// with the table beside them.
func TestMessages(t *testing.T) {
	t.Parallel()
	want := readExpected(t)
	files, err := filepath.Glob(filepath.Join(bounces, "*.eml"))
	if err != nil || len(files) < 60 {
		t.Fatalf("%d messages, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".eml")
		t.Run(name, func(t *testing.T) {
			f, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			reports, err := Parse(f, Options{})
			if err != nil {
				t.Fatal(err)
			}
			compareReports(t, reports, want[name])
		})
	}
}

func compareReports(t *testing.T, reports []Report, want []expected) {
	t.Helper()
	if len(reports) != len(want) {
		t.Errorf("%d reports, want %d", len(reports), len(want))
	}
	for i, r := range reports {
		if i >= len(want) {
			t.Errorf("also %s %s %s", r.Kind, r.Recipient, r.Diagnostic)
			continue
		}
		w := want[i]
		code := strconv.Itoa(r.Reply.Code)
		reason := string(r.Verdict.Reason)
		if r.Kind == KindNone {
			reason = string(r.Note)
		}
		got := expected{w.file, string(r.Kind), r.Recipient.String(), code, r.Reply.Enhanced.String(), reason, string(r.Verdict.Bounce)}
		for _, f := range [][2]*string{{&got.enhanced, &w.enhanced}, {&got.reason, &w.reason}, {&got.bounce, &w.bounce}} {
			if slices.Contains(strings.Split(*f[1], "|"), *f[0]) {
				*f[1] = *f[0]
			}
		}
		if w.code == "" {
			w.code = "0"
		}
		if got != w {
			t.Errorf("report %d\n got %v\nwant %v\n(%s; %s %.2f)", i, got, w, r.Diagnostic, r.Verdict.Ref, r.Verdict.Confidence)
		}
	}
}

func readExpected(t *testing.T) map[string][]expected {
	t.Helper()
	f, err := os.Open(filepath.Join(bounces, "expected.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]expected{}
	for _, r := range rows[1:] {
		want[r[0]] = append(want[r[0]], expected{r[0], r[1], r[2], r[3], r[4], r[5], r[6]})
	}
	return want
}
