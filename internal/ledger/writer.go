package ledger

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// A writer owns the one connection of this process that writes. Statements are
// prepared once and kept; there is a fixed number of them.
type writer struct {
	mu    sync.Mutex
	db    *sql.DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	names *names
}

func newWriter(ctx context.Context, db *sql.DB) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &writer{db: db, conn: conn, stmts: map[string]*sql.Stmt{}, names: newNames()}, nil
}

// update runs fn in one transaction. When it returns nil, what fn wrote
// survives the death of the process. The context is looked at only before the
// transaction begins.
func (w *writer) update(ctx context.Context, fn func(tx) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.transact(ctx, fn)
}

// updateSynced is update for what must survive a power cut too. It syncs all
// that was committed before as well.
func (w *writer) updateSynced(ctx context.Context, fn func(tx) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	// A pragma does its work when it is prepared, so that it cannot be kept.
	if _, err := w.conn.ExecContext(context.Background(), "PRAGMA synchronous = FULL"); err != nil {
		return err
	}
	err := w.transact(ctx, fn)
	_, back := w.conn.ExecContext(context.Background(), "PRAGMA synchronous = NORMAL")
	return errors.Join(err, back)
}

func (w *writer) transact(ctx context.Context, fn func(tx) error) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	t := tx{w}
	// IMMEDIATE waits for other processes here and not in the middle.
	if _, err := t.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := fn(t)
	if err == nil {
		_, err = t.exec("COMMIT")
	}
	if err != nil {
		w.names = newNames() // it may hold rows that are gone
		// SQLite has already rolled back after some errors; then this one fails,
		// and the first error is the one that counts.
		_, _ = t.exec("ROLLBACK")
	}
	return err
}

func (w *writer) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var errs []error
	for _, stmt := range w.stmts {
		errs = append(errs, stmt.Close())
	}
	w.stmts = nil
	return errors.Join(append(errs, w.conn.Close(), w.db.Close())...)
}

// A tx is a write transaction. Its statements run to their end whatever becomes
// of the caller's context: they are short, and half of one helps nobody.
type tx struct{ w *writer }

func (t tx) stmt(query string) (*sql.Stmt, error) {
	if stmt, ok := t.w.stmts[query]; ok {
		return stmt, nil
	}
	stmt, err := t.w.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	t.w.stmts[query] = stmt
	return stmt, nil
}

// exec runs a statement that returns no rows.
func (t tx) exec(query string, args ...any) (sql.Result, error) {
	stmt, err := t.stmt(query)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(context.Background(), args...)
}

// each calls fn for every row of a query; fn scans it.
func (t tx) each(fn func(*sql.Rows) error, query string, args ...any) error {
	stmt, err := t.stmt(query)
	if err != nil {
		return err
	}
	return queryEach(context.Background(), stmt, fn, args)
}

// one scans the only row of a query, and reports whether there is one.
func (t tx) one(dest []any, query string, args ...any) (bool, error) {
	stmt, err := t.stmt(query)
	if err != nil {
		return false, err
	}
	return queryOne(context.Background(), stmt, dest, args)
}
