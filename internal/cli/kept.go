package cli

import (
	"errors"
	"io"
	"os"
)

// A keptFile can be read several times.
type keptFile struct {
	name   string // for messages
	file   *os.File
	copied bool // it is a copy of what can be read once, and goes when it is closed
}

// keep opens a file, or standard input, which is "-". The purpose is that of
// [fileError].
func keep(env Environment, purpose, path string) (keptFile, error) {
	k := keptFile{name: path}
	var err error
	if path == "-" {
		k.name, k.copied = "standard input", true
		k.file, err = spool(env.Stdin)
	} else {
		k.file, err = os.Open(path)
	}
	if err == nil && !seekable(k.file) {
		pipe := k.file
		k.copied = true
		k.file, err = spool(pipe)
		err = errors.Join(err, pipe.Close())
	}
	if err != nil {
		return k, fileError(purpose, k.name, err)
	}
	return k, nil
}

// seekable reports whether a file can be read several times.
func seekable(f *os.File) bool {
	_, err := f.Seek(0, io.SeekCurrent)
	return err == nil
}

// spool copies a stream to a temporary file.
func spool(r io.Reader) (*os.File, error) {
	f, err := os.CreateTemp("", "mailctl-input-*")
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

func (k keptFile) close() error {
	err := k.file.Close()
	if k.copied {
		err = errors.Join(err, os.Remove(k.file.Name()))
	}
	return err
}
