package mailbox

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestReadFolder(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for _, tt := range []struct {
		name   string
		folder fstest.MapFS
		want   []string
	}{
		{"files", fstest.MapFS{"b.eml": file("B: 1\n"), "a.eml": file("A: 1\n"), ".hidden": file("H: 1\n"), "sub/c.eml": file("C: 1\n")}, []string{
			"in/a.eml A: 1\n", "in/b.eml B: 1\n",
		}},
		{"mbox in a folder", fstest.MapFS{"box": file(begin + "A: 1\n\n" + begin + "B: 1\n")}, []string{"in/box#1 A: 1\n\n", "in/box#2 B: 1\n"}},
		{"Maildir", fstest.MapFS{"cur/1:2,S": file("A: 1\n"), "new/2": file("B: 1\n"), "tmp/3": file("C: 1\n"), "dovecot.index": file("x")}, []string{
			"in/cur/1:2,S A: 1\n", "in/new/2 B: 1\n",
		}},
		{"nothing", fstest.MapFS{}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			err := ReadFolder(tt.folder, "in", 0, func(m Message) error {
				got = append(got, m.Name+" "+string(m.Data))
				return nil
			}, func(p *Problem) error { return p })
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestReadFolderProblems goes on after a file that cannot be read.
func TestReadFolderProblems(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Symlink("nowhere", filepath.Join(dir, "a.eml")); err != nil {
		t.Skip(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "b.eml"), []byte("B: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	read, bad := 0, 0
	err := ReadFolder(os.DirFS(dir), "in", 0, func(Message) error { read++; return nil }, func(p *Problem) error {
		bad++
		if p.Name != "in/a.eml" || !errors.Is(p, fs.ErrNotExist) || p.Error() == "" {
			t.Errorf("problem %v", p)
		}
		return nil
	})
	if err != nil || read != 1 || bad != 1 {
		t.Errorf("%d read, %d bad, %v", read, bad, err)
	}
	err = ReadFolder(os.DirFS(dir), "in", 0, func(Message) error { return errStop }, func(*Problem) error { return nil })
	if !errors.Is(err, errStop) {
		t.Errorf("the visitor's error became %v", err)
	}
}
