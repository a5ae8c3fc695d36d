package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"
)

// followEvery is how often a log is looked at for more lines.
const followEvery = 200 * time.Millisecond

// A follower reads a file until done is closed: what is appended, and when the
// file was moved away or emptied, the one that took its place.
type follower struct {
	done   <-chan struct{}
	ended  func() error // why done is closed
	path   string
	file   *os.File
	offset int64
	last   byte         // the last octet that was read
	idle   func() error // called when there is nothing to read, before waiting
}

// Read waits for more, and never reports the end of the file.
func (f *follower) Read(p []byte) (int, error) {
	for {
		n, err := f.file.Read(p)
		if n > 0 {
			f.offset += int64(n)
			f.last = p[n-1]
			return n, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		changed, err := f.turn()
		switch {
		case err != nil:
			return 0, err
		case changed && f.last != '\n' && f.last != 0:
			f.last = '\n' // what was cut short there is not joined to the next file's first line
			return copy(p, "\n"), nil
		case changed:
			continue
		}
		if err := f.idle(); err != nil {
			return 0, err
		}
		if err := f.wait(); err != nil {
			return 0, err
		}
	}
}

// turn goes on to the file that bears the name now, or back to the start of one
// that was emptied, and reports whether there was a reason to.
func (f *follower) turn() (bool, error) {
	now, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // it was moved away, and the next is still to come
	}
	if err != nil {
		return false, err
	}
	was, err := f.file.Stat()
	if err != nil {
		return false, err
	}
	if os.SameFile(now, was) {
		if now.Size() >= f.offset {
			return false, nil
		}
		f.offset = 0
		_, err := f.file.Seek(0, io.SeekStart)
		return true, err
	}
	if was.Size() > f.offset {
		return true, nil // the rest of the old one comes first
	}
	next, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	err = f.file.Close()
	f.file, f.offset = next, 0
	return true, err
}

func (f *follower) wait() error {
	timer := time.NewTimer(followEvery)
	defer timer.Stop()
	select {
	case <-f.done:
		return f.ended()
	case <-timer.C:
		return nil
	}
}

// Close closes the file.
func (f *follower) Close() error { return f.file.Close() }

// idle passes on what was found so far, since more may be long in coming.
func (l *logRun) idle(ctx context.Context) error {
	if err := l.flush(); err != nil {
		return err
	}
	return l.suppress(ctx)
}

// flush writes the events that are waiting to be written.
func (l *logRun) flush() error {
	if l.out == nil {
		return nil
	}
	return l.out.Flush()
}
