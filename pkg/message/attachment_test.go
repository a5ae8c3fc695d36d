package message

import (
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mailctl/mailctl/pkg/delivery"
)

func TestDisposition(t *testing.T) {
	for _, name := range []string{
		"a.pdf", "a b.pdf", `a"b\c.pdf`, "übersicht.pdf", "請求書.pdf", "a;b=c.pdf", "a'b%20.pdf",
		strings.Repeat("long ", 30) + ".pdf", strings.Repeat("ü", 120) + ".pdf", strings.Repeat("日", 80) + ".pdf",
	} {
		value := disposition("attachment", name)
		for line := range strings.SplitSeq("Content-Disposition: "+value, "\r\n") {
			if len(line) > foldAt {
				t.Errorf("%q: a line of %d octets", name, len(line))
			}
		}
		if hasHigh(value) {
			t.Errorf("%q: %q is not ASCII", name, value)
		}
		kind, parameters, err := mime.ParseMediaType(strings.ReplaceAll(value, "\r\n", ""))
		if err != nil || kind != "attachment" || parameters["filename"] != name {
			t.Errorf("%q came back as %q (%v) from %q", name, parameters["filename"], err, value)
		}
	}
}

func TestContentType(t *testing.T) {
	tests := []struct{ name, data, want string }{
		{"a.pdf", "", "application/pdf"},
		{"A.PDF", "", "application/pdf"},
		{"a.csv", "a,b", "text/csv; charset=utf-8"},
		{"a.csv", "a,\xe4", "text/csv"},
		{"a", "%PDF-1.7", "application/pdf"},
		{"a.unknown", "\x00\x01", "application/octet-stream"},
		{"a", "text", "text/plain; charset=utf-8"},
	}
	for _, test := range tests {
		if got := contentType(test.name, []byte(test.data)); got != test.want {
			t.Errorf("contentType(%q, %q) = %q, want %q", test.name, test.data, got, test.want)
		}
	}
}

// attachmentFolder makes a folder on disk with files, and links that lead out of
// it and stay within.
func attachmentFolder(t *testing.T) fs.FS {
	t.Helper()
	outside := t.TempDir()
	dir := t.TempDir()
	write := func(path, content string) {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := func(target, path string) {
		if err := os.Symlink(target, path); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(filepath.Join(outside, "secret"), "secret")
	write(filepath.Join(dir, "a.txt"), "hello")
	write(filepath.Join(dir, "sub", "b.txt"), "hello")
	write(filepath.Join(dir, "big.bin"), strings.Repeat("x", 1000))
	link(filepath.Join(outside, "secret"), filepath.Join(dir, "out"))
	link("a.txt", filepath.Join(dir, "in"))
	link(outside, filepath.Join(dir, "outdir"))
	link("sub", filepath.Join(dir, "indir"))
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := root.Close(); err != nil {
			t.Error(err)
		}
	})
	return root.FS()
}

func TestReadFile(t *testing.T) {
	folder := attachmentFolder(t)
	tests := []struct {
		name string
		want error
	}{
		{"a.txt", nil},
		{"sub/b.txt", nil},
		{"", ErrAttachment},
		{"missing", fs.ErrNotExist},
		{"missing/b.txt", fs.ErrNotExist},
		{"sub", ErrAttachment},
		{".", ErrAttachment},
		{"../secret", ErrAttachment},
		{"sub/../a.txt", ErrAttachment},
		{"./a.txt", ErrAttachment},
		{"/etc/passwd", ErrAttachment},
		{`sub\b.txt`, ErrAttachment},
		{"a.txt\x00", ErrAttachment},
		{"out", ErrAttachment},
		{"in", ErrAttachment},
		{"outdir/secret", ErrAttachment},
		{"indir/b.txt", ErrAttachment},
		{"big.bin", ErrTooLarge},
	}
	for _, test := range tests {
		data, err := readFile(folder, test.name, 100)
		if !errors.Is(err, test.want) || (err != nil && !errors.Is(err, ErrAttachment)) {
			t.Errorf("readFile(%q): %v, want %v", test.name, err, test.want)
		}
		if err == nil && string(data) != "hello" {
			t.Errorf("readFile(%q) = %q", test.name, data)
		}
		if _, again := inspectFile(folder, test.name, 100); fmt.Sprint(again) != fmt.Sprint(err) {
			t.Errorf("inspectFile(%q): %v, but readFile: %v", test.name, again, err)
		}
	}
	if _, err := readFile(nil, "a.txt", 100); !errors.Is(err, ErrAttachment) {
		t.Errorf("without a folder: %v", err)
	}
}

func TestRowFiles(t *testing.T) {
	template := compile(t, "m.txt", "see the file", Options{
		AttachColumn: "file",
		AttachRoot:   fstest.MapFS{"bills/rechnung-äöü.pdf": {Data: []byte("%PDF-1.7 one")}, "empty.txt": {}},
	})
	r := render(t, template, with(zoe(), "file", "bills/rechnung-äöü.pdf"))
	parts := leaves(t, r.Data)
	if len(parts) != 2 || parts[1].name != "rechnung-äöü.pdf" || parts[1].body != "%PDF-1.7 one" || parts[1].kind != "application/pdf" {
		t.Errorf("parts %+v", parts)
	}
	if parts := leaves(t, render(t, template, with(zoe(), "file", "empty.txt")).Data); len(parts) != 2 || parts[1].body != "" {
		t.Errorf("parts %+v", parts)
	}
	for _, name := range []any{"", nil, "missing.pdf", "../x", "bills", 7} {
		row := with(zoe(), "file", name)
		_, err := template.Render(row, when)
		if !errors.Is(err, ErrAttachment) {
			t.Errorf("file %q: %v, want ErrAttachment", name, err)
		}
		if again := template.Check(row); fmt.Sprint(again) != fmt.Sprint(err) {
			t.Errorf("file %q: Check says %v, Render %v", name, again, err)
		}
	}
	if _, err := template.Render(zoe(), when); !errors.Is(err, ErrMissingField) {
		t.Errorf("without the column: %v, want ErrMissingField", err)
	}
	_, err := tryCompile("m.txt", "x", Options{AttachColumn: "fiel", Columns: []string{"email", "file"}})
	if !errors.Is(err, ErrMissingField) || !mentions(err, "file") {
		t.Errorf("a column the list lacks: %v, hints %q", err, delivery.Hints(err))
	}
}

func TestAttachments(t *testing.T) {
	source := Source{
		Name:  "m.md",
		Body:  []byte("---\nsubject: Hi\nattachments: [terms.pdf, our logo.png]\n---\n![Logo](<cid:our logo.png>)\n"),
		Files: fstest.MapFS{"terms.pdf": {Data: []byte("%PDF")}, "our logo.png": {Data: []byte("\x89PNG")}},
	}
	template, err := Compile(source, Options{From: acme, Campaign: "c", Attachments: []File{{Name: "dir/liste.csv", Data: []byte("a;b\n")}}})
	if err != nil {
		t.Fatal(err)
	}
	r := render(t, template, zoe())
	want := "multipart/mixed(multipart/related(multipart/alternative(text/plain text/html) image/png) text/csv application/pdf)"
	if got := structure(t, r.Data); got != want {
		t.Errorf("structure %s\nwant %s", got, want)
	}
	parts := leaves(t, r.Data)
	if logo := parts[2]; logo.disposition != "inline" || !strings.Contains(parts[1].body, `src="cid:`+logo.contentID+`"`) {
		t.Errorf("the HTML does not show Content-ID %q:\n%s", logo.contentID, parts[1].body)
	}
	if list := parts[3]; list.name != "liste.csv" || list.body != "a;b\n" || list.disposition != "attachment" {
		t.Errorf("attachment %+v", list)
	}
}

func TestAttachmentErrors(t *testing.T) {
	files := fstest.MapFS{"a.pdf": {Data: []byte("%PDF")}}
	tests := []struct {
		name, body string
		options    Options
		want       error
		hint       string
	}{
		{"missing", "---\nsubject: x\nattachments: b.pdf\n---\nx", Options{}, fs.ErrNotExist, ""},
		{"outside", "---\nsubject: x\nattachments: ../a.pdf\n---\nx", Options{}, ErrAttachment, "without"},
		{"image not attached", "![x](cid:logo.png)", Options{Attachments: []File{{Name: "logos.png"}}}, ErrAttachment, "cid:logos.png"},
		{"nothing attached", "![x](cid:logo.png)", Options{}, ErrAttachment, "--attach"},
		{"too large", "x", Options{MaxAttachment: 2, Attachments: []File{{Name: "a", Data: []byte("abc")}}}, ErrTooLarge, ""},
		{"no name", "x", Options{Attachments: []File{{Data: []byte("abc")}}}, ErrAttachment, ""},
		{"line break in the name", "x", Options{Attachments: []File{{Name: "a\nb"}}}, ErrAttachment, ""},
		{"line break in the type", "x", Options{Attachments: []File{{Name: "a", ContentType: "a/b\r\nBcc: x"}}}, ErrAttachment, ""},
	}
	for _, test := range tests {
		test.options.From, test.options.Campaign = acme, "c"
		if !strings.HasPrefix(test.body, "---") {
			test.options.Subject = "x"
		}
		_, err := Compile(Source{Name: "m.md", Body: []byte(test.body), Files: files}, test.options)
		if !errors.Is(err, test.want) || !mentions(err, test.hint) {
			t.Errorf("%s: %v, hints %q; want %v, a hint about %q", test.name, err, delivery.Hints(err), test.want, test.hint)
		}
	}
}
