package list

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/unicode"

	"github.com/mailctl/mailctl/pkg/delivery"
)

func TestReaderRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		list  string
		opt   Options
		cause error
		text  string // in the error or its hints
	}{
		"nothing":                  {"", Options{}, ErrEmpty, "email,name"},
		"many blank lines":         {strings.Repeat("\n", 100_000), Options{}, ErrEmpty, ""},
		"blank lines":              {"\n \r\n\n", Options{}, ErrEmpty, "email,name"},
		"only a BOM":               {"\xef\xbb\xbf", Options{}, ErrEmpty, ""},
		"no column names":          {"anna@x.example\nbert@x.example\n", Options{}, ErrNoHeader, "the first line must name the columns"},
		"no column names, several": {"Anna;anna@x.example\n", Options{}, ErrNoHeader, `"anna@x.example"`},
		"no address column":        {"name,e-mail\nx,y\n", Options{}, ErrNoEmailColumn, `did you mean --email-column "e-mail"`},
		"no suppressed column":     {"email,optout\nx,y\n", Options{SuppressedColumn: "opt-out"}, ErrNoSuppressedColumn, `did you mean --suppressed-column "optout"`},
		"nothing like it":          {"first,last\nx,y\n", Options{}, ErrNoEmailColumn, "there are: first, last"},
		"repeated name":            {"email,n, n \n", Options{}, ErrHeader, `columns 2 and 3 are both named "n"`},
		"nameless column":          {"email,,n\n", Options{}, ErrHeader, "column 2 has no name"},
		"only nameless columns":    {"\"\",\"\"\nemail", Options{EmailColumn: "mail"}, ErrNoEmailColumn, ""},
		"names of different case":  {"Email,EMAIL\n", Options{}, ErrHeader, "rename one"},
		"Latin-1 names":            {"email,Stra\xdfe\n", Options{Name: "kunden.csv"}, ErrEncoding, "iconv -f WINDOWS-1252 -t UTF-8 kunden.csv"},
		"open quote in the names":  {"email,\"n\na@x.example,1\n", Options{}, ErrHeader, "never closes"},
		"too many columns":         {"email,a,b,c\n", Options{MaxColumns: 3}, ErrHeader, "more than 3 fields"},
		"UTF-16 without BOM":       {"e\x00m\x00a\x00i\x00l\x00,\x00n\x00\n\x00", Options{}, ErrFormat, "save it as UTF-8"},
		"UTF-32":                   {"\xff\xfe\x00\x00e\x00\x00\x00", Options{}, ErrFormat, "UTF-32"},
		"spreadsheet":              {"PK\x03\x04\x14\x00\x06\x00\x08", Options{}, ErrFormat, "save it as CSV"},
		"zstd":                     {"\x28\xb5\x2f\xfd\x14\x00\x06\x00\x08", Options{}, ErrFormat, "unpack it first"},
		"JSON array":               {"[\n{\"email\":\"a@x.example\"}]", Options{}, ErrFormat, "jq -c"},
		"damaged gzip":             {"\x1f\x8b\x08", Options{}, io.ErrUnexpectedEOF, "again"},
		"expression":               {"email,n\n", Options{Where: "m > 3"}, ErrUnknownColumn, "there are: email, n"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewReader(strings.NewReader(test.list), test.opt)
			if !errors.Is(err, test.cause) {
				t.Fatalf("%v; want %v", err, test.cause)
			}
			if len(delivery.Hints(err)) == 0 && !errors.Is(err, ErrHeader) {
				t.Errorf("no hint: %v", err)
			}
			if all := err.Error() + "\n" + strings.Join(delivery.Hints(err), "\n"); !strings.Contains(all, test.text) {
				t.Errorf("%s\nlacks %q", all, test.text)
			}
		})
	}
}

// stored returns the same text as files of different kinds.
func stored(t *testing.T, text string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{"UTF-8": []byte(text), "UTF-8 with BOM": []byte("\xef\xbb\xbf" + text)}
	for name, order := range map[string]unicode.Endianness{"UTF-16LE": unicode.LittleEndian, "UTF-16BE": unicode.BigEndian} {
		encoded, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = encoded
	}
	for name, content := range files {
		var zipped bytes.Buffer
		w := gzip.NewWriter(&zipped)
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		files[name+", gzip"] = zipped.Bytes()
		if strings.HasSuffix(name, "gzip") {
			delete(files, name+", gzip")
		}
	}
	return files
}

func TestReaderStoredAnyWay(t *testing.T) {
	const text = "email;name\nzoë@x.example;Zoë \U0001F600\n"
	want := []string{`2 zoë@x.example {"email":"zoë@x.example","name":"Zoë 😀"}`}
	for name, content := range stored(t, text) {
		r, err := NewReader(bytes.NewReader(content), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		row, err := r.Next()
		if diff := cmp.Diff(want, []string{show(row)}); diff != "" || err != nil {
			t.Errorf("%s: %v, %s", name, err, diff)
		}
		if _, err := r.Next(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: behind the end: %v", name, err)
		}
	}
}

func TestReaderBrokenUTF16(t *testing.T) {
	rows, err := readAll(strings.NewReader("\xff\xfee\x00m\x00a\x00i\x00l\x00\n\x00a\x00@\x00b\x00\x00\xd8\n\x00c\x00@\x00d\x00.\x00e\x00"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2 bad-encoding: not valid UTF-16", `3 c@d.e {"email":"c@d.e"}`}, showAll(rows)); diff != "" {
		t.Error(diff)
	}
}

func TestReaderFails(t *testing.T) {
	trouble := errors.New("trouble")
	for name, r := range map[string]io.Reader{
		"at the start": iotest.ErrReader(trouble),
		"in a row":     io.MultiReader(strings.NewReader("email,n\na@x.example,1\nb@x.ex"), iotest.ErrReader(trouble)),
		"in JSON":      io.MultiReader(strings.NewReader("{\"email\":\"a@x.example\"}\n{\"email\""), iotest.ErrReader(trouble)),
		"in a quote":   io.MultiReader(strings.NewReader("email,n\na@x.example,\"1"), iotest.ErrReader(trouble)),
	} {
		if _, err := readAll(r, Options{}); !errors.Is(err, trouble) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, content := range stored(t, "email,n\n"+strings.Repeat("a@x.example,1\n", 10_000)) {
		if strings.HasSuffix(name, "gzip") {
			_, err := readAll(bytes.NewReader(content[:len(content)-5]), Options{})
			if !errors.Is(err, io.ErrUnexpectedEOF) || len(delivery.Hints(err)) == 0 {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	cut := io.MultiReader(strings.NewReader("email,n\na@x.example,1\n"), iotest.ErrReader(fmt.Errorf("connection lost: %w", io.EOF)))
	if _, err := readAll(cut, Options{}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a wrapped io.EOF: %v", err)
	}
	if _, err := readAll(idle{}, Options{}); !errors.Is(err, io.ErrNoProgress) {
		t.Error(err)
	}
}

// idle is a reader that never gets on.
type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }
