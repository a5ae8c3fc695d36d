package cli

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/unicode"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// readSuppressions reads what a file with this content holds.
func readSuppressions(t testing.TB, content []byte) ([]ledger.Suppression, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	kept, err := keep(Environment{}, "read", path)
	if err != nil {
		t.Fatal(err)
	}
	file := suppressionFile{kept}
	defer func() {
		if err := file.close(); err != nil {
			t.Error(err)
		}
	}()
	r, err := file.read()
	if err != nil {
		return nil, err
	}
	var all []ledger.Suppression
	for {
		entry, err := r.next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, entry)
	}
}

func zipped(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func utf16(t testing.TB, order unicode.Endianness, text string) []byte {
	t.Helper()
	encoded, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func TestSuppressionReader(t *testing.T) {
	const two = "name,email\nBob,a@x.example\nAll,@y.example\n"
	tests := []struct {
		name    string
		content []byte
		want    []string // the addresses
	}{
		{"one a line", []byte("a@x.example\n\n  @y.example  \r\nb@x.example"), []string{"a@x.example", "@y.example", "b@x.example"}},
		{"a domain first", []byte("@y.example\na@x.example\n"), []string{"@y.example", "a@x.example"}},
		{"column", []byte(two), []string{"a@x.example", "@y.example"}},
		{"letter case", []byte("Name;ADDRESS\nBob;a@x.example\n"), []string{"a@x.example"}},
		{"email before address", []byte("address,email\n1 Road,a@x.example\n"), []string{"a@x.example"}},
		{"tabs", []byte("name\t\"Email\"\nBob\ta@x.example\n\tb@x.example"), []string{"a@x.example", "b@x.example"}},
		{"unknown header", []byte("whom,why\na@x.example,x\n"), []string{"a@x.example"}},
		{"no header", []byte("a@x.example;no, thanks\nb@x.example\n"), []string{"a@x.example", "b@x.example"}},
		{"blank cells", []byte("email,name\na@x.example,\n,\n"), []string{"a@x.example"}},
		{"gzip", zipped(t, two), []string{"a@x.example", "@y.example"}},
		{"byte order mark", []byte("\ufeffemail\na@x.example"), []string{"a@x.example"}},
		{"byte order mark and no header", []byte("\ufeffa@x.example"), []string{"a@x.example"}},
		{"UTF-16LE", utf16(t, unicode.LittleEndian, two), []string{"a@x.example", "@y.example"}},
		{"UTF-16BE, gzip", zipped(t, string(utf16(t, unicode.BigEndian, two))), []string{"a@x.example", "@y.example"}},
		{"several lines in quotes", []byte("address,reason\na@x.example,\"one\ntwo\"\nb@x.example,\n"), []string{"a@x.example", "b@x.example"}},
		{"JSON lines", []byte("\n {\"address\":\"a@x.example\",\"more\":[1]}\r\n\n{ \"Email\":\" @y.example \",\"address\":\"1 Road\"}"), []string{"a@x.example", "@y.example"}},
		{"JSON lines, gzip", zipped(t, "{\"email\":\"a@x.example\"}\n"), []string{"a@x.example"}},
		{"a brace in an address", []byte("{x}@x.example\n"), []string{"{x}@x.example"}},
		{"nothing", nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			entries, err := readSuppressions(t, test.content)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range entries {
				got = append(got, e.Address)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSuppressionReaderOfExport(t *testing.T) {
	got, err := readSuppressions(t, []byte("address,reason,source,time\na@x.example,\"no, \"\"never\"\"\",by hand,2026-11-22T12:00:00Z\n"))
	want := []ledger.Suppression{{
		Address: "a@x.example", Reason: `no, "never"`, Source: "by hand", Time: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
	}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestSuppressionReaderRefuses(t *testing.T) {
	tests := []struct{ name, content, want string }{
		{"second header", "foo\nbar\na@x.example", `f:2: invalid address "bar"`},
		{"no column", "name,mail\nBob,a@x.example", `f:2: invalid address "Bob"`},
		{"empty cell", "name,email\nBob,a@x.example\nAnna,", "f:3: no address in column 2"},
		{"short row", "name,email\nBob", "f:2: no address in column 2"},
		{"address elsewhere", "Bob,a@x.example", `f:1: invalid address "Bob"`},
		{"domain", "a@x.example\n@", `f:2: invalid domain "@"`},
		{"subdomains", "@*.x.example", `f:1: invalid domain "@*.x.example"`},
		{"open quote", "a@x.example,\"no\nb@x.example,\nc@x.example", "f:1: "},
		{"carriage returns", "a@x.example\rb@x.example\r", "f:1: invalid address"},
		{"not text", "a@x.example\n\xff@x.example", "f:2: invalid address"},
		{"time", "address,reason,source,time\na@x.example,,,today", `f:2: invalid time "today"`},
		{"JSON without an address", "{\"email\":\"a@x.example\"}\n{\"name\":\"Bob\"}", "f:2: no address; nothing was added"},
		{"JSON with another", `{"email":"Bob"}`, `f:1: invalid address "Bob"`},
		{"JSON in one object", `{"schema":"mailctl.suppressions/1","suppressions":[{"address":"a@x.example"}]}`, "f:1: all entries in one object, not one a line"},
		{"JSON on several lines", "{\"email\":\n\"a@x.example\"}", "f:1: not an object with an address: "},
		{"JSON with a number", `{"email":5}`, "f:1: not an object with an address: "},
		{"JSON, then not", "{\"email\":\"a@x.example\"}\nb@x.example", "f:2: not an object with an address: "},
		{"JSON that is not text", "{\"email\":\"\xff@x.example\"}", "f:1: invalid address"},
		{"JSON with a time", `{"email":"a@x.example","time":"today"}`, `f:1: invalid time "today"`},
		{"a long line of JSON", `{"email":"` + strings.Repeat("x", 2*maxSuppressionLine), "a line is longer than 1048576 octets"},
		{"long line", "a@x.example," + strings.Repeat("x", 2*maxSuppressionLine), "a line is longer than 1048576 octets"},
		{"bzip2", "BZh91AY&SY", "it is packed with bzip2"},
		{"half a gzip file", string(zipped(t, "a@x.example\n")[:30]), "unexpected EOF"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := readSuppressions(t, []byte(test.content))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want %q", err, test.want)
			}
			if len(delivery.Hints(err)) == 0 {
				t.Error("no hint")
			}
		})
	}
}

// TestKeepStream holds that what is read only once is kept, and that
// nothing stays behind.
func TestKeepStream(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	kept, err := keep(Environment{Stdin: iotest.OneByteReader(strings.NewReader("a@x.example\n"))}, "read", "-")
	if err != nil {
		t.Fatal(err)
	}
	file := suppressionFile{kept}
	for range 2 {
		r, err := file.read()
		if err != nil {
			t.Fatal(err)
		}
		if entry, err := r.next(); err != nil || entry.Address != "a@x.example" {
			t.Errorf("%v, %v", entry, err)
		}
	}
	copied := file.file.Name()
	if err := file.close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(copied); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", copied, err)
	}
}

// FuzzSuppressionReader holds that every line is an entry, blank, or an error:
// addresses one a line come out as they went in.
func FuzzSuppressionReader(f *testing.F) {
	for _, seed := range []string{"a@x.example\n@y.example", "name,email\nBob,a@x.example", "a@x.example,\"x\n", "\xff\xfea\x00", "\x1f\x8b", "{\"email\":\"a@x.example\"}\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := readSuppressions(t, []byte(text))
		var again strings.Builder
		for _, e := range entries {
			if bad := checkSuppression(e.Address); bad != nil {
				t.Fatalf("%q is an entry: %v", e.Address, bad)
			}
			if strings.ContainsAny(e.Address, "\",;\t") {
				return // it would need quotes
			}
			again.WriteString(e.Address + "\n")
		}
		if err != nil {
			return
		}
		same, err := readSuppressions(t, []byte(again.String()))
		if err != nil || len(same) != len(entries) {
			t.Errorf("%d entries of %q, then %d: %v", len(entries), text, len(same), err)
		}
	})
}
