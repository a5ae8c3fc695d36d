package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Suppression is somebody, or a whole domain, that must never be written to.
type Suppression struct {
	Address string    // "user@example.com", or "@example.com" for a domain without its subdomains
	Reason  string    // such as "hard-bounce"
	Source  string    // who or what put it there
	Time    time.Time // when; the zero time is now
}

// Suppressions returns the suppression list. Local parts are compared without
// regard to case: receivers that care about it are rarer than lists that do not.
func (l *Ledger) Suppressions() *Suppressions { return &Suppressions{l} }

// Suppressions is the suppression list.
type Suppressions struct{ l *Ledger }

// suppressionPage is how many suppressions share a transaction or a query.
const suppressionPage = 1000

// Add puts somebody on the list, and reports whether they were not on it yet.
// An earlier entry stays what it is.
func (s *Suppressions) Add(ctx context.Context, entry Suppression) (bool, error) {
	done := false
	added, err := s.Import(ctx, func() (Suppression, error) {
		if done {
			return Suppression{}, io.EOF
		}
		done = true
		return entry, nil
	})
	return added == 1, err
}

// Import adds all that next returns until it returns io.EOF, and returns how
// many were not on the list yet. When it fails, what was counted is kept.
func (s *Suppressions) Import(ctx context.Context, next func() (Suppression, error)) (int, error) {
	added := 0
	for done := false; !done; {
		page, err := suppressions(next)
		if done = errors.Is(err, io.EOF); err != nil && !done {
			return added, err
		}
		if len(page) == 0 {
			break
		}
		n := 0
		err = s.l.w.updateSynced(ctx, func(t tx) error {
			n, err = s.add(t, page)
			return err
		})
		if err != nil {
			return added, s.l.explain(err)
		}
		added += n
	}
	return added, nil
}

// suppressions reads a page of entries and makes their addresses normal.
func suppressions(next func() (Suppression, error)) ([]Suppression, error) {
	var page []Suppression
	for len(page) < suppressionPage {
		entry, err := next()
		if err != nil {
			return page, err
		}
		if entry.Address, err = normalSuppression(entry.Address); err != nil {
			return page, err
		}
		page = append(page, entry)
	}
	return page, nil
}

func (s *Suppressions) add(t tx, page []Suppression) (int, error) {
	added := int64(0)
	for _, entry := range page {
		if entry.Time.IsZero() {
			entry.Time = s.l.now()
		}
		result, err := t.exec(`INSERT INTO suppressions (key, address, reason, source, time) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO NOTHING`,
			strings.ToLower(entry.Address), entry.Address, entry.Reason, entry.Source, entry.Time.UnixMicro())
		if err != nil {
			return 0, err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return 0, err
		}
		added += n
	}
	return int(added), nil
}

// Remove takes somebody off the list, and reports whether they were on it. It
// takes what [Suppression.Address] holds.
func (s *Suppressions) Remove(ctx context.Context, address string) (bool, error) {
	address, err := normalSuppression(address)
	if err != nil {
		return false, err
	}
	var n int64
	err = s.l.w.updateSynced(ctx, func(t tx) error {
		result, err := t.exec("DELETE FROM suppressions WHERE key = ?", strings.ToLower(address))
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	return n > 0, s.l.explain(err)
}

// Lookup returns the entry that forbids to write to an address, the address's
// own before its domain's, and whether there is one.
func (s *Suppressions) Lookup(ctx context.Context, a delivery.Address) (Suppression, bool, error) {
	own, domain := suppressionKeys(a)
	var entry Suppression
	var at int64
	found, err := s.l.r.one(ctx, []any{&entry.Address, &entry.Reason, &entry.Source, &at},
		"SELECT address, reason, source, time FROM suppressions WHERE key IN (?, ?) ORDER BY key = ? DESC LIMIT 1",
		own, domain, own)
	if !found || err != nil {
		return Suppression{}, false, s.l.explain(err)
	}
	entry.Time = time.UnixMicro(at)
	return entry, true, nil
}

// Each calls yield for every entry in the order in which they were added, until
// yield returns an error.
func (s *Suppressions) Each(ctx context.Context, yield func(Suppression) error) error {
	for after, more := int64(0), true; more; {
		page := make([]Suppression, 0, suppressionPage)
		err := s.l.r.each(ctx, func(rows *sql.Rows) error {
			var entry Suppression
			var at int64
			err := rows.Scan(&after, &entry.Address, &entry.Reason, &entry.Source, &at)
			entry.Time = time.UnixMicro(at)
			page = append(page, entry)
			return err
		}, "SELECT id, address, reason, source, time FROM suppressions WHERE id > ? ORDER BY id LIMIT ?", after, suppressionPage)
		if err != nil {
			return s.l.explain(err)
		}
		for _, entry := range page {
			if err := yield(entry); err != nil {
				return err
			}
		}
		more = len(page) == suppressionPage
	}
	return nil
}

// normalSuppression returns the normal form of an address or of "@" and a
// domain.
func normalSuppression(s string) (string, error) {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, "@") {
		a, err := delivery.ParseAddress(s)
		if err != nil {
			return "", delivery.Hint(err, "write an address such as user@example.com, or @example.com for a whole domain")
		}
		return a.Key(), nil
	}
	a, err := delivery.ParseAddress("x" + s)
	if err != nil {
		return "", fmt.Errorf("domain %q: %w", s, err)
	}
	return "@" + a.Domain, nil
}

// suppressionKeys returns the keys under which an address and its domain would
// be found.
func suppressionKeys(a delivery.Address) (own, domain string) {
	own = strings.ToLower(a.Key())
	return own, own[strings.LastIndexByte(own, '@'):]
}
