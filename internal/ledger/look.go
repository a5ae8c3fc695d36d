package ledger

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Look is [Ledger.List] for a ledger that is not open. It makes nothing and
// changes nothing: the error is [os.ErrNotExist] when there is no ledger in the
// folder.
func Look(ctx context.Context, dir string, yield func(Info) error) (err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	l := &Ledger{dir: dir, path: filepath.Join(dir, fileName)}
	if _, err := os.Stat(l.path); err != nil {
		return err
	}
	if l.r, err = newReader(l.path); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.r.close()) }()
	return l.List(ctx, yield)
}

// nearNames is how many campaigns are searched for one with a similar name.
const nearNames = 1000

// nearest returns the campaign with the name most like the given one, or the
// newest that begins with it, "" when none is close enough to be meant.
func (l *Ledger) nearest(ctx context.Context, name string) (string, error) {
	var names []string
	err := l.r.each(ctx, func(rows *sql.Rows) error {
		var one string
		err := rows.Scan(&one)
		names = append(names, one)
		return err
	}, "SELECT name FROM campaigns ORDER BY id DESC LIMIT ?", nearNames)
	if near := delivery.Nearest(name, names); near != "" {
		return near, err
	}
	for _, one := range names { // the newest comes first
		if name != "" && strings.HasPrefix(one, name) {
			return one, err
		}
	}
	return "", err
}
