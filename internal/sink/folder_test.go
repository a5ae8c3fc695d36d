package sink

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// newFolder opens a folder for the time of the test.
func newFolder(tb testing.TB, dir string) *Folder {
	tb.Helper()
	f, err := NewFolder(dir)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := f.Close(); err != nil {
			tb.Error(err)
		}
	})
	return f
}

// entry is a line of the index.
type entry struct {
	File string `json:"file"`
	Message
}

// indexOf reads the index of a folder.
func indexOf(tb testing.TB, dir string) []entry {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(dir, IndexFile))
	if err != nil {
		tb.Fatal(err)
	}
	var entries []entry
	for line := range bytes.Lines(data) {
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			tb.Fatal(err)
		}
		entries = append(entries, e)
	}
	return entries
}

// TestByteExact hands messages over with DATA and with BDAT and compares what
// the folder holds.
func TestByteExact(t *testing.T) {
	for _, tc := range []struct{ name, data string }{
		{"plain", "Subject: a\r\n\r\ntext\r\n"},
		{"dots", ".\r\n..\r\n.a\r\n\r\n.\r\n"},
		{"eight bits", "Subject: \xc3\xa9\r\n\r\n\x00\xff\xfe\r\n"},
		{"bare line ends", "a\nb\rc\r\rd\n\n.\ne\r\n"},
		{"nothing", "\r\n"},
		{"large", strings.Repeat(strings.Repeat("x", 75)+"\r\n", 10_000)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "kept")
			s := start(t, Options{Store: newFolder(t, dir)})
			p := newPeer(dial(t, s))
			p.talk(t, hello+envelopeOf("a@example.org")+"> DATA\n< 354")
			stuffed := tc.data
			if strings.HasPrefix(stuffed, ".") {
				stuffed = "." + stuffed
			}
			stuffed = strings.ReplaceAll(stuffed, "\r\n.", "\r\n..")
			if _, err := p.conn.Write([]byte(stuffed + ".\r\n")); err != nil {
				t.Fatal(err)
			}
			p.talk(t, "< 250 2.0.0"+envelopeOf("b@example.org"))
			half := len(tc.data) / 2
			for _, chunk := range []string{tc.data[:half], tc.data[half:]} {
				if _, err := fmt.Fprintf(p.conn, "BDAT %d\r\n%s", len(chunk), chunk); err != nil {
					t.Fatal(err)
				}
			}
			p.talk(t, "> BDAT 0 LAST\n< 250\n< 250\n< 250 2.0.0 Ok: queued as\n> QUIT\n< 221")

			files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
			if err != nil || len(files) != 2 {
				t.Fatal(files, err)
			}
			for _, file := range files {
				got, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if string(got) != tc.data {
					t.Errorf("%s: got %.100q, want %.100q", filepath.Base(file), got, tc.data)
				}
			}
		})
	}
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	clock := func() time.Time { return time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC) }
	for run := range 2 {
		f, err := NewFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Start(t.Context(), Options{Store: f, Clock: clock})
		if err != nil {
			t.Fatal(err)
		}
		p := newPeer(dial(t, s))
		p.talk(t, hello+`
			> MAIL FROM:<> BODY=8BITMIME
			> RCPT TO:<"j. doe"@example.org>
			> RCPT TO:<ann@example.org>
			< 250
			< 250
			< 250
			> DATA
			< 354
			> Subject: =?utf-8?q?caf=C3=A9?=
			> Message-ID: <../../etc/passwd@x>
			>
			> a
			> .
			< 250 2.0.0 Ok: queued as 00000000`+strconv.Itoa(run+1)+`-
			> QUIT
			< 221`)
		closeNow(t, s)
		if err := errors.Join(f.Close(), f.Close()); err != nil {
			t.Fatal(err)
		}
	}

	entries := indexOf(t, dir)
	if len(entries) != 2 {
		t.Fatalf("%d entries", len(entries))
	}
	names := regexp.MustCompile(`^00000000[12]-[0-9a-f]{8}\.eml$`)
	for _, e := range entries {
		if !names.MatchString(e.File) {
			t.Errorf("file %q", e.File)
		}
		if _, err := os.Stat(filepath.Join(dir, e.File)); err != nil {
			t.Error(err)
		}
		want := Message{
			Time: clock(), To: []string{`"j. doe"@example.org`, "ann@example.org"}, Remote: e.Remote,
			Size: 71, Subject: "café", MessageID: "<../../etc/passwd@x>", Helo: "client.example",
		}
		if diff := cmp.Diff(want, e.Message); diff != "" {
			t.Error(diff)
		}
	}
	modes(t, dir)
}

// modes checks that nobody else may read a folder.
func modes(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestNothingIsLeft shows that refused and broken messages leave no files.
func TestNothingIsLeft(t *testing.T) {
	dir := t.TempDir()
	var log journal
	s := start(t, Options{Store: newFolder(t, dir), OnEvent: log.add, MaxMessage: 1000, Personality: rules(t, `
rules:
  - {at: message, to: a@example.org, reply: "550 5.7.1 spam"}
  - {at: message, to: b@example.org, close: true}
`)})
	newPeer(dial(t, s)).talk(t, hello+letterTo("a@example.org")+"< 550"+letterTo("b@example.org")+"< EOF")
	newPeer(dial(t, s)).talk(t, hello+envelopeOf("c@example.org")+"> DATA\n< 354\n> "+strings.Repeat("x", 500)+"\n> "+strings.Repeat("x", 500)+"\n> .\n< 552 5.3.4\n> QUIT\n< 221")
	newPeer(dial(t, s)).talk(t, hello+envelopeOf("d@example.org")+"> DATA\n< 354\n> "+strings.Repeat("x", 5000)+"\n< 500 5.5.2 line too long")
	p := newPeer(dial(t, s))
	p.talk(t, hello+envelopeOf("e@example.org")+"> DATA\n< 354\n> half of i")
	if err := p.conn.Close(); err != nil {
		t.Fatal(err)
	}
	closeNow(t, s)
	names, err := filepath.Glob(filepath.Join(dir, "[.0-9]*"))
	if err != nil || len(names) != 0 {
		t.Error(names, err)
	}
	stats := s.Stats()
	want := Stats{Connections: 4, Rejected: 3, Replies: map[int]int64{550: 1, 552: 1, 500: 1}, Dropped: 1, Aborted: 1}
	if diff := cmp.Diff(want, stats); diff != "" {
		t.Error(diff)
	}
	if aborted := log.of(EventAbort); len(aborted) != 1 || aborted[0].To[0] != "e@example.org" {
		t.Errorf("aborted: %+v", aborted)
	}
}

// TestCutOffChunk shows that a chunk that ends too early is not a message.
func TestCutOffChunk(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Options{Store: newFolder(t, dir)})
	for _, script := range []string{"> BDAT 100 LAST\n> short", "> BDAT 3\n> abc\\\n> BDAT 100 LAST", "> BDAT 3\n> abc\\\n< 250"} {
		p := newPeer(dial(t, s))
		p.talk(t, hello+envelopeOf("a@example.org")+script)
		if err := p.conn.Close(); err != nil {
			t.Fatal(err)
		}
	}
	p := newPeer(dial(t, s))
	p.talk(t, hello+envelopeOf("a@example.org")+"> BDAT 3\n> abc\\\n< 250\n> RSET\n< 250\n> QUIT\n< 221")
	closeNow(t, s)
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Error(files, err)
	}
	if stats := s.Stats(); stats.Accepted != 0 {
		t.Errorf("%+v", stats)
	}
}
