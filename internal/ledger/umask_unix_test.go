//go:build unix

package ledger

import (
	"testing"

	"golang.org/x/sys/unix"
)

// setUmask changes the process's umask for a test.
func setUmask(t *testing.T, mask int) {
	t.Helper()
	before := unix.Umask(mask)
	t.Cleanup(func() { unix.Umask(before) })
}
