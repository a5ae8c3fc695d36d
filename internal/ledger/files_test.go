package ledger

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// wantModes checks the modes of a folder and all in it.
func wantModes(t *testing.T, dir string) {
	t.Helper()
	seen := 0
	check(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		check(t, err)
		info, err := entry.Info()
		check(t, err)
		want := fileMode
		if entry.IsDir() {
			want = dirMode
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has the mode %v", path, info.Mode())
		}
		seen++
		return nil
	}))
	if seen < 5 { // folder, ledger.db, -wal, -shm, a lock
		t.Errorf("%d files", seen)
	}
}

func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes")
	}
	t.Cleanup(func() { goleak.VerifyNone(t) })
	dir := filepath.Join(t.TempDir(), "a", "b")
	for _, umask := range []int{0, 0o777} {
		setUmask(t, umask)
		l := sqliteBackend{dir}.open(t, Options{})
		c := begin(t, l, "welcome", entries("1@d.example"))
		claimAll(t, c, "d", 1)
		wantModes(t, dir)
		check(t, c.Close())
		check(t, l.Close())
		// What others may read is closed to them the next time.
		check(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, _ error) error { return os.Chmod(path, 0o777) }))
	}
	l := sqliteBackend{dir}.open(t, Options{})
	begin(t, l, "welcome", nil)
	wantModes(t, dir)
}

// TestForeignDir proves that a folder that is not the ledger's own keeps its
// mode.
func TestForeignDir(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes")
	}
	dir := t.TempDir()
	check(t, os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o644))
	check(t, os.Chmod(dir, 0o755))
	check(t, sqliteBackend{dir}.open(t, Options{}).Close())
	info, err := os.Stat(dir)
	check(t, err)
	same(t, info.Mode().Perm(), fs.FileMode(0o755))
	info, err = os.Stat(filepath.Join(dir, fileName))
	check(t, err)
	same(t, info.Mode().Perm(), fileMode)
}

// TestOpenFails checks that what cannot be opened is called by its name and
// comes with advice.
func TestOpenFails(t *testing.T) {
	t.Cleanup(func() { goleak.VerifyNone(t) })
	for name, test := range map[string]struct {
		prepare func(t *testing.T, dir string)
		want    error
	}{
		"text": {func(t *testing.T, dir string) {
			t.Helper()
			check(t, os.WriteFile(filepath.Join(dir, fileName), []byte(strings.Repeat("not a database\n", 100)), 0o600))
		}, ErrForeign},
		"another's database": {func(t *testing.T, dir string) {
			t.Helper()
			execute(t, dir, "CREATE TABLE songs (id INTEGER)")
		}, ErrForeign},
		"another's application": {func(t *testing.T, dir string) {
			t.Helper()
			execute(t, dir, "PRAGMA application_id = 7")
		}, ErrForeign},
		"newer": {func(t *testing.T, dir string) {
			t.Helper()
			check(t, sqliteBackend{dir}.open(t, Options{}).Close())
			execute(t, dir, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)")
		}, ErrNewer},
		"a folder": {func(t *testing.T, dir string) {
			t.Helper()
			check(t, os.Mkdir(filepath.Join(dir, fileName), 0o700))
		}, ErrReadOnly},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			test.prepare(t, dir)
			l, err := Open(t.Context(), dir, Options{})
			if err == nil {
				check(t, l.Close())
			}
			if !errors.Is(err, test.want) || len(delivery.Hints(err)) == 0 || !strings.Contains(err.Error(), dir) {
				t.Fatalf("%v, hints %q", err, delivery.Hints(err))
			}
		})
	}
}

func TestOpenNowhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	check(t, os.WriteFile(file, nil, 0o600))
	for _, dir := range []string{file, filepath.Join(file, "dir")} {
		if _, err := Open(t.Context(), dir, Options{}); err == nil || len(delivery.Hints(err)) == 0 {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	closed := t.TempDir()
	check(t, os.Chmod(closed, 0o500))
	if _, err := Open(t.Context(), filepath.Join(closed, "dir"), Options{}); !errors.Is(err, ErrReadOnly) || len(delivery.Hints(err)) == 0 {
		t.Errorf("read-only: %v", err)
	}
}

// TestOpenAgain proves that a ledger whose making was interrupted is made, and
// that one that is up to date stays as it is.
func TestOpenAgain(t *testing.T) {
	dir := t.TempDir()
	execute(t, dir, "CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER, is_applied INTEGER, tstamp TIMESTAMP DEFAULT (datetime('now')))")
	execute(t, dir, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1)")
	l := sqliteBackend{dir}.open(t, Options{})
	check(t, begin(t, l, "welcome", entries("1@d.example")).Close())
	check(t, l.Close())
	l = sqliteBackend{dir}.open(t, Options{})
	same(t, outcomes(t, l, "welcome"), []string{"pending"})
}

// TestOpenWithRehearsals opens a ledger of a time when rehearsals took the bounces.
func TestOpenWithRehearsals(t *testing.T) {
	dir := t.TempDir()
	clk := newClock()
	l := sqliteBackend{dir}.open(t, clk.options("boot"))
	sentAs(t, begin(t, l, "welcome", entries("1@d.example")), clk, "d", "welcome")
	sentAs(t, rehearse(t, l, "rehearsal", entries("1@d.example", "2@d.example")), clk, "d", "rehearsal")
	check(t, l.Close())
	for _, statement := range []string{
		"INSERT INTO sent_messages SELECT message_id, recipient FROM attempts",
		"INSERT INTO sent_addresses SELECT address, max(id) FROM recipients GROUP BY address",
		"UPDATE sent_until SET attempt = (SELECT max(id) FROM attempts)",
		"DELETE FROM goose_db_version WHERE version_id > 3",
		"ALTER TABLE campaigns DROP COLUMN rows_name",
		"ALTER TABLE campaigns DROP COLUMN rows_digest",
	} {
		execute(t, dir, statement)
	}
	l = sqliteBackend{dir}.open(t, clk.options("boot"))
	check(t, l.RefreshSent(t.Context()))
	for who, want := range map[string]string{"1@d.example": "welcome", "2@d.example": ""} {
		for _, messageID := range []string{"", "<rehearsal-" + who[:1] + "@acme.example>"} {
			sent, _, err := l.FindSent(t.Context(), messageID, address(who))
			check(t, err)
			same(t, sent.Campaign, want)
		}
	}
}

// TestOpenTogether has several open a new ledger at the same time.
func TestOpenTogether(t *testing.T) {
	t.Cleanup(func() { goleak.VerifyNone(t) })
	dir := t.TempDir()
	errs := make(chan error)
	const many = 5
	for range many {
		go func() {
			l, err := Open(background(), dir, Options{})
			if err == nil {
				err = l.Close()
			}
			errs <- err
		}()
	}
	for range many {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// TestStrangeDir proves that a folder's name is only a name.
func TestStrangeDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a?b#c%41&d e_pragma=foreign_keys")
	if runtime.GOOS == "windows" {
		dir = filepath.Join(t.TempDir(), "a#c%41&d e")
	}
	check(t, sqliteBackend{dir}.open(t, Options{}).Close())
	_, err := os.Stat(filepath.Join(dir, fileName))
	check(t, err)
}

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	is, err := held(path)
	check(t, err)
	same(t, is, false)
	lock, err := acquire(t.Context(), path, 0)
	check(t, err)
	is, err = held(path)
	check(t, err)
	same(t, []any{is, holder(path)}, []any{true, os.Getpid()})
	if _, err := acquire(t.Context(), path, 2*lockTry); !errors.Is(err, errLocked) {
		t.Fatalf("locked twice: %v", err)
	}
	released := make(chan error)
	go func() { released <- lock.release() }()
	next, err := acquire(t.Context(), path, time.Minute)
	check(t, errors.Join(err, <-released))
	check(t, next.release())
	check(t, os.WriteFile(path, []byte("nonsense"), 0o600))
	same(t, holder(path), 0)
}

func TestBootID(t *testing.T) {
	one, err := ReadBootID()
	check(t, err)
	two, err := ReadBootID()
	check(t, err)
	same(t, one, two)
	if runtime.GOOS == "linux" && one == "" {
		t.Error("Linux has one")
	}
}

// TestFullDisk takes a disk without room for what it is.
func TestFullDisk(t *testing.T) {
	full := &fs.PathError{Op: "mkdir", Path: "state", Err: syscall.ENOSPC}
	if err := unwritable(full); !errors.Is(err, ErrDiskFull) || len(delivery.Hints(err)) != 1 {
		t.Errorf("%v, hints %q", err, delivery.Hints(err))
	}
	if err := unwritable(fs.ErrPermission); !errors.Is(err, ErrReadOnly) {
		t.Errorf("%v", err)
	}
}
