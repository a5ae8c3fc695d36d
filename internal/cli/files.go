package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// fileError says what could not be done with a file, and what to do about it.
// The purpose is "read --list" or "write --out".
func fileError(purpose, path string, err error) error {
	failed := fmt.Errorf("cannot %s %q: %w", purpose, path, bare(err))
	return delivery.Hint(failed, fileHint(path, err))
}

// bare takes the operation and the path off an error of the operating system,
// where the text around it names them already.
func bare(err error) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err
	}
	return err
}

func fileHint(path string, err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist) && filepath.IsAbs(path):
		return "check the path"
	case errors.Is(err, fs.ErrNotExist):
		return "check the path; it is relative to the current folder"
	case errors.Is(err, fs.ErrPermission):
		return "check who may use that file, with: ls -l " + filepath.Dir(path)
	case len(delivery.Hints(err)) > 0:
		return "" // it says itself what to do
	default:
		return "check that it is a file this user can use"
	}
}
