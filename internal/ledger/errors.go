package ledger

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Errors of the ledger. They come wrapped, and with hints.
var (
	ErrBusy       = errors.New("campaign is being worked on by another process")
	ErrChanged    = errors.New("campaign was begun with something else")
	ErrCancelled  = errors.New("campaign was cancelled")
	ErrNotFound   = errors.New("no such campaign")
	ErrName       = errors.New("not a name for a campaign")
	ErrNotReady   = errors.New("campaign's list is not taken in yet")
	ErrReady      = errors.New("campaign's list is taken in already")
	ErrNotClaimed = errors.New("recipient is not claimed")
	ErrBadEntry   = errors.New("entry cannot be taken in")
	ErrClosed     = errors.New("campaign is closed")

	ErrNewer    = errors.New("ledger was written by a newer mailctl")
	ErrForeign  = errors.New("file is not a ledger")
	ErrDamaged  = errors.New("ledger is damaged")
	ErrDiskFull = errors.New("disk is full")
	ErrReadOnly = errors.New("ledger cannot be written to")
	ErrOccupied = errors.New("another process has been writing to the ledger for too long")
)

// A BusyError is [ErrBusy] with the process that works on the campaign.
type BusyError struct {
	Campaign string
	PID      int // 0 when it cannot be told
}

func (e *BusyError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("campaign %q is being worked on by another process", e.Campaign)
	}
	return fmt.Sprintf("campaign %q is being worked on by process %d", e.Campaign, e.PID)
}

// Is makes the error match [ErrBusy].
func (e *BusyError) Is(target error) bool { return target == ErrBusy }

// A ChangedError is [ErrChanged] with what differs.
type ChangedError struct {
	Campaign string
	What     string // "choice of rows", "list", "message", "sender" or "via"
	Was, Now string // its names
}

func (e *ChangedError) Error() string {
	if e.Was == e.Now {
		return fmt.Sprintf("the %s %q has changed since campaign %q was begun", e.What, e.Now, e.Campaign)
	}
	return fmt.Sprintf("campaign %q was begun with the %s %q, not %q", e.Campaign, e.What, e.Was, e.Now)
}

// Is makes the error match [ErrChanged].
func (e *ChangedError) Is(target error) bool { return target == ErrChanged }

// explain says of an error of the database what it means and what to do. Other
// errors stay what they are.
func (l *Ledger) explain(err error) error {
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return err
	}
	var cause error
	var hint string
	switch failure.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		cause, hint = ErrDiskFull, makeRoom
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		cause, hint = ErrReadOnly, "check who owns the state folder and its files, or choose another one with --state"
	case sqlite3.SQLITE_NOTADB:
		cause, hint = ErrForeign, "choose another folder with --state, or move that file away"
	case sqlite3.SQLITE_CORRUPT:
		cause, hint = ErrDamaged, "keep a copy of the state folder, and bring the ledger back from a backup or with: sqlite3 ledger.db .recover"
	case sqlite3.SQLITE_BUSY:
		cause, hint = ErrOccupied, "wait for the other mailctl to finish, or stop it"
	case sqlite3.SQLITE_IOERR:
		cause, hint = errIO, "check that the disk of the state folder has room and is healthy; what was reported as done is kept"
	default:
		return fmt.Errorf("ledger %q: %w", l.path, err)
	}
	return delivery.Hint(fmt.Errorf("ledger %q: %w (%w)", l.path, cause, err), hint)
}

// makeRoom says what to do about a full disk.
const makeRoom = "make room on the disk of the state folder and run the same command again; nothing is lost"

// errIO is any other failure of the disk.
var errIO = errors.New("disk error")

// isDuplicate reports whether a row was refused because its key is there.
func isDuplicate(err error) bool {
	var failure *sqlite.Error
	return errors.As(err, &failure) && failure.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}
