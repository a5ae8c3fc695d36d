package ledger

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/mailctl/mailctl/pkg/delivery"
)

//go:embed schema/*.sql
var schemas embed.FS

// applicationID tells a ledger from other SQLite databases; "mctl".
const applicationID = 0x6d63746c

// migrate brings the database up to date. It refuses what is not a ledger and
// what a newer mailctl has changed.
func (l *Ledger) migrate(ctx context.Context, db *sql.DB) error {
	if err := l.recognize(ctx, db); err != nil {
		return err
	}
	files, err := fs.Sub(schemas, "schema")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return err
	}
	if current > target {
		return delivery.Hint(fmt.Errorf("ledger %q: %w (version %d, this one knows %d)", l.path, ErrNewer, current, target),
			"use the newer mailctl, or choose another folder with --state")
	}
	if current < target {
		_, err = provider.Up(ctx)
	}
	return err
}

// countTables also counts nothing in a database that a process was killed over
// before the first migration.
const countTables = `SELECT application_id,
	(SELECT count(*) FROM sqlite_master WHERE tbl_name NOT IN ('goose_db_version', 'sqlite_sequence'))
	FROM pragma_application_id`

// recognize returns an error unless the database is a ledger or empty.
func (l *Ledger) recognize(ctx context.Context, db *sql.DB) error {
	var id, tables int64
	err := db.QueryRowContext(ctx, countTables).Scan(&id, &tables)
	if err != nil {
		return err
	}
	if id == applicationID || id == 0 && tables == 0 {
		return nil
	}
	return delivery.Hint(fmt.Errorf("ledger %q: %w", l.path, ErrForeign),
		"choose another folder with --state, or move that file away")
}
