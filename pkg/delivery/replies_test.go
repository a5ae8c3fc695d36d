package delivery

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// A knownReply is one line of testdata/replies: a reply as a provider documents it or
// a log shows it, and what a postmaster would say it means.
type knownReply struct {
	Reply    string `json:"reply"`
	At       Stage  `json:"at"`
	Code     int    `json:"code"`
	Enhanced string `json:"enhanced"`
	Class    Class  `json:"class"`
	Reason   Reason `json:"reason"`
	Bounce   Bounce `json:"bounce"`
	Scope    Scope  `json:"scope"`
	Action   Action `json:"action"`
	Provider string `json:"provider"`
	Source   string `json:"source"`
}

// readKnownReplies returns all of testdata/replies, by file.
func readKnownReplies(t testing.TB) map[string][]knownReply {
	t.Helper()
	files, err := filepath.Glob("../../testdata/replies/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	replies := map[string][]knownReply{}
	for _, path := range files {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			var r knownReply
			if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			replies[filepath.Base(path)] = append(replies[filepath.Base(path)], r)
		}
		if err := f.Close(); err != nil || lines.Err() != nil {
			t.Fatal(err, lines.Err())
		}
	}
	return replies
}

func TestKnownReplies(t *testing.T) {
	count := 0
	for name, replies := range readKnownReplies(t) {
		for _, want := range replies {
			count++
			quote, err := ParseQuote(want.Reply)
			if err != nil && want.Code+len(want.Enhanced) > 0 {
				t.Errorf("%s: %v", name, err)
				continue
			}
			stage := want.At
			if stage == "" {
				stage = quote.Stage
			}
			v := ClassifyFrom(quote.Reply, stage, quote.Host)
			got := knownReply{
				want.Reply, want.At, quote.Reply.Code, quote.Reply.Enhanced.String(), v.Class, v.Reason, v.Bounce,
				v.Scope, v.Action, v.Provider, want.Source,
			}
			if got != want {
				t.Errorf("%s: %q (%s, %.2f)\n got %v\nwant %v", name, want.Reply, v.Ref, v.Confidence, got.verdict(), want.verdict())
			}
			if want.Source == "" {
				t.Errorf("%s: %q has no source", name, want.Reply)
			}
		}
	}
	if count < 400 {
		t.Errorf("%d replies, want at least 400", count)
	}
}

// verdict is what is compared, to be shown.
func (r knownReply) verdict() []any {
	return []any{r.Code, r.Enhanced, r.Class, r.Reason, r.Bounce, r.Scope, r.Action, r.Provider}
}

// BenchmarkReplies reads and judges the known replies, one after the other.
func BenchmarkReplies(b *testing.B) {
	var replies []knownReply
	for _, some := range readKnownReplies(b) {
		replies = append(replies, some...)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		quote, err := ParseQuote(replies[i%len(replies)].Reply)
		if v := ClassifyFrom(quote.Reply, quote.Stage, quote.Host); v.Reason == "" {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "replies/s")
}
