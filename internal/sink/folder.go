package sink

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// IndexFile is the name of the file in a [Folder] that holds one JSON line per
// message (schema mailctl.sink-message/1): a [Message] and, as "file", the name of
// its .eml file.
const IndexFile = "index.jsonl"

// A Folder is a [Store] that keeps each message in a file of its own, byte for
// byte as it was received, and the envelopes in [IndexFile].
//
// Files are named by a running number and a hash of the Message-ID, as in
// "000000012-9ae16a3b.eml", so that names sort by time and take nothing from the
// client. A file has its name only when it is complete, and is in the index only
// after it has its name. Nothing is flushed to the disk. A folder serves one
// sink at a time; numbers go on where an earlier sink stopped.
type Folder struct {
	dir string

	mu    sync.Mutex
	last  uint64   // number of the newest message
	index *os.File // nil once closed
}

// NewFolder opens a folder, and makes it (mode 0700) when it is not there. The
// caller closes it after the server that uses it.
func NewFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	last, err := lastNumber(dir)
	if err != nil {
		return nil, err
	}
	index, err := os.OpenFile(filepath.Join(dir, IndexFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &Folder{dir: dir, last: last, index: index}, nil
}

// Close closes the index.
func (f *Folder) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.index == nil {
		return nil
	}
	err := f.index.Close()
	f.index = nil
	return err
}

// Begin opens a temporary file, mode 0600, in the folder.
func (f *Folder) Begin() (Draft, error) {
	file, err := os.CreateTemp(f.dir, ".incoming-*")
	if err != nil {
		return nil, err
	}
	return &folderDraft{folder: f, file: file}, nil
}

// folderDraft is a temporary file.
type folderDraft struct {
	folder *Folder
	file   *os.File
}

func (d *folderDraft) Write(p []byte) (int, error) { return d.file.Write(p) }

func (d *folderDraft) Discard() error {
	return errors.Join(d.file.Close(), os.Remove(d.file.Name()))
}

func (d *folderDraft) Commit(m Message) (string, error) {
	if err := d.file.Close(); err != nil {
		return "", errors.Join(err, os.Remove(d.file.Name()))
	}
	name := fmt.Sprintf("%09d-%08x.eml", d.folder.next(), hash(0, m.MessageID)>>32)
	path := filepath.Join(d.folder.dir, name)
	if err := os.Rename(d.file.Name(), path); err != nil {
		return "", errors.Join(err, os.Remove(d.file.Name()))
	}
	if err := d.folder.enter(name, m); err != nil {
		return "", errors.Join(err, os.Remove(path))
	}
	return path, nil
}

// next takes the next number.
func (f *Folder) next() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	return f.last
}

// enter adds a line to the index.
func (f *Folder) enter(name string, m Message) error {
	line, err := json.Marshal(struct {
		Schema string `json:"schema"`
		File   string `json:"file"`
		Message
	}{"mailctl.sink-message/1", name, m})
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.index == nil {
		return fs.ErrClosed
	}
	_, err = f.index.Write(append(line, '\n'))
	return err
}

// lastNumber returns the highest number among the messages of a folder.
func lastNumber(dir string) (uint64, error) {
	d, err := os.Open(dir)
	if err != nil {
		return 0, err
	}
	defer d.Close() //nolint:errcheck // only read
	var last uint64
	for {
		names, err := d.Readdirnames(1024)
		for _, name := range names {
			digits, _, ok := strings.Cut(name, "-")
			if n, err := strconv.ParseUint(digits, 10, 64); err == nil && ok && strings.HasSuffix(name, ".eml") {
				last = max(last, n)
			}
		}
		if errors.Is(err, io.EOF) {
			return last, nil
		}
		if err != nil {
			return 0, err
		}
	}
}
