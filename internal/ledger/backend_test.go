package ledger

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// A backend is a place that remembers. It is opened again and again, as
// processes would that come and go.
type backend interface {
	open(tb testing.TB, opt Options) ledgerUnderTest
}

// ledgerUnderTest is what every backend must be able to do.
type ledgerUnderTest interface {
	Begin(ctx context.Context, spec Spec) (campaignUnderTest, error)
	List(ctx context.Context, yield func(Info) error) error
	Show(ctx context.Context, name string) (Info, Totals, error)
	Totals(ctx context.Context, name string) (Totals, error)
	ByDomain(ctx context.Context, name string, label func(domain string) string) (map[string]Counts, error)
	Daily(ctx context.Context, q DailyQuery) (map[string]map[string]DayCounts, error)
	Events(ctx context.Context, name string, most int) ([]send.Event, error)
	Export(ctx context.Context, name string, yield func(Recipient) error) error
	Attempts(ctx context.Context, name string, address delivery.Address) ([]delivery.Attempt, error)
	Cancel(ctx context.Context, name string) (Status, error)
	RefreshSent(ctx context.Context) error
	FindSent(ctx context.Context, messageID string, a delivery.Address) (Sent, bool, error)
	Amend(ctx context.Context, id int64, a delivery.Attempt) (bool, error)
	Suppressions() suppressionsUnderTest
	Close() error
	// die leaves everything as the death of the process would.
	die(tb testing.TB)
}

type campaignUnderTest interface {
	send.Store
	Name() string
	Loaded() bool
	Load(ctx context.Context, next func() (Entry, error)) error
	Skip(ctx context.Context, next func() (SkippedRow, error)) error
	Aside(ctx context.Context, yield func(Recipient) error) error
	Order(ctx context.Context, next func() (int, error)) error
	Reroute(ctx context.Context, route func(delivery.Address) string) error
	Ready(ctx context.Context) error
	NextTry(ctx context.Context) (time.Time, bool, error)
	Discard(ctx context.Context) error
	Totals(ctx context.Context) (Totals, error)
	RecentSends(ctx context.Context, destination string, since time.Time, most int) ([]time.Time, error)
	RecentSendsTo(ctx context.Context, kind func(host string) bool, since time.Time, most int) ([]time.Time, error)
	NoteEvent(ctx context.Context, e send.Event) error
	Pause(ctx context.Context, reason string) error
	Finish(ctx context.Context) error
	ResendUnknown(ctx context.Context) (int, error)
	Close() error
}

type suppressionsUnderTest interface {
	Add(ctx context.Context, entry Suppression) (bool, error)
	Import(ctx context.Context, next func() (Suppression, error)) (int, error)
	Remove(ctx context.Context, address string) (bool, error)
	Lookup(ctx context.Context, a delivery.Address) (Suppression, bool, error)
	Each(ctx context.Context, yield func(Suppression) error) error
	Complaints(ctx context.Context, reason string, q DailyQuery) (map[string]map[string]int64, error)
}

// sqliteBackend is a folder.
type sqliteBackend struct{ dir string }

func (b sqliteBackend) open(tb testing.TB, opt Options) ledgerUnderTest {
	tb.Helper()
	l, err := Open(tb.Context(), b.dir, opt)
	if err != nil {
		tb.Fatal(err)
	}
	s := &sqliteUnderTest{Ledger: l}
	tb.Cleanup(func() { s.die(tb) })
	return s
}

type sqliteUnderTest struct {
	*Ledger
	begun  []*Campaign
	closed bool
}

func (s *sqliteUnderTest) Begin(ctx context.Context, spec Spec) (campaignUnderTest, error) {
	c, err := s.Ledger.Begin(ctx, spec)
	if err != nil {
		return nil, err
	}
	s.begun = append(s.begun, c)
	return c, nil
}

func (s *sqliteUnderTest) Suppressions() suppressionsUnderTest { return s.Ledger.Suppressions() }

func (s *sqliteUnderTest) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	return s.Ledger.Close()
}

func (s *sqliteUnderTest) die(tb testing.TB) {
	tb.Helper()
	for _, c := range s.begun {
		if !c.closed {
			c.closed = true
			if err := c.lock.release(); err != nil {
				tb.Error(err)
			}
		}
	}
	if err := s.Close(); err != nil {
		tb.Error(err)
	}
}

var errStop = errors.New("stop")
