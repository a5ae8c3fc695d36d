package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"path/filepath"

	"github.com/mailctl/mailctl/pkg/list"
)

// A listFile is the list that --list names, ready to be read several times.
type listFile struct {
	keptFile
	folder string // where it lies
	digest string // SHA-256 of its bytes
}

// openList opens a list and takes its digest. Standard input lies here.
func openList(env Environment, path string) (*listFile, error) {
	kept, err := keep(env, "read --list", path)
	if err != nil {
		return nil, err
	}
	l := &listFile{keptFile: kept, folder: filepath.Dir(path)}
	l.name = filepath.Base(l.name)
	hash := sha256.New()
	if _, err := io.Copy(hash, l.file); err != nil {
		return nil, errors.Join(fileError("read --list", path, err), l.close())
	}
	l.digest = hex.EncodeToString(hash.Sum(nil))
	return l, nil
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
