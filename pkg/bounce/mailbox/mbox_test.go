package mailbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// collect reads all messages of a file.
func collect(t testing.TB, text string, bound int) []string {
	t.Helper()
	var all []string
	err := Read(strings.NewReader(text), "box", bound, func(m Message) error {
		all = append(all, fmt.Sprintf("%s %q %d", m.Name, m.Data, m.Skipped))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAlone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"": true, "Subject: a\n\nx\n": true, begin + "Subject: a\n\nx\n": false} {
		err := Read(strings.NewReader(text), "box", 0, func(m Message) error {
			if m.Alone != want {
				t.Errorf("%q: alone %v", text, m.Alone)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

const begin = "From MAILER-DAEMON Mon Nov 16 09:15:05 2026\n"

func TestRead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		bound      int
		want       []string
	}{
		{"empty", "", 0, []string{`box "" 0`}},
		{"one message", "Subject: a\n\nFrom here on\n", 0, []string{`box "Subject: a\n\nFrom here on\n" 0`}},
		{"mboxo", begin + "A: 1\n\none\n>From quoted\n\n" + begin + "B: 2\n\ntwo\n", 0, []string{
			`box#1 "A: 1\n\none\nFrom quoted\n\n" 0`, `box#2 "B: 2\n\ntwo\n" 0`,
		}},
		{"mboxrd", begin + "A: 1\n\n>>From twice\n", 0, []string{`box#1 "A: 1\n\n>From twice\n" 0`}},
		{"a sentence is no message", begin + "A: 1\n\none\n\nFrom this day on\nat 9\n", 0, []string{`box#1 "A: 1\n\none\n\nFrom this day on\nat 9\n" 0`}},
		{"mboxcl", begin + "Content-Length: " + strconv.Itoa(len("x\n\n"+begin+"y\n")) + "\n\nx\n\n" + begin + "y\n\n" + begin + "B: 2\n\n", 0, []string{
			`box#1 "Content-Length: 49\n\nx\n\nFrom MAILER-DAEMON Mon Nov 16 09:15:05 2026\ny\n\n" 0`, `box#2 "B: 2\n\n" 0`,
		}},
		{"a length that lies", begin + "Content-Length: 20\n\nx\n\n" + begin + "B: 2\n\ny\n", 0, []string{
			`box#1 "Content-Length: 20\n\nx\n\n" 0`, `box#2 "B: 2\n\ny\n" 0`,
		}},
		{"a length beyond the end", begin + "Content-Length: 1000\n\n" + strings.Repeat("x", 80) + "\n", 0, []string{
			`box#1 "Content-Length: 1000\n\n` + strings.Repeat("x", 80) + `\n" 0`,
		}},
		{"byte order mark", "\xef\xbb\xbfSubject: a\n\nx\n", 0, []string{`box "Subject: a\n\nx\n" 0`}},
		{"mbox with a byte order mark", "\xef\xbb\xbf" + begin + "A: 1\n\none\n", 0, []string{`box#1 "A: 1\n\none\n" 0`}},
		{"no date", "From a@one\nA: 1\n\nFrom x\n\nFrom this day\n\nFrom b@two\nB: 2\n", 0, []string{
			`box#1 "A: 1\n\nFrom x\n\nFrom this day\n\n" 0`, `box#2 "B: 2\n" 0`,
		}},
		{"CRLF", "\r\n" + strings.ReplaceAll(begin+"A: 1\n\none\n\n"+begin+"B: 2\n\n", "\n", "\r\n"), 0, []string{
			`box#1 "A: 1\r\n\r\none\r\n\r\n" 0`, `box#2 "B: 2\r\n\r\n" 0`,
		}},
		{"too large", begin + "A: 1\n\n" + strings.Repeat("x", 100) + "\n\n" + begin + "B: 2\n\n", 10, []string{
			`box#1 "A: 1\n\nxxxx" 98`, `box#2 "B: 2\n\n" 0`,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, collect(t, tt.text, tt.bound)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

var errStop = errors.New("stop")

func TestReadStops(t *testing.T) {
	t.Parallel()
	n := 0
	err := Read(strings.NewReader(strings.Repeat(begin+"\nx\n\n", 5)), "box", 0, func(Message) error {
		if n++; n == 3 {
			return errStop
		}
		return nil
	})
	if !errors.Is(err, errStop) || n != 3 {
		t.Errorf("%d visits, %v", n, err)
	}
}

// A repeated reader repeats a text without holding the whole of it.
type repeated struct {
	text string
	left int64
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.text[r.at:])
	n = int(min(int64(n), r.left))
	r.at = (r.at + n) % len(r.text)
	r.left -= int64(n)
	return n, nil
}

// TestReadMemory reads a mailbox of 256 MB, some of it in messages that are too
// large, in the memory of a few messages.
func TestReadMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 256 MB")
	}
	text := begin + "A: 1\n\n" + strings.Repeat(strings.Repeat("x", 76)+"\n", 2000) + "\n" +
		begin + "B: 1\n\n" + strings.Repeat(strings.Repeat("y", 76)+"\n", 70_000) + "\n"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n := 0
	var seen int64
	err := Read(&repeated{text: text, left: 1 << 28}, "box", 0, func(m Message) error {
		n++
		seen += int64(len(m.Data)) + m.Skipped
		return nil
	})
	runtime.ReadMemStats(&after)
	if err != nil || n < 75 || seen < 1<<28-int64(n*len(begin))-1000 {
		t.Errorf("%d messages, %d octets, %v", n, seen, err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 40<<20 {
		t.Errorf("allocated %d MB for 256 MB", used>>20)
	}
}

// FuzzRead puts messages into an mbox and takes them out again.
func FuzzRead(f *testing.F) {
	f.Add([]byte("Subject: a\n\nFrom me\n"), []byte("B: 2\n\n>From you\n"))
	f.Add([]byte(begin), []byte("Content-Length: 3\n\n\nFrom x 9:9"))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		want := [][]byte{first, second}
		var box bytes.Buffer
		for i, message := range want {
			want[i] = append(append([]byte("X: y\n\n"), bytes.ReplaceAll(message, []byte("\r"), nil)...), "\n\n"...)
			box.WriteString(begin)
			quote := false
			for line := range bytes.Lines(want[i]) {
				if quote && bytes.HasPrefix(bytes.TrimLeft(line, ">"), fromLine) {
					box.WriteByte('>')
				}
				quote = quote || len(line) == 1
				box.Write(line)
			}
		}
		var got [][]byte
		err := Read(&box, "box", 0, func(m Message) error {
			got = append(got, slices.Clone(m.Data))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}
