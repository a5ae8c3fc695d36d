package ledger

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// ErrWarming means that another process sends under a plan of a warm-up.
var ErrWarming = errors.New("another mailing under a warm-up plan is on its way")

// warmingLock is the file that is locked by who sends under a plan.
const warmingLock = "warmup.lock"

// BeginWarming keeps other processes from sending under a plan of a warm-up until
// end is called: all that is sent counts towards the same caps, and each process
// counts for itself. The error is [ErrWarming] when another process has begun.
func (l *Ledger) BeginWarming(ctx context.Context) (end func() error, err error) {
	path := filepath.Join(l.dir, warmingLock)
	lock, err := acquire(ctx, path, lockPatience)
	if errors.Is(err, errLocked) {
		return nil, delivery.Hint(fmt.Errorf("%w (process %d)", ErrWarming, holder(path)), "let it finish, or stop it: both count towards the same caps")
	}
	if err != nil {
		return nil, err
	}
	return lock.release, nil
}
