package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// Options are what a ledger needs to know of its surroundings.
type Options struct {
	// BootID identifies the machine's boot; see [ReadBootID]. When it is empty,
	// whoever was claimed when a process died is unknown.
	BootID string
	// Now is the clock; nil is [time.Now].
	Now func() time.Time
}

// A Ledger is an open ledger. Its methods may be called from several
// goroutines, and several processes may have the same ledger open.
type Ledger struct {
	dir  string
	path string
	boot string
	now  func() time.Time
	w    *writer
	r    *reader
}

const (
	// busyTimeout is how long to wait for another process's transaction.
	busyTimeout = 30 * time.Second
	// openPatience is how long to wait for another process that is opening the
	// ledger, and may be bringing it up to date.
	openPatience = 30 * time.Second

	// Sizes of the page caches in KiB. They bound the ledger's memory.
	writerCache = 6 << 10
	readerCache = 1 << 10
	readers     = 2

	// checkpointPages is after how many pages of 4 KiB the file of recent
	// changes is folded into the database; walLimit is what it is cut to when a
	// long reader made it grow.
	checkpointPages = 1000
	walLimit        = 16 << 20
)

// Open opens the ledger in a folder, and makes both when there are none. The
// folder and the files are for their owner alone. The caller closes it.
func Open(ctx context.Context, dir string, opt Options) (*Ledger, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := prepareDir(dir); err != nil {
		return nil, err
	}
	lock, err := acquire(ctx, filepath.Join(dir, lockName), openPatience)
	if errors.Is(err, errLocked) {
		return nil, fmt.Errorf("ledger in %q: %w", dir, ErrOccupied)
	}
	if err != nil {
		return nil, err
	}
	l := &Ledger{dir: dir, path: filepath.Join(dir, fileName), boot: opt.BootID, now: opt.Now}
	if l.now == nil {
		l.now = time.Now
	}
	err = l.open(ctx)
	if err = errors.Join(err, lock.release()); err != nil {
		return nil, errors.Join(l.explain(err), l.Close())
	}
	return l, nil
}

func (l *Ledger) open(ctx context.Context) error {
	if err := prepareFile(l.path); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", dataSource(l.path, writerCache,
		"journal_mode(WAL)",
		"synchronous(NORMAL)",
		fmt.Sprintf("wal_autocheckpoint(%d)", checkpointPages),
		fmt.Sprintf("journal_size_limit(%d)", walLimit),
	))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	if err := l.migrate(ctx, db); err != nil {
		return errors.Join(err, db.Close())
	}
	if l.w, err = newWriter(ctx, db); err != nil {
		return errors.Join(err, db.Close())
	}
	if l.r, err = newReader(l.path); err != nil {
		return err
	}
	return closeToOthers(l.path)
}

// Close closes the ledger. Campaigns must be closed before.
func (l *Ledger) Close() error {
	var errs []error
	if l.r != nil {
		errs = append(errs, l.r.close())
	}
	if l.w != nil { // last, so that it folds the recent changes in
		errs = append(errs, l.w.close())
	}
	return l.explain(errors.Join(errs...))
}

// dataSource names a database file and the settings of a connection to it.
func dataSource(path string, cacheKiB int, pragmas ...string) string {
	settings := url.Values{}
	settings.Add("_pragma", fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()))
	settings.Add("_pragma", fmt.Sprintf("cache_size(-%d)", cacheKiB))
	for _, p := range pragmas {
		settings.Add("_pragma", p)
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: settings.Encode()}).String()
}
