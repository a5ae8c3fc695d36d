package mailbox

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// namesAtOnce is how many names of a folder are held in memory and sorted.
const namesAtOnce = 4096

// A Problem is a file that could not be read.
type Problem struct {
	Name string
	Err  error
}

// Error is part of the error interface.
func (p *Problem) Error() string { return fmt.Sprintf("%s: %v", p.Name, p.Err) }

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Err }

// ReadFolder reads a Maildir (its folders cur and new), or every file of a folder
// as [Read] does, without hidden ones and without the folders in it. prefix stands
// before the names of messages. A file that cannot be read is told to problem, and
// the others are read all the same; when problem returns an error, that ends it.
func ReadFolder(folder fs.FS, prefix string, bound int, visit Visit, problem func(*Problem) error) error {
	r := folderReader{folder: folder, prefix: prefix, bound: bound, visit: visit, problem: problem}
	if isFolder(folder, "cur") && isFolder(folder, "new") {
		return cmp.Or(r.files("cur"), r.files("new"))
	}
	return r.files(".")
}

func isFolder(folder fs.FS, name string) bool {
	info, err := fs.Stat(folder, name)
	return err == nil && info.IsDir()
}

type folderReader struct {
	folder  fs.FS
	prefix  string
	bound   int
	visit   Visit
	problem func(*Problem) error
}

// files reads the files of one folder, some thousand names at a time in order.
func (r *folderReader) files(name string) error {
	dir, err := r.folder.Open(name)
	if err != nil {
		return r.problem(&Problem{path.Join(r.prefix, name), err})
	}
	list, ok := dir.(fs.ReadDirFile)
	if !ok {
		return errors.Join(r.problem(&Problem{path.Join(r.prefix, name), fs.ErrInvalid}), dir.Close())
	}
	for {
		entries, err := list.ReadDir(namesAtOnce)
		slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".") || e.IsDir() {
				continue
			}
			if err := r.file(path.Join(name, e.Name())); err != nil {
				return errors.Join(err, dir.Close())
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return dir.Close()
		case err != nil:
			return errors.Join(r.problem(&Problem{path.Join(r.prefix, name), err}), dir.Close())
		}
	}
}

// file reads one file. Only the visitor's errors end the reading.
func (r *folderReader) file(name string) error {
	shown := path.Join(r.prefix, name)
	info, err := fs.Stat(r.folder, name)
	if err != nil {
		return r.problem(&Problem{shown, err})
	}
	if !info.Mode().IsRegular() {
		return nil
	}
	f, err := r.folder.Open(name)
	if err != nil {
		return r.problem(&Problem{shown, err})
	}
	var visitErr error
	err = Read(f, shown, r.bound, func(m Message) error {
		visitErr = r.visit(m)
		return visitErr
	})
	err = errors.Join(err, f.Close())
	if visitErr != nil || err == nil {
		return visitErr
	}
	return r.problem(&Problem{shown, err})
}
