package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// TestSendWarmup sends a list that is larger than a day's caps on two days of a
// plan, at two hours of each, and tells when it goes on.
func TestSendWarmup(t *testing.T) {
	t.Chdir(t.TempDir())
	home := t.TempDir()
	run := func(at string, args ...string) (code int, stdout, stderr string) {
		t.Helper()
		now, err := time.ParseInLocation("2006-01-02 15:04", at, time.Local)
		if err != nil {
			t.Fatal(err)
		}
		env := testEnvironment(map[string]string{"HOME": home})
		begun := time.Now()
		env.Now = func() time.Time { return now.Add(time.Since(begun)) }
		var out, errs bytes.Buffer
		env.Stdout, env.Stderr = &out, &errs
		code = Run(t.Context(), env, args)
		checkOutput(t, out.String())
		return code, out.String(), errs.String()
	}
	code, _, said := run("2026-12-01 08:00", "warmup", "plan", "--target", "400", "--start", "40", "--days", "5",
		"--mix", "gmail=50%", "--hours", "9-11", "--format", "json", "--out", "plan.json")
	if code != exitOK {
		t.Fatal(said)
	}
	var list strings.Builder
	list.WriteString("email\n")
	for i := range 60 {
		fmt.Fprintf(&list, "a%d@gmail.com\nb%d@acme.example\n", i, i)
	}
	if err := os.WriteFile("list.csv", []byte(list.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	send := func(at string) (code int, delivered int, said string) {
		t.Helper()
		code, out, said := run(at, "send", "--list", "list.csv", "--subject", "s", "--text", "t", "--from", "a@acme.example",
			"--via", "maildir:box", "--warmup", "plan.json", "--no-wait", "--yes", "--format", "json")
		var summary struct {
			Delivered int
			By        map[string]map[string]int `json:"by_destination"`
		}
		if out == "" {
			return code, 0, said
		}
		if err := json.Unmarshal([]byte(out), &summary); err != nil {
			t.Fatal(err, out, said)
		}
		return code, summary.Delivered, said
	}
	for _, step := range []struct {
		at        string
		delivered int // in all
		says      string
	}{
		{"2026-11-30 09:30", 0, "run the same command again on 2026-12-01"}, // the plan has not begun
		{"2026-12-01 09:30", 20, "warm-up day 1 of 5: 40 messages may still leave today"},
		{"2026-12-01 09:40", 20, "20 messages may still leave today"}, // of the other hour
		{"2026-12-01 10:10", 40, "80 recipients over today's caps"},
		{"2026-12-01 10:20", 40, "on 2 December 2026 from 09:00"},
		{"2026-12-02 09:00", 40 + 35, "warm-up day 2 of 5: 71 messages may still leave today"},
		{"2026-12-02 10:00", 40 + 71, "on 3 December 2026 from 09:00"},
		{"2026-12-03 09:00", 120, "warm-up day 3 of 5"},
	} {
		code, delivered, said := send(step.at)
		want := exitUnfinished
		if step.delivered == 120 {
			want = exitOK
		}
		if code != want || delivered != step.delivered || !strings.Contains(said, step.says) {
			t.Errorf("at %s: exit code %d, %d delivered (want %d), said:\n%s", step.at, code, delivered, step.delivered, said)
		}
	}
	// A rehearsal counts for itself alone, unless it is named.
	for name, want := range map[string]string{"": `"sent":0,`, "list-message-maildir": `"sent":9,`} {
		args := []string{"warmup", "status", "plan.json", "--format", "json"}
		if name != "" {
			args = append(args, "--campaign", name)
		}
		if _, out, said := run("2026-12-03 09:30", args...); !strings.Contains(out, want) {
			t.Errorf("campaign %q: %s%s", name, out, said)
		}
	}
	if files, err := os.ReadDir("box/new"); err != nil || len(files) != 120 {
		t.Errorf("%d messages, %v", len(files), err)
	}
}
