package ledger

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strconv"
	"time"
)

// A fileLock is held by one process and freed with its death, however it dies.
// The file stays, because removing it could let two hold the lock.
type fileLock struct{ f *os.File }

// errLocked means that another holds the lock.
var errLocked = errors.New("locked")

// lockTry is the time between two tries to get a lock.
const lockTry = 10 * time.Millisecond

// acquire takes the lock of a file, and tries for as long as it is told or the
// context lives. The error is [errLocked] when another keeps it.
func acquire(ctx context.Context, path string, patience time.Duration) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, unwritable(err)
	}
	l := &fileLock{f}
	if err := l.wait(ctx, patience); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if err := l.sign(); err != nil {
		return nil, errors.Join(err, l.release())
	}
	return l, nil
}

func (l *fileLock) wait(ctx context.Context, patience time.Duration) error {
	ticker := time.NewTicker(lockTry)
	defer ticker.Stop()
	for tries := patience / lockTry; ; tries-- {
		locked, err := tryLock(l.f)
		switch {
		case err != nil:
			return err
		case locked:
			return nil
		case tries <= 0:
			return errLocked
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// sign writes down who holds the lock. On a full disk nobody can read it there; the
// lock is held all the same.
func (l *fileLock) sign() error {
	if err := l.f.Chmod(fileMode); err != nil {
		return err
	}
	if err := l.f.Truncate(0); err != nil {
		return err
	}
	_, err := l.f.WriteAt(strconv.AppendInt(nil, int64(os.Getpid()), 10), 0)
	if noRoom(err) {
		return nil
	}
	return err
}

// release frees the lock.
func (l *fileLock) release() error {
	return errors.Join(l.f.Truncate(0), unlock(l.f), l.f.Close())
}

// holder returns the process that holds a lock, or 0 when it cannot be told.
func holder(path string) int {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(string(bytes.TrimSpace(content)))
	if err != nil || pid < 0 {
		return 0
	}
	return pid
}

// held reports whether a lock is held.
func held(path string) (bool, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, unwritable(err)
	}
	free, err := tryLock(f)
	if err == nil && free {
		err = unlock(f)
	}
	return !free, errors.Join(err, f.Close())
}
