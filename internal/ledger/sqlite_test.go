package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// execute runs a statement on the database in a folder.
func execute(t *testing.T, dir, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, fileName))
	check(t, err)
	_, err = db.ExecContext(t.Context(), statement)
	check(t, err)
	check(t, db.Close())
}

func openCampaign(t *testing.T, dir string, list []Entry) (*Ledger, *Campaign) {
	t.Helper()
	l, err := Open(t.Context(), dir, Options{BootID: "boot"})
	check(t, err)
	c, err := l.Begin(t.Context(), spec("welcome"))
	check(t, err)
	if !c.Loaded() {
		check(t, c.Load(t.Context(), each(list)))
		check(t, c.Ready(t.Context()))
	}
	t.Cleanup(func() {
		_ = c.Close()
		_ = l.Close()
	})
	return l, c
}

// TestDiskFull proves that a full disk loses nothing: what cannot be stored is
// refused, and can be stored once there is room.
func TestDiskFull(t *testing.T) {
	var list []string
	for i := range 400 {
		list = append(list, fmt.Sprintf("%d@d.example", i))
	}
	l, c := openCampaign(t, t.TempDir(), entries(list...))
	batch, err := c.Claim(t.Context(), "d", 300, time.Time{})
	check(t, err)

	limit := func(pages int) {
		t.Helper()
		_, err := l.w.conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages))
		check(t, err)
	}
	limit(1) // no more than there are
	left := batch
	for len(left) > 0 {
		long := deliveredAt(time.Now())
		long.Reply.Lines = []string{strings.Repeat("x", 500)}
		if err = c.Record(t.Context(), []send.Change{intent(left[0]), ended(left[0], long, time.Time{})}); err != nil {
			break
		}
		left = left[1:]
	}
	if !errors.Is(err, ErrDiskFull) || len(delivery.Hints(err)) == 0 {
		t.Fatalf("the disk is full: %v", err)
	}
	for _, try := range []func() error{
		func() error {
			return c.Record(t.Context(), []send.Change{ended(left[0], bouncedAt(time.Now()), time.Time{})})
		},
		func() error { _, err := c.Claim(t.Context(), "d", 100, time.Time{}); return err },
	} {
		if err := try(); err != nil && !errors.Is(err, ErrDiskFull) {
			t.Fatal(err)
		}
	}
	limit(1 << 30)
	for _, r := range left[1:] {
		check(t, c.Record(t.Context(), []send.Change{ended(r, bouncedAt(time.Now()), time.Time{})}))
	}
	if _, claimed := c.leases[left[0].ID]; claimed {
		check(t, c.Record(t.Context(), []send.Change{ended(left[0], bouncedAt(time.Now()), time.Time{})}))
	}
	totals, err := c.Totals(t.Context())
	check(t, err)
	same(t, totals.Counts, Counts{
		Delivered: int64(len(batch) - len(left)), Bounced: int64(len(left)), Pending: 100,
	})
}

// TestDamaged proves that a broken file is called broken.
func TestDamaged(t *testing.T) {
	dir := t.TempDir()
	var list []string
	for i := range 2000 {
		list = append(list, fmt.Sprintf("%d@d.example", i))
	}
	l, c := openCampaign(t, dir, entries(list...))
	check(t, c.Close())
	check(t, l.Close())
	path := filepath.Join(dir, fileName)
	content, err := os.ReadFile(path)
	check(t, err)
	for i := 30 * 4096; i < len(content); i++ {
		content[i] = 0xa5
	}
	check(t, os.WriteFile(path, content, 0o600))
	l, err = Open(t.Context(), dir, Options{BootID: "boot"})
	if err == nil {
		defer func() { _ = l.Close() }()
		err = l.Export(t.Context(), "welcome", func(Recipient) error { return nil })
	}
	if !errors.Is(err, ErrDamaged) || len(delivery.Hints(err)) == 0 {
		t.Fatalf("%v, hints %q", err, delivery.Hints(err))
	}
}

// TestPlans proves that what is asked all the time reads nothing but what it
// returns.
func TestPlans(t *testing.T) {
	l, _ := openCampaign(t, t.TempDir(), entries("1@d.example"))
	for name, test := range map[string]struct {
		query string
		args  int
		want  []string // parts of the plan
	}{
		"due":  {selectDue, 4, []string{"states_due (destination=? AND due>? AND due<?)", "r USING INTEGER PRIMARY KEY"}},
		"new":  {selectNew, 3, []string{"recipients_by_destination (destination=? AND rowid>?)"}},
		"try":  {selectNextTry, 1, []string{"states_due (destination=?)"}},
		"next": {selectNextDue, 2, []string{"states_due (destination=?)"}},
		"destinations": {selectDestinations, 1, []string{
			"recipients_by_destination (destination=? AND rowid>?)", "states_due (destination=?)",
			"states_due (destination=? AND due<?)",
		}},
		"export": {selectRecipients, 3, []string{"r USING INTEGER PRIMARY KEY", "s USING INTEGER PRIMARY KEY", "a USING INTEGER PRIMARY KEY"}},
	} {
		rows, err := l.r.db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+test.query, make([]any, test.args)...)
		check(t, err)
		var plan []string
		for rows.Next() {
			var id, parent, unused int
			var detail string
			check(t, rows.Scan(&id, &parent, &unused, &detail))
			plan = append(plan, detail)
		}
		check(t, errors.Join(rows.Err(), rows.Close()))
		all := strings.Join(plan, "\n")
		for _, part := range test.want {
			if !strings.Contains(all, part) {
				t.Errorf("%s: the plan has no %q:\n%s", name, part, all)
			}
		}
		for _, line := range plan {
			if strings.HasPrefix(line, "SCAN") {
				t.Errorf("%s: the plan scans:\n%s", name, all)
			}
		}
	}
}

