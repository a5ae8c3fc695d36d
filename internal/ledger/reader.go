package ledger

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// A reader is the pool of connections that only read. Statements are prepared
// once and kept; there is a fixed number of them.
//
// While a query is open the file of recent changes cannot shrink, so that what
// may take long is read in pages.
type reader struct {
	db    *sql.DB
	mu    sync.Mutex
	stmts map[string]*sql.Stmt
}

// newReader opens the pool for the database at a path.
func newReader(path string) (*reader, error) {
	pool, err := sql.Open("sqlite", dataSource(path, readerCache, "query_only(1)"))
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(readers)
	return &reader{db: pool, stmts: map[string]*sql.Stmt{}}, nil
}

func (r *reader) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if stmt, ok := r.stmts[query]; ok {
		return stmt, nil
	}
	stmt, err := r.db.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	r.stmts[query] = stmt
	return stmt, nil
}

// each calls fn for every row of a query; fn scans it.
func (r *reader) each(ctx context.Context, fn func(*sql.Rows) error, query string, args ...any) error {
	stmt, err := r.stmt(ctx, query)
	if err != nil {
		return err
	}
	return queryEach(ctx, stmt, fn, args)
}

// one scans the only row of a query, and reports whether there is one.
func (r *reader) one(ctx context.Context, dest []any, query string, args ...any) (bool, error) {
	stmt, err := r.stmt(ctx, query)
	if err != nil {
		return false, err
	}
	return queryOne(ctx, stmt, dest, args)
}

func (r *reader) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, stmt := range r.stmts {
		errs = append(errs, stmt.Close())
	}
	r.stmts = nil
	return errors.Join(append(errs, r.db.Close())...)
}

func queryEach(ctx context.Context, stmt *sql.Stmt, fn func(*sql.Rows) error, args []any) error {
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := fn(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

func queryOne(ctx context.Context, stmt *sql.Stmt, dest, args []any) (bool, error) {
	err := stmt.QueryRowContext(ctx, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
