package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/mailctl/mailctl/pkg/delivery"
)

const (
	fileName = "ledger.db"
	// lockName is the file that is locked while the ledger is opened.
	lockName = "ledger.lock"

	dirMode  fs.FileMode = 0o700
	fileMode fs.FileMode = 0o600
)

// prepareDir makes the folder, for its owner alone whatever the umask says. A
// folder that exists is closed to others too if it is the ledger's own: it
// holds a ledger or nothing. Another's folder keeps its mode; in it the files
// alone are closed.
func prepareDir(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(dir, dirMode); err != nil {
			return unwritable(err)
		}
	case err != nil:
		return unwritable(err)
	case !info.IsDir():
		return delivery.Hint(fmt.Errorf("state folder %q is not a folder", dir), "choose another one with --state")
	case !ownDir(dir, info):
		return nil
	}
	if err := os.Chmod(dir, dirMode); err != nil {
		return unwritable(err)
	}
	return nil
}

func ownDir(dir string, info fs.FileInfo) bool {
	if info.Mode()&(fs.ModeSticky|fs.ModeSetgid) != 0 {
		return false
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false
	}
	for _, e := range entries {
		if e.Name() == fileName {
			return true
		}
	}
	return len(entries) == 0
}

// prepareFile makes sure that the database exists and that it and its
// companions are for their owner alone. It opens no file that exists: closing
// it would drop the locks that this process holds on it through another ledger.
func prepareFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, fileMode)
	switch {
	case err == nil:
		if err := f.Close(); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrExist):
		return unwritable(err)
	}
	return closeToOthers(path)
}

// closeToOthers gives the database and its companions the mode 0600.
func closeToOthers(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		err := os.Chmod(path+suffix, fileMode)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return unwritable(err)
		}
	}
	return nil
}

// unwritable says what to do about a folder or file that cannot be used.
func unwritable(err error) error {
	if noRoom(err) {
		return delivery.Hint(fmt.Errorf("%w: %w", ErrDiskFull, err), makeRoom)
	}
	return delivery.Hint(fmt.Errorf("%w: %w", ErrReadOnly, err),
		"check who owns the state folder, or choose another one with --state")
}

// noRoom reports whether a file cannot be written because its disk is full.
func noRoom(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

func lockPath(dir string, campaign int64) string {
	return filepath.Join(dir, fmt.Sprintf("campaign-%d.lock", campaign))
}

// Exists reports whether there is a ledger in a folder.
func Exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, fileName))
	return err == nil
}