// TestSynced proves that a synced transaction syncs, and that the others are
// not made to wait for the disk.
func TestSynced(t *testing.T) {
	l, _ := openCampaign(t, t.TempDir(), nil)
	level := func(tx) error {
		var level int
		check(t, l.w.conn.QueryRowContext(t.Context(), "PRAGMA synchronous").Scan(&level))
		if level == 2 {
			return errStop
		}
		return nil
	}
	check(t, l.w.update(t.Context(), level))
	if err := l.w.updateSynced(t.Context(), level); !errors.Is(err, errStop) {
		t.Fatal("nothing was synced")
	}
	check(t, l.w.update(t.Context(), level))
}

// TestRecentChangesStaySmall proves that the file of recent changes is folded
// in while recipients are recorded, also while somebody exports.
func TestRecentChangesStaySmall(t *testing.T) {
	var list []string
	for i := range 1300 {
		list = append(list, fmt.Sprintf("%d@d.example", i))
	}
	l, c := openCampaign(t, t.TempDir(), entries(list...))
	biggest := int64(0)
	err := l.Export(t.Context(), "welcome", func(r Recipient) error {
		if r.Row%100 != 0 {
			return nil
		}
		batch, err := c.Claim(t.Context(), "d", 100, time.Time{})
		if err != nil {
			return err
		}
		for _, one := range batch {
			if err := c.Record(t.Context(), []send.Change{ended(one, deliveredAt(time.Now()), time.Time{})}); err != nil {
				return err
			}
		}
		info, err := os.Stat(l.path + "-wal")
		biggest = max(biggest, info.Size())
		return err
	})
	check(t, err)
	if most := int64(2 * checkpointPages * 4120); biggest > most {
		t.Errorf("it grew to %d bytes, more than %d", biggest, most)
	}
}

func TestPackIDs(t *testing.T) {
	for _, rows := range [][]int64{{}, {1}, {5, 3, 9}, {maxRow, 1}} {
		var leases []*lease
		var ids []int64
		for _, row := range rows {
			ids = append(ids, recipientID(7, row))
			leases = append(leases, &lease{id: recipientID(7, row)})
		}
		got, err := unpackIDs(7, packIDs(7, leases))
		check(t, err)
		same(t, got, ids)
	}
}

// FuzzUnpackIDs proves that a claim that is not readable is an error, and that
// whatever is read can be written again.
func FuzzUnpackIDs(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{2, 2, 2})
	f.Add([]byte{1})
	f.Add([]byte{0x80})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, packed []byte) {
		ids, err := unpackIDs(3, packed)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		var leases []*lease
		for _, id := range ids {
			if rowOf(id) < 0 || id>>rowBits != 3 {
				t.Fatalf("id %d", id)
			}
			leases = append(leases, &lease{id: id})
		}
		again, err := unpackIDs(3, packIDs(3, leases))
		check(t, err)
		same(t, again, ids)
	})
}

func TestEnhanced(t *testing.T) {
	for _, c := range []delivery.EnhancedCode{{}, {Class: 5, Subject: 1, Detail: 1}, {Class: 2}, {Class: 4, Subject: 999, Detail: 999}} {
		same(t, unpackEnhanced(packEnhanced(c)), c)
	}
}

// TestNamesAreBounded proves that kinds and peers are found again when more
// came than are remembered.
func TestNamesAreBounded(t *testing.T) {
	l, _ := openCampaign(t, t.TempDir(), nil)
	check(t, l.w.update(t.Context(), func(x tx) error {
		first, err := x.peer(peer{host: "mx0"})
		check(t, err)
		for i := range maxNames + 5 {
			_, err := x.peer(peer{host: fmt.Sprintf("mx%d", i)})
			check(t, err)
			_, err = x.kind(kind{code: i})
			check(t, err)
		}
		if len(x.w.names.peers) > maxNames || len(x.w.names.kinds) > maxNames {
			t.Errorf("%d peers, %d kinds", len(x.w.names.peers), len(x.w.names.kinds))
		}
		again, err := x.peer(peer{host: "mx0"})
		same(t, again, first)
		return err
	}))
}
