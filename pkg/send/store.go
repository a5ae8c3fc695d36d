package send

import (
	"context"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Recipient is one person of a campaign as the [Store] holds it.
type Recipient struct {
	ID       int64            // the store's key, unique within the campaign
	Row      int              // number of the row in the list, from 1
	Address  delivery.Address // whom to write to
	Data     []byte           // the row's fields, opaque to this package
	Attempts int              // attempts recorded so far
	First    time.Time        // when the first attempt ended; zero before it

	// Suppressed says that the recipient was put on the suppression list before the
	// claim. The store has noted that, and nothing may be recorded of them.
	Suppressed bool
	// Known says up to where the store knew the suppression list; it is the store's.
	Known int64
}

// A Change is one step in a recipient's life. Changes are recorded in the order
// they are given, and all changes of one call in one transaction.
type Change struct {
	Recipient int64
	// Attempt is what came of an attempt. When it is nil the change is an intent:
	// the message is about to be handed over, and should the process die before
	// an outcome is recorded, the recipient is unknown.
	Attempt *delivery.Attempt
	// Void takes an intent back: the message was certainly not delivered, and
	// the recipient is claimed as before. It goes without an Attempt.
	Void bool
	// NextTry is when a deferred recipient is due again.
	NextTry time.Time
}

// A Store remembers a campaign's recipients. It survives the death of the
// process at any instant; after that, whoever has an intent and no outcome is
// [delivery.OutcomeUnknown], and everyone else is safe to send to.
//
// Its methods are called from several goroutines.
type Store interface {
	// Destinations returns the keys that still have someone to be sent to, now
	// or later, in the order in which they first appear in the list.
	Destinations(ctx context.Context) ([]string, error)
	// Claim leases up to n recipients of a destination: those that are due again
	// by a time first, the zero time standing for now, then those never tried, in list order.
	// What it returns is on stable
	// storage as claimed, so that it must be called before the first byte of
	// their messages leaves. Recipients that were put on the suppression list
	// meanwhile are among the n, and not claimed. Less than n means that nobody
	// else is due now.
	Claim(ctx context.Context, destination string, n int, due time.Time) ([]Recipient, error)
	// Suppressed reports whether a claimed recipient was put on the suppression list
	// since. It is asked just before each message is handed over, and must be cheap.
	Suppressed(ctx context.Context, r Recipient) (bool, error)
	// Release gives back claimed recipients that were not tried.
	Release(ctx context.Context, ids []int64) error
	// NextDue returns when the next deferred recipient of a destination is due,
	// and false when none is waiting.
	NextDue(ctx context.Context, destination string) (time.Time, bool, error)
	// Record stores changes in one transaction. When it returns they survive the
	// death of the process. An attempt that ends as suppressed was none, and is not
	// counted as one.
	Record(ctx context.Context, changes []Change) error
}
