package bounce

import (
	"slices"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// TestMarks holds the data file against what the rules expect of it.
func TestMarks(t *testing.T) {
	t.Parallel()
	m, err := parseMarks(marksFile)
	if err != nil || len(m.rows) < 20 || len(m.reasons) < 10 || len(m.senders) < 10 || len(m.labels) < 10 {
		t.Fatalf("%d rows, %d reasons, %v", len(m.rows), len(m.reasons), err)
	}
	kinds := []Kind{KindBounce, KindDelay, KindDelivered, KindNone}
	for _, row := range m.rows {
		if !slices.Contains(kinds, row.Kind) || row.From == "" || (row.Kind == KindNone) != (row.Note != "") {
			t.Errorf("row %q: kind %q, note %q", row.From, row.Kind, row.Note)
		}
		checkPhrases(t, row.From, append(row.Subject, row.Body...))
	}
	known := delivery.Reasons()
	for _, row := range m.reasons {
		if !slices.ContainsFunc(known, func(i delivery.ReasonInfo) bool { return i.Reason == row.Reason }) {
			t.Errorf("unknown reason %q", row.Reason)
		}
		checkPhrases(t, string(row.Reason), row.Phrases)
	}
	if _, err := parseMarks([]byte("{")); err == nil {
		t.Error("a broken file is read")
	}
}

// checkPhrases wants phrases that [words] leaves as they are.
func checkPhrases(t *testing.T, row string, phrases []string) {
	t.Helper()
	for _, p := range phrases {
		text := strings.Trim(p, "*")
		if words(text) != " "+text+" " || len(text) < 2 {
			t.Errorf("%s: %q is not made of words", row, p)
		}
	}
}

func TestPhraseIndex(t *testing.T) {
	t.Parallel()
	var x phraseIndex
	for i, p := range []string{"user unknown", "unk*", "*不存在*", "an", "known"} {
		x.add(i, []string{p})
	}
	for text, want := range map[string]string{
		"User unknown": "01", "user unknowns": "1", "the unknown user": "1", "收件人不存在了": "2", "an": "3", "can": "", "": "", "known": "4",
	} {
		var got []byte
		x.match(words(text), func(row, _ int) bool {
			got = append(got, byte('0'+row))
			return true
		})
		slices.Sort(got)
		if string(got) != want {
			t.Errorf("%q has %s, want %s", text, got, want)
		}
	}
}
