package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/mailctl/mailctl/pkg/list"
)

// A listFile is the list that --list names, ready to be read several times.
type listFile struct {
	name   string // for messages
	folder string // where it lies
	file   *os.File
	digest string // SHA-256 of its bytes
	spool  bool   // it was standard input, and goes when it is closed
}

// openList opens a list and takes its digest. Standard input is kept in a
// temporary file.
func openList(env Environment, path string) (*listFile, error) {
	l := &listFile{name: filepath.Base(path), folder: filepath.Dir(path)}
	var err error
	if path == "-" {
		l.name, l.folder, l.spool = "standard input", ".", true
		l.file, err = spool(env.Stdin)
	} else {
		l.file, err = os.Open(path)
	}
	if err == nil && !l.spool && !seekable(l.file) {
		pipe := l.file
		l.spool = true
		l.file, err = spool(pipe)
		err = errors.Join(err, pipe.Close())
	}
	if err != nil {
		return nil, fileError("read --list", path, err)
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, l.file); err != nil {
		return nil, errors.Join(fileError("read --list", path, err), l.close())
	}
	l.digest = hex.EncodeToString(hash.Sum(nil))
	return l, nil
}

// seekable reports whether a file can be read several times.
func seekable(f *os.File) bool {
	_, err := f.Seek(0, io.SeekCurrent)
	return err == nil
}

// spool copies a stream to a temporary file.
func spool(r io.Reader) (*os.File, error) {
	f, err := os.CreateTemp("", "mailctl-list-*")
	if err != nil {
		return nil, err
	}
	if _, err = io.Copy(f, r); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return f, nil
}

// read reads the list from its start.
func (l *listFile) read(s listSettings) (*list.Reader, error) {
	if _, err := l.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return list.NewReader(l.file, list.Options{
		Name:             l.name,
		EmailColumn:      s.EmailColumn,
		SuppressedColumn: s.SuppressedColumn,
		Where:            s.Where,
	})
}

func (l *listFile) close() error {
	err := l.file.Close()
	if l.spool {
		err = errors.Join(err, os.Remove(l.file.Name()))
	}
	return err
}
