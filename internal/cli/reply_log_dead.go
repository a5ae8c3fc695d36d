package cli

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/pkg/bounce/maillog"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/list"
)

// A deadList holds who is never to be written to again, in a temporary file. Who
// bounced often is in it often.
type deadList struct {
	file  *os.File
	table *csv.Writer
	rows  int
	added int // to the suppression list
	// recent are the last addresses, most of which are not written twice.
	recent map[string]struct{}
}

// maxRecent bounds the addresses that are remembered, and deadMemory the rows that
// are sorted in memory.
const (
	maxRecent  = 4096
	deadMemory = 1 << 16
)

// deadSource says where an entry of the suppression list came from.
const deadSource = "reply --log"

func newDeadList() (*deadList, error) {
	f, err := os.CreateTemp("", "mailctl-bounced-*")
	if err != nil {
		return nil, err
	}
	return &deadList{file: f, table: csv.NewWriter(f), recent: map[string]struct{}{}}, nil
}

func (d *deadList) close() error {
	return errors.Join(d.file.Close(), os.Remove(d.file.Name()))
}

// add takes the recipient of an event, unless it is no address.
func (d *deadList) add(e maillog.Event, v delivery.Verdict) error {
	address, ok := e.Address()
	if !ok {
		return nil
	}
	key := address.String()
	if _, known := d.recent[key]; known {
		return nil
	}
	if len(d.recent) == maxRecent {
		clear(d.recent)
	}
	d.recent[key] = struct{}{}
	d.rows++
	return d.table.Write([]string{key, string(v.Reason), timestamp(e.Time)})
}

// read returns a reader of the rows, from the first.
func (d *deadList) read() (*csv.Reader, error) {
	d.table.Flush()
	if err := d.table.Error(); err != nil {
		return nil, err
	}
	if _, err := d.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	rows := csv.NewReader(bufio.NewReader(d.file))
	rows.ReuseRecord = true
	return rows, nil
}

// empty forgets all rows.
func (d *deadList) empty() error {
	d.rows = 0
	if err := d.file.Truncate(0); err != nil {
		return err
	}
	_, err := d.file.Seek(0, io.SeekStart)
	return err
}

// suppress does with the dead what was asked for. It may be called again when there
// are more.
func (l *logRun) suppress(ctx context.Context) error {
	if l.dead == nil {
		return nil
	}
	if path := l.s.Reply.Suppressions; path != "" {
		if err := l.dead.write(path); err != nil {
			return err
		}
	}
	if !l.s.Reply.Suppress || l.dead.rows == 0 {
		return nil
	}
	n, err := l.importDead(ctx)
	l.dead.added += n
	if err != nil {
		return fmt.Errorf("cannot add to the suppression list: %w", err)
	}
	return l.dead.empty()
}

// importDead puts all rows on the suppression list.
func (l *logRun) importDead(ctx context.Context) (added int, err error) {
	rows, err := l.dead.read()
	if err != nil {
		return 0, err
	}
	book, err := openLedger(ctx, l.env, l.s)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	return book.Suppressions().Import(ctx, func() (ledger.Suppression, error) {
		row, err := rows.Read()
		if err != nil {
			return ledger.Suppression{}, err
		}
		at, err := time.Parse(time.RFC3339, row[2])
		if err != nil {
			at = l.env.Now() // the line had no time
		}
		return ledger.Suppression{Address: row[0], Reason: row[1], Source: deadSource, Time: at}, nil
	})
}

// write writes each address once, as 'suppress import' reads it.
func (d *deadList) write(path string) (err error) {
	repeated, err := d.duplicates()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, repeated.Close()) }()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fileError("write --suppressions", path, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	rows, err := d.read()
	if err != nil {
		return err
	}
	table, n := csv.NewWriter(f), 0
	copyTo := func(end int) error {
		for n++; n < end; n++ {
			row, err := rows.Read()
			if err == nil {
				err = table.Write([]string{row[0], row[1], deadSource, row[2]})
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	if err := table.Write([]string{"address", "reason", "source", "time"}); err != nil {
		return err
	}
	if err := repeated.Each(func(r list.Duplicate) error {
		if err := copyTo(r.Row); err != nil {
			return err
		}
		_, err := rows.Read() // the one that was there before
		return err
	}); err != nil {
		return err
	}
	if err := copyTo(d.rows + 1); err != nil {
		return err
	}
	table.Flush()
	return table.Error()
}

// duplicates finds the rows whose addresses came before.
func (d *deadList) duplicates() (*list.Duplicates, error) {
	rows, err := d.read()
	if err != nil {
		return nil, err
	}
	found := list.NewDuplicates(os.TempDir(), deadMemory)
	for n := 1; ; n++ {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		var address delivery.Address
		if err == nil {
			address, err = delivery.ParseAddress(row[0])
		}
		if err == nil {
			err = found.Add(list.Row{Number: n, Line: n, Address: address})
		}
		if err != nil {
			return nil, errors.Join(err, found.Close())
		}
	}
}
